"""A rule that keeps everybody of a company out, lifted by an operator: nobody else could."""

from accounts.security.models import SecurityEvent
from accounts.security.services import Change, write_settings

Kind = SecurityEvent.Kind

OFF = {
    Kind.LOGIN_METHODS: {"methods_off": ""},
    Kind.SECOND_FACTOR: {"grace_days": None, "second_factor_from": None},
    Kind.PASSWORD_EXPIRY: {"password_days": None},
    Kind.DOMAINS: {"only_domains": False},
    Kind.AUTO_LOGOUT: {"idle_minutes": None, "idle_from": None},
    Kind.NETWORKS: {"networks": ""},
}
"""Setting → the values of a company that has no such rule."""


def value_of(policy, kind):
    """What the history tells of a setting."""
    return {
        Kind.LOGIN_METHODS: sorted(policy.methods_off.split()),
        Kind.SECOND_FACTOR: policy.grace_days,
        Kind.PASSWORD_EXPIRY: policy.password_days,
        Kind.DOMAINS: {"on": policy.only_domains},
        Kind.AUTO_LOGOUT: policy.idle_minutes,
        Kind.NETWORKS: policy.networks.split(),
    }[kind]


def lift(*, company, kind):
    """Switch the rule *kind* of *company* off; in its history nobody of it did so. Whether that
    changed anything.
    """
    found = []

    def edit(policy):
        before = value_of(policy, kind)
        for name, value in OFF[kind].items():
            setattr(policy, name, value)
        found.append(Change(kind, before, value_of(policy, kind)))
        return found

    write_settings(company.pk, edit)
    return found[0].before != found[0].after
