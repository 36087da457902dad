"""Candidates as a company of some weeks has them: in every state, by people and by tokens."""

from datetime import timedelta

from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.names import NAMES
from candidates.demo.states import bring_to
from candidates.demo.tokens import BRIDGE, CAMPUS, EXPIRED, HRMS
from candidates.models import (
    Candidate,
    Case,
    CaseCheck,
    CaseStatus,
    Category,
    CreditEntry,
    LogEntry,
    Subtype,
    Tag,
)
from candidates.services.add import add_candidate

ADDERS = [
    "admin@acme.test", CAMPUS, "admin2@acme.test", HRMS, "hr@acme.test", BRIDGE, CAMPUS,
    "recruiter@acme.test", HRMS, EXPIRED,
]  # fmt: skip
"""Who adds one after the other: a person's e-mail or a token's name."""
STATES = list(CaseStatus)
FIRST_PHONE = 9_845_012_300
NEWEST = timedelta(hours=3)
GAP = timedelta(hours=19)
TURN = timedelta(hours=7)
"""From being added to the next state."""


def make_acme_candidates(company, people, tokens):
    """Forty, oldest first so that ids and dates agree."""
    actors = {email: Actor(person) for email, person in people.items()}
    actors |= {name: Actor(token.user, token) for name, token in tokens.items()}
    make_candidates(company, NAMES, [actors[who] for who in ADDERS], people["ops@svportal.test"])


def make_globex_candidates(company, people):
    actors = [Actor(people["admin@globex.test"])]
    make_candidates(company, NAMES[:5], actors, people["ops@svportal.test"])


def make_candidates(company, names, actors, staff):
    subtypes = list(Subtype.objects.filter(package__company=company).select_related("package"))
    categories = [None, *Category.objects.filter(company=company)]
    tags = list(Tag.objects.filter(company=company))
    for index, (name, address) in enumerate(names):
        candidate = add_candidate(
            company=company,
            actor=actors[index % len(actors)],
            subtype=subtypes[index % len(subtypes)],
            tags=tags[index % 3 : index % 3 + index % 2],
            category=categories[index % len(categories)],
            name=name,
            email=f"{address}@example.in",
            **details(index),
        )
        status = STATES[(index + 7) % len(STATES)]
        bring_to(case=candidate.case, status=status, actor=Actor(staff))
        move_back(candidate, NEWEST + (len(names) - 1 - index) * GAP)


def details(index):
    """What differs from one to the next."""
    return {
        "phone": str(FIRST_PHONE + index),
        "employee_id": f"AC-{2200 + index}" if index % 2 else "",
        "uan_number": f"1009042311{index:02}" if index % 3 == 0 else "",
        "resume_url": f"https://files.example.in/resumes/{index + 1}.pdf" if index % 4 else "",
    }


def move_back(candidate, ago):
    """As if the candidate had been added *ago* and moved on some hours later."""
    added = timezone.now() - ago
    moved = min(added + TURN, timezone.now())
    Candidate.objects.filter(pk=candidate.pk).update(created_at=added)
    cases = Case.objects.filter(candidate=candidate)
    cases.update(initiated_at=added, updated_at=moved)
    cases.exclude(completed_at=None).update(completed_at=moved)
    CaseCheck.objects.filter(case__in=cases).update(updated_at=moved)
    CreditEntry.objects.filter(candidate=candidate).update(at=added)
    LogEntry.objects.filter(candidate=candidate, kind=LogEntry.Kind.ADDED).update(at=added)
    LogEntry.objects.filter(candidate=candidate).exclude(kind=LogEntry.Kind.ADDED).update(at=moved)
