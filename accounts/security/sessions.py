"""What a session says about the visit: how it began, and when somebody last did something."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.security.rules import Visit
from accounts.security.second_factor import has_second_factor
from accounts.signin.methods import PASSKEY, came_at, method_of, steps_of
from apitokens.addresses import client_address

SEEN_KEY = "accounts_seen_at"
SEEN_EVERY = timedelta(seconds=10)
"""Activity is written down this often: a session is at most so much older than it says."""


FRESH = timedelta(minutes=15)
"""For so long somebody has proven to be able to sign in by a method."""


def visit_of(request):
    """The Visit that *request* with a signed-in person is."""
    steps = steps_of(request.session)
    return Visit(
        user=request.user,
        now=timezone.now(),
        address=client_address(request),
        method=method_of(steps),
        came_at=came_at(steps),
        seen_at=seen_at(request.session),
        has_second_factor=has_second_factor(request.user),
    )


def proven_methods(session, now):
    """The methods by which the session's person proved who they are a short while ago."""
    since = (now - FRESH).timestamp()
    return {proof_of(step) for step in steps_of(session) if step.get("at", 0) > since}


def proof_of(step):
    """The method of one step alone. A passkey proves itself also where it was the second step."""
    return PASSKEY if step.get("type") == "webauthn" else method_of([step])


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
