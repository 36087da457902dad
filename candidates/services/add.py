"""Adding a candidate: the one way in, for pages and the API alike."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Company
from apitokens.attribution import Actor
from candidates.exceptions import DuplicateCandidate
from candidates.models import Candidate, Case, LogEntry, Subtype, Tag
from candidates.services.credits import take_credit

UNIQUE_WHILE_UNFINISHED = ("email", "phone", "employee_id")


def add_candidate(
    *,
    company: Company,
    actor: Actor,
    subtype: Subtype,
    tags: Iterable[Tag] = (),
    config: dict[str, Any] | None = None,
    **fields: Any,
) -> Candidate:
    """Add a candidate of *company* with a case of *subtype* in state 3, and take one credit.

    *fields* are columns of Candidate that have been validated; tags, category and subtype are of
    the same company. All or nothing. Raises DuplicateCandidate, NoCredits.
    """
    candidate = Candidate(company=company, **fields, **Candidate.by(actor))
    candidate.claim_identity()
    try:
        with transaction.atomic():
            take_credit(subtype.package)
            candidate.save(force_insert=True)
            candidate.tags.set(tags)
            Case.objects.create(
                candidate=candidate,
                company=company,
                subtype=subtype,
                config=config or {},
            )
            LogEntry.objects.create(
                candidate=candidate, kind=LogEntry.Kind.ADDED, **LogEntry.by(actor)
            )
    except IntegrityError:
        raise_if_duplicate(candidate)
        raise
    return candidate


def raise_if_duplicate(candidate: Candidate) -> None:
    """Raise DuplicateCandidate when unfinished cases of the company are the same person."""
    columns = {name: f"live_{name}" for name in UNIQUE_WHILE_UNFINISHED}
    others = {
        name: other
        for name, column in columns.items()
        if (value := getattr(candidate, column)) is not None
        and (other := _who_has(candidate.company, column, value))
    }
    if others:
        raise DuplicateCandidate(others)


def _who_has(company: Company, column: str, value: str) -> Candidate | None:
    return Candidate.objects.for_company(company).filter(**{column: value}).first()
