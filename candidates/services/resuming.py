"""Holds that have ended: their cases and checks go on where they stood."""

from datetime import datetime

from django.db import transaction

from apitokens.attribution import Actor
from candidates.models import Case, CaseCheck, CheckStatus, Decision
from candidates.models.case import FINISHED
from candidates.services.cases import locked, mark_decided
from candidates.services.checks import resume_check

NOBODY = Actor()


def resume_due(now: datetime) -> tuple[int, int]:
    """Take up what was held until *now* or earlier: how many cases, and how many checks.

    Each in a transaction of its own, asked again under its lock: run twice, or at once with
    somebody who holds it longer, nothing is taken up that should not be. Checks of a case that is
    finished wait until it is opened again.
    """
    cases = Case.objects.filter(decision=Decision.HELD, held_until__lte=now)
    checks = CaseCheck.objects.filter(status=CheckStatus.ON_HOLD, held_until__lte=now)
    checks = checks.exclude(case__status__in=FINISHED)
    resumed = [_resume_case(pk, now) for pk in cases.values_list("pk", flat=True)]
    taken_up = [_resume_check(*keys, now) for keys in checks.values_list("case", "pk")]
    return sum(resumed), sum(taken_up)


@transaction.atomic
def _resume_case(pk: int, now: datetime) -> bool:
    case = locked(Case(pk=pk))
    due = case.decision == Decision.HELD and case.held_until is not None and case.held_until <= now
    if due:
        mark_decided(case, Decision.NONE, NOBODY)
    return due


@transaction.atomic
def _resume_check(case_pk: int, pk: int, now: datetime) -> bool:
    case = locked(Case(pk=case_pk))
    due = CaseCheck.objects.filter(pk=pk, status=CheckStatus.ON_HOLD, held_until__lte=now).first()
    if due is None or case.is_finished:
        return False
    resume_check(check=due, actor=NOBODY)
    return True
