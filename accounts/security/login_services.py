"""The only writers of login methods: which are on, and whether a second factor is needed."""

from datetime import timedelta

from django.utils import timezone

from accounts.security.models import SecurityEvent
from accounts.security.services import Change, SettingRefused, change_settings

Kind = SecurityEvent.Kind


class NoMethodLeft(SettingRefused):
    """Nobody could sign in any more."""


class NotProven(SettingRefused):
    """Who changes it has not signed in lately by one of ``staying``, the methods that stay on."""

    def __init__(self, staying):
        super().__init__("sign in by a method that stays on")
        self.staying = staying


def change_log_in(*, visit, proven, available, turn_on, turn_off, grace_days):
    """Turn methods on and off, whatever somebody else did to the others meanwhile; and ask for a
    second factor from *grace_days* after now on (None: never). Both or neither.

    *proven* are the methods by which the visitor signed in just now, *available* those that the
    portal has. Raises NoMethodLeft, NotProven, LocksYouOut.
    """

    def edit(policy):
        return [
            switch_methods(policy, proven, available, turn_on, turn_off),
            ask_for_second_factor(policy, grace_days),
        ]

    return change_settings(visit=visit, edit=edit)


def switch_methods(policy, proven, available, turn_on, turn_off):
    before = sorted(policy.methods_off.split())
    after = sorted({*before} - {*turn_on} | {*turn_off})
    if before != after:
        check_way_in([name for name in available if name not in after], proven)
    policy.methods_off = " ".join(after)
    return Change(Kind.LOGIN_METHODS, before, after)


def check_way_in(staying, proven):
    if not staying:
        raise NoMethodLeft
    if not {*staying} & {*proven}:
        raise NotProven(staying)


def ask_for_second_factor(policy, grace_days):
    before, policy.grace_days = policy.grace_days, grace_days
    if grace_days is None:
        policy.second_factor_from = None
    elif before != grace_days:
        policy.second_factor_from = timezone.now() + timedelta(days=grace_days)
    return Change(Kind.SECOND_FACTOR, before, grace_days)
