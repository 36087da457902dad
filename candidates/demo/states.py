"""Bring a case to any state by the steps that lead there."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.models import Case, CaseStatus, CheckStatus, Decision, Reason
from candidates.services.cases import consent, decide, submit_form
from candidates.services.checks import set_check

DECIDED = {
    CaseStatus.CLOSED: Decision.CLOSED,
    CaseStatus.CANCELLED: Decision.CANCELLED,
    CaseStatus.ON_HOLD: Decision.HELD,
    CaseStatus.INSUFFICIENT_FUNDS: Decision.UNFUNDED,
}
CHECKS = {
    CaseStatus.AWAITING_INPUT: (CheckStatus.INSUFFICIENCY, CheckStatus.PROCESSING),
    CaseStatus.PROCESSING: (CheckStatus.PROCESSING, CheckStatus.PROCESSING),
    CaseStatus.IN_PROGRESS: (CheckStatus.IN_PROGRESS, CheckStatus.PROCESSING),
    CaseStatus.DISCREPANCY: (CheckStatus.MAJOR, CheckStatus.IN_PROGRESS),
    CaseStatus.COMPLETED: (CheckStatus.VERIFIED, CheckStatus.VERIFIED),
    CaseStatus.COMPLETED_WITH_EXCEPTION: (CheckStatus.MINOR, CheckStatus.VERIFIED),
}
"""The first check's state and that of the others."""
HOLD = timedelta(days=7)


@transaction.atomic
def bring_to(case: Case, status: CaseStatus, actor: Actor) -> Case:
    """Move *case*, as somebody would, until it is in *status*."""
    case = Case.objects.get(pk=case.pk)
    if case.decision:
        case = decide(case=case, decision=Decision.NONE, actor=actor)
    if status == CaseStatus.AWAITING_INPUT and case.submitted_at is None:
        return case
    if status in DECIDED:
        until = timezone.now() + HOLD if status == CaseStatus.ON_HOLD else None
        return decide(
            case=case, decision=DECIDED[status], reason=Reason.OTHER, until=until, actor=actor
        )
    case = submit_form(case=case, actor=actor)
    if status == CaseStatus.CONSENT_MISSING:
        return case
    consent(case=case, actor=actor)
    work(case, *CHECKS[status], actor)
    return Case.objects.get(pk=case.pk)


def work(case, first, others, actor):
    for index, check in enumerate(case.checks.all()):
        set_check(check=check, status=others if index else first, actor=actor)
