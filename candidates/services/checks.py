"""Work on the checks of a case; its state follows at once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.exceptions import NotAllowedNow, NothingBrought
from candidates.models import Case, CaseCheck, CheckStatus, Document, LogEntry, Reason
from candidates.services.cases import locked_for_work, settle
from candidates.services.log import record, record_all
from candidates.signals import report_changed

WORKED = {
    CheckStatus.PROCESSING,
    CheckStatus.IN_PROGRESS,
    CheckStatus.VERIFIED,
    CheckStatus.MAJOR,
    CheckStatus.MINOR,
    CheckStatus.INCONCLUSIVE,
    CheckStatus.INSUFFICIENCY,
}
"""States that work leads to; holding, closing and taking up again are functions of their own."""


@transaction.atomic
def set_check(*, check: CaseCheck, status: CheckStatus, actor: Actor, found: str = "") -> CaseCheck:
    """Move *check* to a state of WORKED, with what was *found*; the state of the case follows.

    The same state and words again do nothing. Raises NotAllowedNow for a check that is held or
    closed, and for another state than those.
    """
    case, check = _locked(check)
    if status not in WORKED or check.status in {CheckStatus.ON_HOLD, CheckStatus.CLOSED}:
        raise NotAllowedNow(check.get_status_display())
    if (check.status, check.found) == (status, found):
        return check
    moved = check.status != status
    _move(check, status, found=found)
    if moved:
        record(
            case.candidate, LogEntry.Kind.CHECK_CHANGED, actor,
            check=check.kind.name, check_status=str(status),
        )  # fmt: skip
    _settle(case, actor)
    return check


@transaction.atomic
def hold_check(*, check: CaseCheck, reason: Reason, until: datetime, actor: Actor) -> CaseCheck:
    """Stop work on *check* until a moment. Raises NotAllowedNow when it or its case is finished."""
    case, check = _locked(check)
    if check.is_finished or case.is_finished:
        raise NotAllowedNow(check.get_status_display())
    before = check.before_hold if check.status == CheckStatus.ON_HOLD else check.status
    _move(check, CheckStatus.ON_HOLD, reason=reason, held_until=until, before_hold=before)
    record(
        case.candidate, LogEntry.Kind.CHECK_CHANGED, actor, act="hold",
        check=check.kind.name, reason=str(reason), until=until.isoformat(),
    )  # fmt: skip
    _settle(case, actor)
    return check


@transaction.atomic
def close_check(*, check: CaseCheck, reason: Reason, actor: Actor) -> CaseCheck:
    """Give *check* up. Raises NotAllowedNow when it or its case is finished."""
    case, check = _locked(check)
    if check.is_finished or case.is_finished:
        raise NotAllowedNow(check.get_status_display())
    _move(check, CheckStatus.CLOSED, reason=reason, held_until=None, before_hold="")
    record(
        case.candidate, LogEntry.Kind.CHECK_CHANGED, actor, act="close",
        check=check.kind.name, reason=str(reason),
    )  # fmt: skip
    _settle(case, actor)
    return check


@transaction.atomic
def resume_check(*, check: CaseCheck, actor: Actor) -> CaseCheck:
    """Take up a check that is held, where it stood, or one that is closed, from the beginning.

    Another one is left as it is.
    """
    case, check = _locked(check)
    if check.status not in {CheckStatus.ON_HOLD, CheckStatus.CLOSED}:
        return check
    return _take_up(case, check, actor)


@transaction.atomic
def end_hold_of(*, check: CaseCheck, actor: Actor) -> CaseCheck:
    """Take *check* up before the end of its hold. Raises NotAllowedNow for one that isn't held,
    closed ones among them, and in a case that is finished.
    """
    case, check = _locked(check)
    if check.status != CheckStatus.ON_HOLD or case.is_finished:
        raise NotAllowedNow(check.get_status_display())
    return _take_up(case, check, actor)


def _take_up(case: Case, check: CaseCheck, actor: Actor) -> CaseCheck:
    status = CheckStatus(check.before_hold or CheckStatus.PROCESSING)
    _move(check, status, reason="", held_until=None, before_hold="")
    record(case.candidate, LogEntry.Kind.CHECK_CHANGED, actor, act="resume", check=check.kind.name)
    _settle(case, actor)
    return check


def may_be_asked(case: Case) -> bool:
    """Whether somebody may send more for *case*: its form is sent and work on it goes on."""
    sent = case.submitted_at is not None and case.consented_at is not None
    return sent and not case.decision and not case.is_finished


def asked_of(case: Case) -> list[CaseCheck]:
    """The checks of *case* that lack something: whoever sent the form may send more for them."""
    if not may_be_asked(case):
        return []
    lacking = CaseCheck.objects.filter(case=case.pk, status=CheckStatus.INSUFFICIENCY)
    return list(lacking.select_related("kind").prefetch_related("documents"))


def brought_for(check: CaseCheck) -> list[Document]:
    """The documents that came since *check* lacks something."""
    return [document for document in check.documents.all() if document.at >= check.updated_at]


@transaction.atomic
def answer_check(*, check: CaseCheck, actor: Actor | None, address: str | None = None) -> CaseCheck:
    """What was missing is there: work on *check* goes on. Without *actor* the candidate says so.

    Raises NothingBrought, and NotAllowedNow when nothing is missing or the case is held or over.
    """
    case, check = _locked(check)
    if check.status != CheckStatus.INSUFFICIENCY or case.decision:
        raise NotAllowedNow(check.get_status_display())
    if not brought_for(check):
        raise NothingBrought
    _move(check, CheckStatus.IN_PROGRESS, found="")
    record(
        case.candidate, LogEntry.Kind.CHECK_CHANGED, actor, address=address,
        act="answer", check=check.kind.name,
    )  # fmt: skip
    _settle(case, actor)
    return check


@transaction.atomic
def assign(*, checks: Iterable[CaseCheck], person: Any | None, actor: Actor) -> int:
    """Give *checks* to a person of our staff, or to nobody; how many changed hands.

    No state follows from it, so nothing is locked. Three queries for any number of checks.
    """
    keys = [check.pk for check in checks]
    rows = CaseCheck.objects.filter(pk__in=keys).select_related("kind", "case__candidate")
    moved = [check for check in rows if check.assigned_to_id != (person.pk if person else None)]
    CaseCheck.objects.filter(pk__in=[check.pk for check in moved]).update(assigned_to=person)
    record_all(
        LogEntry.Kind.CHECK_ASSIGNED,
        actor,
        [
            (check.case.candidate, {"check": check.kind.name, "person": str(person or "—")})
            for check in moved
        ],
    )
    return len(moved)


def _locked(check: CaseCheck) -> tuple[Case, CaseCheck]:
    """The case first, always: so two people at two checks of one case wait for each other."""
    case = locked_for_work(Case(pk=check.case_id))
    return case, CaseCheck.objects.select_related("kind").get(pk=check.pk)


def _settle(case: Case, actor: Actor | None) -> None:
    """The state of the case follows; where a finished one keeps it, its report alone is another."""
    before = case.status
    settle(case, actor)
    if case.is_finished and case.status == before:
        report_changed.send(sender=Case, case=case)


def _move(check: CaseCheck, status: CheckStatus, **columns: Any) -> None:
    for name, value in {"status": status, "updated_at": timezone.now(), **columns}.items():
        setattr(check, name, value)
    check.save(update_fields=["status", "updated_at", *columns])
