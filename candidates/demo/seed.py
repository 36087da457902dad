"""The whole demo: all of it or nothing, and on a second run nothing again."""

from dataclasses import dataclass

from django.db import transaction

from accounts.signin.second_factor import app_secret
from candidates.demo import candidates, catalogue, people, tokens
from candidates.models import Candidate, Subtype


@dataclass(frozen=True, slots=True)
class Demo:
    """What to tell about it: who can sign in, and how to call the API.

    *app_secret* is that of the authenticator app of ``people.TWO_STEPS``.
    """

    people: list
    app_secret: str
    jwt: str
    subtype: Subtype


@transaction.atomic
def seed(password):
    """Make what is missing of the demo, and give everyone *password*."""
    companies = people.make_companies()
    persons = people.make_people(companies)
    people.set_passwords(persons, password)
    checks = catalogue.make_checks()
    for company in companies.values():
        catalogue.make_catalogue(company, checks, persons["ops@svportal.test"])
    fill_acme(companies["acme"], persons)
    if not Candidate.objects.for_company(companies["globex"]).exists():
        candidates.make_globex_candidates(companies["globex"], persons)
    return describe(companies["acme"], persons)


def fill_acme(acme, persons):
    admin, leaver = persons["admin@acme.test"], persons["priya@acme.test"]
    if tokens.existing_token(acme, tokens.CAMPUS) is None:
        made = tokens.make_tokens(acme, admin, leaver)
        candidates.make_acme_candidates(acme, persons, made)
        tokens.age_tokens(made, admin)
        people.demote(leaver)
        catalogue.give_category(persons["hr@acme.test"], "Engineering")
    tokens.renew_short_lived(acme, admin)


def describe(acme, persons):
    subtypes = Subtype.objects.filter(package__company=acme, package__is_active=True)
    return Demo(
        people=[person for person in persons.values() if person.is_active],
        app_secret=app_secret(persons[people.TWO_STEPS]),
        jwt=tokens.command_line_jwt(acme, persons["admin@acme.test"]),
        subtype=subtypes.order_by("-package__credits", "pk").first(),
    )
