"""The state of a case follows from decision, form, consent and checks: the whole table."""

import pytest
from django.utils import timezone

from candidates.models import Case, CaseStatus, CheckStatus, Decision
from candidates.services.status import status_of

P, I, V, MAJ, MIN, INC, INS, C, H = (  # noqa: E741 - I is "in progress"; longer names would hide the table
    CheckStatus.PROCESSING, CheckStatus.IN_PROGRESS, CheckStatus.VERIFIED, CheckStatus.MAJOR,
    CheckStatus.MINOR, CheckStatus.INCONCLUSIVE, CheckStatus.INSUFFICIENCY, CheckStatus.CLOSED,
    CheckStatus.ON_HOLD,
)  # fmt: skip

TABLE = [
    # no check at all, or none begun
    ([], CaseStatus.PROCESSING),
    ([P, P], CaseStatus.PROCESSING),
    ([P, H], CaseStatus.PROCESSING),
    # work goes on
    ([I, P], CaseStatus.IN_PROGRESS),
    ([I, H], CaseStatus.IN_PROGRESS),
    ([V, P], CaseStatus.IN_PROGRESS),
    ([C, P], CaseStatus.IN_PROGRESS),
    ([INC, I], CaseStatus.IN_PROGRESS),
    # everything that is left waits
    ([H], CaseStatus.ON_HOLD),
    ([V, H], CaseStatus.ON_HOLD),
    # something is missing
    ([INS, P], CaseStatus.AWAITING_INPUT),
    ([INS, V, H], CaseStatus.AWAITING_INPUT),
    # a discrepancy shows while others go on
    ([MAJ, P], CaseStatus.DISCREPANCY),
    ([MIN, I], CaseStatus.DISCREPANCY),
    ([MIN, INS], CaseStatus.DISCREPANCY),
    ([MAJ, H], CaseStatus.DISCREPANCY),
    # all are finished
    ([V], CaseStatus.COMPLETED),
    ([V, C], CaseStatus.COMPLETED),
    ([C, C], CaseStatus.CLOSED),
    ([MAJ, V], CaseStatus.COMPLETED_WITH_EXCEPTION),
    ([MIN], CaseStatus.COMPLETED_WITH_EXCEPTION),
    ([INC, V], CaseStatus.COMPLETED_WITH_EXCEPTION),
    ([INC, C], CaseStatus.COMPLETED_WITH_EXCEPTION),
]


def case(decision="", submitted=True, consented=True):
    now = timezone.now()
    return Case(
        decision=decision,
        submitted_at=now if submitted else None,
        consented_at=now if consented else None,
    )


@pytest.mark.parametrize(("checks", "status"), TABLE)
def test_the_state_follows_from_the_checks(checks, status):
    assert status_of(case(), checks) == status
    assert status_of(case(), reversed(checks)) == status


@pytest.mark.parametrize("checks", [checks for checks, _status in TABLE])
def test_without_form_or_consent_no_check_speaks(checks):
    assert status_of(case(submitted=False), checks) == CaseStatus.AWAITING_INPUT
    assert status_of(case(submitted=False, consented=False), checks) == 3
    assert status_of(case(consented=False), checks) == CaseStatus.CONSENT_MISSING


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (Decision.HELD, CaseStatus.ON_HOLD),
        (Decision.UNFUNDED, CaseStatus.INSUFFICIENT_FUNDS),
        (Decision.CLOSED, CaseStatus.CLOSED),
        (Decision.CANCELLED, CaseStatus.CANCELLED),
    ],
)
def test_a_decision_stands_above_all(decision, status):
    for checks, _status in TABLE:
        assert status_of(case(decision), checks) == status
    assert status_of(case(decision, submitted=False, consented=False), [V]) == status


def test_every_state_is_reached():
    reached = {status for _checks, status in TABLE}
    others = {CaseStatus.CONSENT_MISSING, CaseStatus.INSUFFICIENT_FUNDS, CaseStatus.CANCELLED}
    assert reached | others == set(CaseStatus)
