"""A case's state, and what follows from it."""

from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.models import Candidate, Case, CaseStatus, LogEntry


@transaction.atomic
def set_status(*, case: Case, status: CaseStatus, actor: Actor) -> Case:
    """Move *case* to *status*; finishing it frees the candidate's e-mail, phone and employee id.

    Going back to an unfinished state claims them again: raises IntegrityError when another
    unfinished case has them by now. The same status again does nothing.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    if case.status == status:
        return case
    before, case.status = case.status, status
    case.completed_at = (case.completed_at or timezone.now()) if status.is_finished else None
    case.save(update_fields=["status", "completed_at", "updated_at"])
    _move_identity(case.candidate, finished=status.is_finished)
    LogEntry.objects.create(
        candidate=case.candidate,
        kind=LogEntry.Kind.STATUS_CHANGED,
        data={"before": before, "after": int(status)},
        **LogEntry.by(actor),
    )
    return case


def _move_identity(candidate: Candidate, *, finished: bool) -> None:
    if finished:
        candidate.release_identity()
    else:
        candidate.claim_identity()
    candidate.save(update_fields=["live_email", "live_phone", "live_employee_id"])
