"""Adding a candidate: the one way in, for pages and the API alike."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Company
from apitokens.attribution import Actor
from candidates.exceptions import DuplicateCandidate
from candidates.models import AddOn, Candidate, Case, FilledBy, LogEntry, Subtype, Tag
from candidates.services.credits import pay, take_credit
from candidates.services.log import record
from candidates.services.ordering import checks_to_order, order, price_of
from candidates.signals import candidates_added

UNIQUE_WHILE_UNFINISHED = ("email", "phone", "employee_id")


def add_candidate(
    *,
    company: Company,
    actor: Actor,
    subtype: Subtype,
    add_ons: Iterable[AddOn] = (),
    tags: Iterable[Tag] = (),
    config: dict[str, Any] | None = None,
    filled_by: FilledBy = FilledBy.CANDIDATE,
    **fields: Any,
) -> Candidate:
    """Add a candidate of *company* with a case of *subtype* in state 3; take a credit, and rupees.

    *fields* are columns of Candidate that have been validated; tags, category, subtype and
    *add_ons* (with their ``kind``) are of the same company. A signed consent letter is a consent.
    All or nothing. Raises DuplicateCandidate, NoCredits, NoFunds, AddOnsIncomplete.
    """
    included, extra = checks_to_order(subtype, add_ons)
    candidate = Candidate(company=company, **fields, **Candidate.by(actor))
    candidate.claim_identity()
    try:
        with transaction.atomic():
            candidate.save(force_insert=True)
            take_credit(subtype.package, candidate, actor)
            pay(company, price_of(extra), candidate, actor)
            candidate.tags.set(tags)
            case = Case.objects.create(
                candidate=candidate,
                company=company,
                subtype=subtype,
                config=config or {},
                filled_by=filled_by,
                consented_at=timezone.now() if has_consent_letter(candidate) else None,
            )
            order(case, included, extra)
            record(candidate, LogEntry.Kind.ADDED, actor)
            announce_added([candidate])
    except IntegrityError:
        raise_if_duplicate(candidate)
        raise
    return candidate


def announce_added(candidates: Sequence[Candidate]) -> None:
    """Tell the apps above, inside the caller's transaction.

    Whoever writes *candidates*, with their cases, past ``add_candidate`` calls this.
    """
    candidates_added.send(sender=Candidate, candidates=candidates)


def has_consent_letter(candidate: Candidate) -> bool:
    return candidate.is_consent_undertaking_letter and bool(candidate.consent_url)


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
