"""A case's state follows from its checks, its form and what was decided: kept here, logged here."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.exceptions import NotAllowedNow
from candidates.models import Candidate, Case, CaseStatus, Decision, LogEntry, Reason
from candidates.services.log import record
from candidates.services.status import status_of
from candidates.signals import case_status_changed

ACTS = {
    Decision.HELD: "hold",
    Decision.UNFUNDED: "unfund",
    Decision.CLOSED: "close",
    Decision.CANCELLED: "cancel",
    Decision.NONE: "reopen",
}
FINAL = {Decision.CLOSED, Decision.CANCELLED}


def locked(case: Case) -> Case:
    """The case as it is now; nobody else writes it until the transaction ends."""
    return Case.objects.select_for_update().get(pk=case.pk)


def locked_for_work(case: Case) -> Case:
    """``locked``, to be changed. Raises NotAllowedNow once the candidate is erased.

    The candidate is read behind the lock, so whoever waited for an erasure learns of it.
    """
    case = locked(case)
    if case.candidate.is_erased:
        raise NotAllowedNow(Reason.ERASED.label)
    return case


def settle(case: Case, actor: Actor | None) -> Case:
    """Bring the state of a ``locked`` *case* in line, inside the caller's transaction.

    Finishing it frees the candidate's e-mail, phone and employee id; going back to an unfinished
    state claims them again: raises IntegrityError when another unfinished case has them by now.
    Without *actor* the candidate did it.
    """
    status = status_of(case, case.checks.values_list("status", flat=True))
    if case.status == status:
        case.save()
        return case
    before, case.status = case.status, status
    case.completed_at = (case.completed_at or timezone.now()) if status.is_finished else None
    case.save()
    _move_identity(case.candidate, finished=status.is_finished)
    record(case.candidate, LogEntry.Kind.STATUS_CHANGED, actor, before=before, after=int(status))
    case_status_changed.send(sender=Case, case=case, before=before)
    return case


def refuse_erased(candidate: Candidate) -> None:
    """The same for whoever only adds to *candidate*, many times a request."""
    list(Case.objects.select_for_update().filter(pk=candidate.pk).values_list("pk"))
    if Candidate.objects.filter(pk=candidate.pk).exclude(erased_at=None).exists():
        raise NotAllowedNow(Reason.ERASED.label)


@transaction.atomic
def decide(
    *,
    case: Case,
    decision: Decision,
    actor: Actor,
    reason: Reason | str = "",
    until: datetime | None = None,
) -> Case:
    """Hold (*until* a moment), close, cancel or, with ``Decision.NONE``, reopen a whole case.

    The same decision again, without another reason or end, does nothing. Raises NotAllowedNow when
    a case that is closed or cancelled would be held, a finished one would be held or closed, one
    that waits for funds would be held (it would go on without them), or its candidate is erased.
    """
    return mark_decided(locked_for_work(case), decision, actor, reason, until)


def mark_decided(
    case: Case,
    decision: Decision,
    actor: Actor,
    reason: Reason | str = "",
    until: datetime | None = None,
) -> Case:
    """``decide`` of a ``locked`` case, inside the caller's transaction."""
    if (case.decision, case.reason, case.held_until) == (decision, reason, until):
        return case
    if decision and CaseStatus(case.status).is_finished:
        raise NotAllowedNow(case.get_status_display())
    if (case.decision, decision) == (Decision.UNFUNDED, Decision.HELD):
        raise NotAllowedNow(case.get_status_display())
    resumed = (case.decision, decision) == (Decision.HELD, Decision.NONE)
    case.decision, case.reason, case.held_until = decision, reason, until
    more = {"until": until.isoformat()} if until else {}
    record(
        case.candidate, LogEntry.Kind.DECIDED, actor,
        act="resume" if resumed else ACTS[decision], reason=str(reason), **more,
    )  # fmt: skip
    return settle(case, actor)


@transaction.atomic
def end_hold(*, case: Case, actor: Actor) -> Case:
    """Take a case up before the end of its hold. Raises NotAllowedNow for one that isn't held."""
    case = locked_for_work(case)
    if case.decision != Decision.HELD:
        raise NotAllowedNow(case.get_status_display())
    return mark_decided(case, Decision.NONE, actor)


@transaction.atomic
def submit_form(*, case: Case, actor: Actor | None, address: str | None = None) -> Case:
    """The form is complete: work on the checks can begin. Submitted once more it does nothing."""
    return mark_submitted(locked_for_work(case), actor, address)


@transaction.atomic
def consent(*, case: Case, actor: Actor | None, address: str | None = None) -> Case:
    """The candidate has agreed, by their signature or by a letter. Once more does nothing."""
    return mark_consented(locked_for_work(case), actor, address)


def mark_submitted(case: Case, actor: Actor | None, address: str | None = None) -> Case:
    """``submit_form`` of a ``locked`` case, inside the caller's transaction."""
    if case.submitted_at is not None:
        return case
    case.submitted_at = timezone.now()
    record(case.candidate, LogEntry.Kind.FORM_SUBMITTED, actor, address=address)
    return settle(case, actor)


def mark_consented(case: Case, actor: Actor | None, address: str | None = None) -> Case:
    """``consent`` of a ``locked`` case, inside the caller's transaction."""
    if case.consented_at is not None:
        return case
    case.consented_at = timezone.now()
    record(case.candidate, LogEntry.Kind.CONSENTED, actor, address=address)
    return settle(case, actor)


def _move_identity(candidate: Candidate, *, finished: bool) -> None:
    if finished:
        candidate.release_identity()
    else:
        candidate.claim_identity()
    candidate.save(update_fields=["live_email", "live_phone", "live_employee_id"])
