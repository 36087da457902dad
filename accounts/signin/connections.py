"""Which company's identity provider somebody is sent to."""

from accounts.models import SingleSignOn, normalise_email
from accounts.signin.provider_ids import SSO, company_of


def in_use():
    companies = SingleSignOn.objects.select_related("company__security_policy")
    return companies.filter(company__is_active=True)


def connection_of(provider_id):
    """By the id that allauth knows, or None."""
    company_id = company_of(provider_id)
    return None if company_id is None else in_use().filter(company_id=company_id).first()


def connection_to_begin(name):
    """By a person's e-mail or a company's sign-in name, or None: there is none, or it is switched
    off. One query either way.
    """
    name = normalise_email(name)
    by = {"company__users__email": name} if "@" in name else {"company__slug": name}
    found = in_use().filter(**by).first()
    return found if found and found.company.security.allows_method(SSO) else None


def connection_to_end(slug):
    """Of the company whose provider sends somebody back, or None. The gate says the rest."""
    return in_use().filter(company__slug=slug).first()
