"""What state a case is in: a pure function of what was decided, submitted and checked."""

from collections.abc import Iterable

from candidates.models import Case, CaseStatus, CheckStatus, Decision

DECIDED = {
    Decision.HELD: CaseStatus.ON_HOLD,
    Decision.UNFUNDED: CaseStatus.INSUFFICIENT_FUNDS,
    Decision.CLOSED: CaseStatus.CLOSED,
    Decision.CANCELLED: CaseStatus.CANCELLED,
}
DISCREPANCIES = {CheckStatus.MAJOR, CheckStatus.MINOR}
CLEAN = {CheckStatus.VERIFIED, CheckStatus.CLOSED}


def status_of(case: Case, checks: Iterable[str]) -> CaseStatus:
    """The state that follows for *case* from the states of its *checks* (product.md §5).

    A decision about the whole case stands above all; then the form and the consent must be there;
    then the checks speak. A discrepancy shows while other checks go on; once all are finished the
    case is, "with exception" when anything but clean results came out: so whoever waits for a
    finished code never waits for ever.
    """
    if case.decision:
        return DECIDED[Decision(case.decision)]
    if case.submitted_at is None:
        return CaseStatus.AWAITING_INPUT
    if case.consented_at is None:
        return CaseStatus.CONSENT_MISSING
    return status_of_checks({CheckStatus(status) for status in checks})


def status_of_checks(states: set[CheckStatus]) -> CaseStatus:
    going_on = {state for state in states if not state.is_finished}
    if states and not going_on:
        return finished_status(states)
    if states & DISCREPANCIES:
        return CaseStatus.DISCREPANCY
    if CheckStatus.INSUFFICIENCY in going_on:
        return CaseStatus.AWAITING_INPUT
    if going_on == {CheckStatus.ON_HOLD}:
        return CaseStatus.ON_HOLD
    if states <= {CheckStatus.PROCESSING, CheckStatus.ON_HOLD}:
        return CaseStatus.PROCESSING
    return CaseStatus.IN_PROGRESS


def finished_status(states: set[CheckStatus]) -> CaseStatus:
    if states == {CheckStatus.CLOSED}:
        return CaseStatus.CLOSED
    return CaseStatus.COMPLETED if states <= CLEAN else CaseStatus.COMPLETED_WITH_EXCEPTION
