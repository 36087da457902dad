"""Who has set up a second factor: an app or a passkey. Recovery codes alone are none."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_one():
    """An annotation for a query of people."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=TYPES))


def has_second_factor(user):
    """Read with the session's user (accounts/backends.py); asked only where that was not so."""
    found = getattr(user, "second_factor_found", None)
    if found is None:
        found = Authenticator.objects.filter(user=user, type__in=TYPES).exists()
    return found
