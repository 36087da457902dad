"""Password, code or passkey once more: whichever it was, the sign-in is new.

The moment stands where apitokens keeps it, so that its pages and allauth's own agree. The session
gets a new key with it, under which the page of one's sessions finds it again.
"""

from allauth.account.signals import authentication_step_completed
from allauth.usersessions.models import UserSession

from apitokens.reauthentication import renew_sign_in


def connect():
    authentication_step_completed.connect(
        note_step, dispatch_uid="accounts.signin.reauthentication"
    )


def note_step(sender, request, reauthenticated=False, **kwargs):
    """Receiver of allauth's ``authentication_step_completed``; log-ins have another."""
    if not reauthenticated:
        return
    key = request.session.session_key
    renew_sign_in(request)
    UserSession.objects.filter(session_key=key).update(session_key=request.session.session_key)
