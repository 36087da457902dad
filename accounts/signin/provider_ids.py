"""Ids by which allauth knows the companies' own identity providers: stable, and nobody else's."""

SSO = "sso"


def provider_of(company_id):
    return f"{SSO}-{company_id}"


def company_of(provider_id):
    """The company whose provider that is, or None."""
    prefix, _dash, number = provider_id.partition("-")
    return int(number) if prefix == SSO and number.isdecimal() else None
