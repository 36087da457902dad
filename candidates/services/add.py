"""Adding candidates: the one way in, for pages, the API and files alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Company
from apitokens.attribution import Actor
from candidates.exceptions import DuplicateCandidate
from candidates.models import (
    AddOn,
    Candidate,
    CandidateTag,
    Case,
    FilledBy,
    LogEntry,
    Subtype,
    Tag,
)
from candidates.services.credits import pay, take_credits
from candidates.services.log import record_all
from candidates.services.ordering import checks_to_order, order_all, price_of
from candidates.signals import candidates_added

UNIQUE_WHILE_UNFINISHED = ("email", "phone", "employee_id")


@dataclass(frozen=True, slots=True)
class Person:
    """One who is added: columns of Candidate that have been validated, and their tags."""

    fields: dict[str, Any]
    tags: Iterable[Tag] = field(default=())


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
    """``add_candidates`` of one, *fields* and *tags* being theirs.

    Raises DuplicateCandidate, naming who it is, NoCredits, NoFunds, AddOnsIncomplete.
    """
    try:
        [candidate] = add_candidates(
            company=company, actor=actor, subtype=subtype, people=[Person(fields, tags)],
            add_ons=add_ons, config=config, filled_by=filled_by,
        )  # fmt: skip
    except IntegrityError:
        raise_if_duplicate(as_candidate(company, actor, fields))
        raise
    return candidate


@transaction.atomic
def add_candidates(
    *,
    company: Company,
    actor: Actor,
    subtype: Subtype,
    people: Sequence[Person],
    add_ons: Iterable[AddOn] = (),
    config: dict[str, Any] | None = None,
    filled_by: FilledBy = FilledBy.CANDIDATE,
) -> list[Candidate]:
    """Add *people* to *company*, each with a case of *subtype* in state 3; take a credit each.

    Tags, category, subtype and *add_ons* (with their ``kind``) are of the same company; add-ons
    are paid for each. A signed consent letter is a consent. All or nothing, and as many queries
    for a thousand as for one. Raises NoCredits, NoFunds, AddOnsIncomplete, and IntegrityError when
    unfinished cases of the company, or two of *people*, are the same person: ``who_has`` tells.
    """
    included, extra = checks_to_order(subtype, add_ons)
    candidates = Candidate.objects.bulk_create(
        as_candidate(company, actor, person.fields) for person in people
    )
    take_credits(subtype.package, candidates, actor)
    for candidate in candidates if extra else ():
        pay(company, price_of(extra), candidate, actor)
    _tag(candidates, people)
    cases = Case.objects.bulk_create(
        Case(
            candidate=candidate,
            company=company,
            subtype=subtype,
            config=config or {},
            filled_by=filled_by,
            consented_at=timezone.now() if has_consent_letter(candidate) else None,
        )
        for candidate in candidates
    )
    order_all(cases, included, extra)
    record_all(LogEntry.Kind.ADDED, actor, ((candidate, {}) for candidate in candidates))
    announce_added(candidates)
    return candidates


def as_candidate(company: Company, actor: Actor, fields: dict[str, Any]) -> Candidate:
    """The row that would be written: nobody else of the company may be this one."""
    candidate = Candidate(company=company, **fields, **Candidate.by(actor))
    candidate.claim_identity()
    return candidate


def _tag(candidates: Iterable[Candidate], people: Iterable[Person]) -> None:
    CandidateTag.objects.bulk_create(
        CandidateTag(candidate_id=candidate.pk, tag_id=tag.pk)
        for candidate, person in zip(candidates, people, strict=True)
        for tag in {tag.pk: tag for tag in person.tags}.values()
    )


def announce_added(candidates: Sequence[Candidate]) -> None:
    """Tell the apps above, inside the caller's transaction.

    Whoever writes *candidates*, with their cases, past ``add_candidates`` calls this.
    """
    candidates_added.send(sender=Candidate, candidates=candidates)


def has_consent_letter(candidate: Candidate) -> bool:
    return candidate.is_consent_undertaking_letter and bool(candidate.consent_url)


def raise_if_duplicate(candidate: Candidate) -> None:
    """Raise DuplicateCandidate when unfinished cases of the company are the same person."""
    [others] = who_has(candidate.company, [candidate])
    if others:
        raise DuplicateCandidate(others)


def who_has(company: Company, candidates: Sequence[Candidate]) -> list[dict[str, Candidate]]:
    """For each of *candidates*, by field, whose unfinished case of *company* has its value.

    One query a field, whatever their number.
    """
    known = {name: _holders(company, name, candidates) for name in UNIQUE_WHILE_UNFINISHED}
    return [
        {name: other for name, holders in known.items()
         if (other := holders.get(identity(candidate, name)))}
        for candidate in candidates
    ]  # fmt: skip


def identity(candidate: Candidate, name: str) -> str | None:
    """The value of a field by which nobody else may be *candidate*, or None."""
    return getattr(candidate, f"live_{name}")


def _holders(
    company: Company, name: str, candidates: Iterable[Candidate]
) -> dict[str | None, Candidate]:
    wanted = {value for candidate in candidates if (value := identity(candidate, name))}
    rows = Candidate.objects.for_company(company).filter(**{f"live_{name}__in": wanted})
    return {identity(row, name): row for row in rows} if wanted else {}
