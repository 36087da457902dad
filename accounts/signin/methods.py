"""By which method somebody signed in: for the company's policy, and in words for themselves.

allauth keeps the steps in the session, oldest first. Each is a dict: ``method`` is password,
password_reset, socialaccount (with ``provider``) or mfa (with ``type`` totp, recovery_codes or
webauthn; ``passwordless`` for a passkey alone), ``at`` the second, ``reauthenticated`` where it was
asked once more.
"""

from datetime import UTC, datetime

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.utils.translation import gettext as _

from accounts.signin.provider_ids import SSO, company_of

PASSWORD, PASSKEY = "password", "passkey"
PROVIDERS = {"google": "Google", "microsoft": "Microsoft"}


def steps_of(session):
    return session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []


def method_of(steps):
    """The login method: password, passkey, sso or the portal's identity provider's id; None if
    none is told.
    """
    return next(filter(None, map(method_by, steps)), None)


def came_at(steps):
    """When that was, or None."""
    at = next((step.get("at") for step in steps if method_by(step)), None)
    return None if at is None else datetime.fromtimestamp(at, UTC)


def method_by(step):
    """The method that *step* is; None for one that only adds to another."""
    match step.get("method"):
        case "password":
            return PASSWORD
        case "socialaccount":
            provider = step.get("provider", "")
            return SSO if company_of(provider) is not None else provider
        case "mfa" if step.get("passwordless"):
            return PASSKEY
    return None


def second_step_of(steps):
    """What was given besides it: totp, recovery_codes or webauthn, or None."""
    second = [s for s in steps if s.get("method") == "mfa" and not s.get("passwordless")]
    return second[-1].get("type") if second else None


def words_for(steps):
    """Of the steps that a session holds: "Password and code". Unknown ones are left out."""
    words = [word_for(step) for step in steps or [] if not step.get("reauthenticated")]
    return _(" and ").join(dict.fromkeys(filter(None, words))).capitalize() if words else ""


def word_for(step):
    match step.get("method"), step.get("type"):
        case "password", _any:
            return _("password")
        case "mfa", "totp":
            return _("code")
        case "mfa", "recovery_codes":
            return _("recovery code")
        case "mfa", "webauthn":
            return _("passkey")
        case "socialaccount", _any:
            return PROVIDERS.get(step.get("provider"), _("single sign-on"))
    return ""
