"""How an endpoint does: works, fails, is left alone for a while, is switched off."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.models import Endpoint, Off
from integrations.outbound.sending import Outcome

GONE = 410
BUSY = {429, 502, 504}
PAUSE = timedelta(seconds=60)
"""For whoever is busy and doesn't say how long."""
LONGEST_PAUSE = timedelta(hours=1)
PATIENCE = timedelta(days=5)
WARNED_BEFORE = timedelta(days=1)
"""Nobody is switched off for failing whose Admins didn't know it so long before."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the Admins of the endpoint's company are told by mail."""

    endpoint: Endpoint
    is_off: bool


def note_outcome(
    endpoint: Endpoint, outcome: Outcome, *, given_up: bool, now: datetime
) -> list[Notice]:
    """Change *endpoint*, not saved yet, by what came of a request; what is told of it."""
    if outcome.is_success:
        works(endpoint, now)
        return []
    endpoint.failing_since = endpoint.failing_since or outcome.at
    endpoint.last_failure = outcome.in_short
    if not endpoint.is_on:
        return []
    if outcome.status == GONE:
        return switched_off(endpoint, Off.GONE, now)
    if outcome.status in BUSY:
        pause = min(outcome.asked_to_wait or PAUSE, LONGEST_PAUSE)
        endpoint.throttled_until = now + pause
    if has_failed_too_long(endpoint, now):
        return switched_off(endpoint, Off.FAILING, now)
    if given_up and endpoint.warned_at is None:
        return [Notice(endpoint, is_off=False)]
    return []


def works(endpoint: Endpoint, at: datetime) -> None:
    endpoint.failing_since = endpoint.warned_at = endpoint.throttled_until = None
    endpoint.last_failure, endpoint.last_success_at = "", at


def has_failed_too_long(endpoint: Endpoint, now: datetime) -> bool:
    since, warned = endpoint.failing_since, endpoint.warned_at
    if since is None or warned is None:
        return False
    return now - since >= PATIENCE and now - warned >= WARNED_BEFORE


def switched_off(endpoint: Endpoint, reason: Off, now: datetime) -> list[Notice]:
    endpoint.off_reason, endpoint.off_since = reason, now
    return [Notice(endpoint, is_off=True)]
