"""How old a sign-in is, and where to ask for the password again when it is too old.

The moment of the sign-in stands in the session: written when somebody signs in, renewed by the
host's page when the password was right. A session without it counts as old.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from apitokens.policy import get_policy

__all__ = ["must_reauthenticate", "note_sign_in", "renew_sign_in"]

SESSION_KEY = "apitokens_signed_in_at"


def must_reauthenticate(
    request: Any, age: timedelta | None, *, then: str | None = None
) -> str | None:
    """Where the person has to confirm the password first, or None: no need.

    Needed when the sign-in is older than *age* (None: any age will do) and the policy has a page
    for it. The page leads on to *then* (this request's own address unless given).
    """
    if age is None or _signed_in_within(request, age):
        return None
    url = get_policy().reauthenticate_url(request)
    if url is None:
        return None
    query = urlencode({"next": then or request.get_full_path()})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def renew_sign_in(request: Any) -> None:
    """The password was right just now: the session is as new as after a sign-in, its key too."""
    request.session.cycle_key()
    _note(request.session)


def _signed_in_within(request: Any, age: timedelta) -> bool:
    signed_in_at = request.session.get(SESSION_KEY)
    if not isinstance(signed_in_at, int):
        return False
    return timezone.now().timestamp() - signed_in_at <= age.total_seconds()


def _note(session: Any) -> None:
    session[SESSION_KEY] = int(timezone.now().timestamp())


def note_sign_in(request: Any = None, **kwargs: Any) -> None:
    """Receiver of ``user_logged_in``. A sign-in without a session (of an API) has no age."""
    session = getattr(request, "session", None)
    if session is not None:
        _note(session)


def connect() -> None:
    user_logged_in.connect(note_sign_in, dispatch_uid="apitokens.reauthentication")
