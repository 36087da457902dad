"""A candidate's personal data goes. The skeleton of the case, its credits and its log stay."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.security.audit import record as record_event
from accounts.security.models import SecurityEvent
from apitokens.attribution import Actor
from candidates.models import (
    BulkRow,
    Candidate,
    CandidateDraft,
    Case,
    CreditEntry,
    Decision,
    LogEntry,
    Reason,
    VerificationForm,
)
from candidates.services.cases import locked, mark_decided
from candidates.services.log import record
from candidates.signals import candidate_erased
from candidates.validators import ten_digits

logger = logging.getLogger("candidates.erasure")

NOTHING: dict[str, Any] = {
    "email": "", "alternate_email": "", "phone": "", "alternate_phone": "", "employee_id": "",
    "uan_number": "", "resume_url": "", "consent_url": "", "meta_data": {},
    "live_email": None, "live_phone": None, "live_employee_id": None,
}  # fmt: skip
"""Columns of the candidate, and what stands there afterwards."""

KEPT_OF_LINES = {
    "act", "after", "automatic", "before", "check", "check_status", "document", "fields",
    "person", "reason", "step", "until",
}  # fmt: skip
"""What the data of a line may hold: words of the catalogue and of ours, and our staff's names."""


@transaction.atomic
def erase(*, candidate: Candidate, actor: Actor, tell: bool = True) -> bool:
    """Erase *candidate*; whether that was still to do. Nothing of it can be taken back.

    A case that isn't finished is cancelled; its credit is not given back. Files go when the
    transaction is committed; one that can't be deleted then is found by ``candidates_prune``,
    because no row names it. Without *tell* the company's security history gets no line.
    """
    case = locked(Case(pk=candidate.pk))
    if case.candidate.is_erased:
        return False
    candidate_erased.send(Candidate, candidate=case.candidate)
    _forget_what_was_typed(case.candidate)
    _empty(case)
    case.candidate.refresh_from_db()
    _tidy_log(case.candidate)
    if not case.is_finished:
        # Behind the rest: whoever is told of it is told no name any more.
        mark_decided(case, Decision.CANCELLED, actor, Reason.ERASED)
    record(case.candidate, LogEntry.Kind.ERASED, actor)
    if tell:
        record_event(
            case.company_id, SecurityEvent.Kind.ERASED,
            actor=actor.user, address=actor.address, candidate=case.pk,
        )  # fmt: skip
    # After a restore of an older backup this says who must be erased again.
    transaction.on_commit(lambda: logger.info("candidate %s erased", case.pk))
    return True


def _forget_what_was_typed(candidate: Candidate) -> None:
    """Form, documents and kept answers; also drafts about the same person that nobody finished."""
    VerificationForm.objects.filter(pk=candidate.pk).delete()
    candidate.documents.all().delete()
    candidate.answers.all().delete()
    same = Q(candidate=candidate)
    if candidate.phone:
        same |= Q(details__phone=candidate.phone)
    if candidate.email:
        same |= Q(details__email__iexact=candidate.email)
    CandidateDraft.objects.filter(same, company=candidate.company_id).delete()
    _forget_rows_of_files(candidate)


def _forget_rows_of_files(candidate: Candidate) -> None:
    """Rows about the same person, of files that are not added yet: as they stood in the file."""
    rows = BulkRow.objects.filter(bulk__company=candidate.company_id)
    same = [
        pk
        for pk, values in rows.values_list("pk", "values").iterator(chunk_size=1000)
        if _is_said_of(candidate, values)
    ]
    if same:
        rows.filter(pk__in=same).delete()


def _is_said_of(candidate: Candidate, values: dict[str, str]) -> bool:
    phone, email = ten_digits(values.get("phone", "")), values.get("email", "").strip()
    return bool(
        (candidate.phone and phone == candidate.phone)
        or (candidate.email and email.casefold() == candidate.email.casefold())
    )


def _empty(case: Case) -> None:
    """Columns of the candidate and of all that stays."""
    case.candidate.tags.clear()
    case.checks.update(stated="", found="", note="")
    case.config = {}
    case.save(update_fields=["config"])
    CreditEntry.objects.filter(candidate=case.pk).update(note="")
    Candidate.objects.filter(pk=case.pk).update(
        name=gettext("Erased candidate"), erased_at=timezone.now(), **NOTHING
    )


def _tidy_log(candidate: Candidate) -> None:
    """Lines stay without the candidate's address, and with nothing that we don't know."""
    candidate.log.filter(by_candidate=True).update(address=None)
    strange = [line for line in candidate.log.all() if line.data.keys() - KEPT_OF_LINES]
    for line in strange:
        line.data = {key: line.data[key] for key in line.data.keys() & KEPT_OF_LINES}
    LogEntry.objects.bulk_update(strange, ["data"])
