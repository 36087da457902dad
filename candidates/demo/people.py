"""Two companies, their people, and one of our own staff."""

from django.contrib.auth.hashers import check_password, make_password

from accounts.models import AccessLevel, Company, User

COMPANIES = [("acme", "Acme Corp"), ("globex", "Globex")]

PEOPLE = [
    ("admin@acme.test", "Asha Rao", "acme", AccessLevel.ADMIN),
    ("admin2@acme.test", "Vikram Shah", "acme", AccessLevel.ADMIN),
    ("hr@acme.test", "Joseph D’Souza", "acme", AccessLevel.HR),
    ("recruiter@acme.test", "Kavya Reddy", "acme", AccessLevel.RECRUITER),
    ("admin@globex.test", "Rahul Menon", "globex", AccessLevel.ADMIN),
]
LEAVER = ("priya@acme.test", "Priya Nair", "acme", AccessLevel.ADMIN)
"""Made an HR person once her token has been used: the token stops."""
STAFF = "ops@svportal.test"
TWO_STEPS = "admin2@acme.test"
"""Signs in with the code of an app besides the password."""


def make_companies():
    """The companies by slug."""
    return {
        slug: Company.objects.get_or_create(slug=slug, defaults={"name": name})[0]
        for slug, name in COMPANIES
    }


def make_people(companies):
    """Everyone by e-mail, without a usable password until ``set_passwords``."""
    people = {
        email: make_person(email, name=name, company=companies[slug], access_level=level)
        for email, name, slug, level in [*PEOPLE, LEAVER]
    }
    people[STAFF] = make_person(STAFF, name="Operations", is_staff=True, is_superuser=True)
    return people


def make_person(email, **fields):
    defaults = {"password": make_password(None), **fields}
    return User.objects.get_or_create(email=email, defaults=defaults)[0]


def set_passwords(people, password):
    """One password for all, hashed once, and not at all when it is theirs already."""
    encoded = people[STAFF].password
    if not check_password(password, encoded):
        encoded = make_password(password)
    mine = User.objects.filter(pk__in=[person.pk for person in people.values()])
    mine.exclude(password=encoded).update(password=encoded)


def demote(person):
    person.access_level = AccessLevel.HR
    person.save(update_fields=["access_level"])
