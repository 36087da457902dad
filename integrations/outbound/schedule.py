"""When a message that was not taken is sent again."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MINUTE, HOUR = 60, 3600
WAITS = (
    0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
)  # fmt: skip
"""Seconds before each attempt: ten within 75 hours 35 minutes."""
JITTER = 0.2
LONGEST = timedelta(hours=24)
"""A receiver that asks for more time than this is asked again sooner."""


def wait_after(failures: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failures, at least as long as was *asked*; None: no more."""
    if failures >= len(WAITS):
        return None
    wait = timedelta(seconds=WAITS[failures] * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreads load, guards nothing
    return max(wait, min(asked, LONGEST)) if asked else wait


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After asks for: seconds or a date (RFC 9110 §10.2.3); None for neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), LONGEST.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
