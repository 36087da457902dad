"""What the demo companies can order, and how they sort their candidates."""

from apitokens.attribution import Actor
from candidates.models import (
    AddOn,
    Category,
    Check,
    CreditEntry,
    Package,
    Subtype,
    Tag,
    Wallet,
)
from candidates.services.credits import change_credits, change_rupees

CHECKS = [
    ("identity", "Identity", "person-vcard"),
    ("address", "Address", "house"),
    ("education", "Education", "mortarboard"),
    ("employment", "Employment", "briefcase"),
    ("court-record", "Court record", "bank"),
    ("reference", "Reference", "chat-quote"),
    ("world-check", "World check", "globe2"),
    ("credit", "Credit", "credit-card"),
    ("drug", "Drug, 5 panel", "droplet"),
]

DESCRIPTIONS = {
    "reference": "One former manager",
    "world-check": "Sanctions and watch lists",
    "credit": "Score and open loans, needs PAN",
    "drug": "5 panel, at a lab near the candidate",
    "court-record": "Courts of the last addresses",
}
ADD_ONS = {"world-check": 250, "credit": 180, "reference": 300, "drug": 950, "court-record": 220}
"""Rupees."""
WALLET = 12_400
CREDITS = {"Standard": 10_000, "Executive": 5_000, "Freshers": 2_000}

SCHOOL = ["identity", "address", "education"]
WORK = ["education", "employment"]  # product.md §4: these two go together
SUBTYPES = [
    ("Standard", "Freshers", "Standard for freshers", [*SCHOOL, "court-record"]),
    ("Standard", "Experienced", "Standard for experienced people",
     ["identity", "address", *WORK, "court-record"]),
    ("Executive", "Leadership", "Executive for leaders",
     ["identity", "address", *WORK, "court-record", "reference", "world-check", "credit", "drug"]),
    ("Executive", "Experienced", "Executive for experienced people",
     ["identity", "address", *WORK, "reference", "world-check"]),
    ("Freshers", "Education", "Freshers, education only", ["identity", "education"]),
    ("Freshers", "Campus", "Freshers from a campus day", SCHOOL),
]  # fmt: skip

CATEGORIES = ["Engineering", "Finance", "Operations", "Sales"]
TAGS = ["Bengaluru", "Mumbai", "Q4 intake", "Remote"]


def make_checks():
    """The nine checks by code."""
    return {
        code: Check.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "icon": icon,
                "position": position,
                "description": DESCRIPTIONS.get(code, ""),
            },
        )[0]
        for position, (code, name, icon) in enumerate(CHECKS)
    }


def make_catalogue(company, checks, staff):
    """Packages, add-ons, categories and tags of *company*; what is there stays as it is."""
    packages = {name: make_package(company, name, CREDITS[name], staff) for name in CREDITS}
    make_add_ons(company, checks, staff)
    for package, name, friendly_name, codes in SUBTYPES:
        make_subtype(packages[package], name, friendly_name, [checks[code] for code in codes])
    for model, names in ((Category, CATEGORIES), (Tag, TAGS)):
        for name in names:
            model.objects.get_or_create(company=company, name=name)


def give_category(person, name):
    person.categories.add(Category.objects.get(company=person.company, name=name))


def make_package(company, name, credits, staff):
    package, made = Package.objects.get_or_create(company=company, name=name)
    if made:
        change_credits(package, credits, reason=CreditEntry.Reason.BOUGHT, actor=Actor(staff))
    return package


def make_add_ons(company, checks, staff):
    for code, price in ADD_ONS.items():
        AddOn.objects.get_or_create(company=company, kind=checks[code], defaults={"price": price})
    if not Wallet.objects.filter(company=company).exists():
        change_rupees(company, WALLET, reason=CreditEntry.Reason.BOUGHT, actor=Actor(staff))


def make_subtype(package, name, friendly_name, checks):
    subtype, made = Subtype.objects.get_or_create(
        package=package, name=name, defaults={"friendly_name": friendly_name}
    )
    if made:
        subtype.checks.set(checks)
