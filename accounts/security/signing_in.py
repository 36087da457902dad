"""The rules at the log-in, once the person is known and before a session is made."""

from django.utils import timezone

from accounts.security import audit
from accounts.security.rules import Refusal, Visit, refusal
from accounts.signin.methods import came_at, method_of
from apitokens.addresses import client_address


def refused_log_in(request, user, steps):
    """The Refusal of *user*, who has just proven by *steps* who they are, or None: welcome.

    A refused one is written down. What would only confine a session lets them in.
    """
    visit = Visit(
        user, timezone.now(), client_address(request), method_of(steps), came_at=came_at(steps)
    )
    found = refusal(visit) if user.may_sign_in else Refusal("inactive")
    if found is None or not found.ends:
        return None
    audit.refused(visit, found)
    return found
