"""What a session says about the visit: how it began, and when somebody last did something."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.security.rules import Visit
from accounts.signin.methods import method_of, steps_of
from apitokens.addresses import client_address

SEEN_KEY = "accounts_seen_at"
SEEN_EVERY = timedelta(seconds=10)
"""Activity is written down this often: a session is at most so much older than it says."""


def visit_of(request, method=None):
    """The Visit that *request* with a signed-in person is."""
    return Visit(
        user=request.user,
        now=timezone.now(),
        address=client_address(request),
        method=method or method_of(steps_of(request.session)),
        seen_at=seen_at(request.session),
    )


def seen_at(session):
    """The last activity; long ago where the session doesn't say."""
    stamp = session.get(SEEN_KEY)
    return datetime.fromtimestamp(stamp if isinstance(stamp, int) else 0, UTC)


def note_activity(session, now):
    """Something happened: written down unless that was done a moment ago."""
    if now - seen_at(session) >= SEEN_EVERY:
        session[SEEN_KEY] = int(now.timestamp())


def note_now(session):
    """The same, to the second."""
    session[SEEN_KEY] = int(timezone.now().timestamp())
