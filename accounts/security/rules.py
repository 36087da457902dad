"""May this person sign in, or go on? The whole answer, from facts alone: no query, no request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.security.methods import PASSWORD, SSO

MESSAGES = {
    "inactive": _("This account can’t sign in. Ask an admin of your company."),
    "domain": _("Your company lets people sign in with addresses of its own domains only."),
    "network": _("Your company lets people sign in from its own networks only."),
    "idle": _("You were signed out after a time without activity."),
    "method": _("Your company doesn’t let people sign in this way. Choose another."),
    "second-factor": _("Your company asks for a second step: add an app or a passkey to go on."),
    "password-expired": _("Choose a new password before you go on."),
}
"""Reason → what the person is told. Nothing in it is about one company, so that a log-in page may
say it to anybody."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes, how, from where and when.

    *method* is the login method, or None where the session doesn't say: it counts as a password.
    *came_at* is when it was, None: now.
    *seen_at* is the last activity, None at the log-in itself. *has_second_factor*: the person has
    set one up, so that every log-in since then took it.
    """

    user: Any
    now: datetime
    address: str | None = None
    method: str | None = None
    seen_at: datetime | None = None
    has_second_factor: bool = True
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. ``ends`` ends the session; else the person goes nowhere but to set it right."""

    reason: str
    ends: bool = True

    @property
    def message(self):
        return MESSAGES[self.reason]


def refusal(visit, policy=None):
    """The Refusal of *visit* under *policy* (the company's own unless given), or None: welcome.

    Operations staff without a company have no such policy.
    """
    if policy is None:
        policy = visit.user.company.security if visit.user.company_id else None
    if policy is None:
        return None
    return next(filter(None, (rule(policy, visit) for rule in RULES)), None)


def outside_domains(policy, visit):
    return None if policy.allows_email(visit.user.email) else Refusal("domain")


def outside_networks(policy, visit):
    return None if policy.allows_address(visit.address) else Refusal("network")


def idle(policy, visit):
    """Counted from the last activity, or from when the rule came into force if that is later."""
    if policy.idle_minutes is None or visit.seen_at is None:
        return None
    since = max(visit.seen_at, policy.idle_from)
    return None if visit.now - since < policy.idle_span else Refusal("idle")


def method_off(policy, visit):
    allowed = policy.allows_method(visit.method or PASSWORD)
    if visit.method == SSO:
        allowed = allowed and policy.allows_sso_of(visit.came_at or visit.now)
    return None if allowed else Refusal("method")


def second_factor_missing(policy, visit):
    if policy.second_factor_from is None or visit.now < policy.second_factor_from:
        return None
    return None if visit.has_second_factor else Refusal("second-factor", ends=False)


def password_expired(policy, visit):
    """Only who signed in by a password has to change it."""
    ends_at = policy.password_ends_at(visit.user.password_changed_at)
    if ends_at is None or visit.now < ends_at or visit.method not in (None, PASSWORD):
        return None
    return Refusal("password-expired", ends=False) if visit.user.has_usable_password() else None


RULES = (
    outside_domains, outside_networks, method_off, idle,
    password_expired, second_factor_missing,
)  # fmt: skip
"""In this order: what ends the session comes first."""
