"""The only writers of a company's security settings: lock, check, write, record."""

import copy
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.models import Company
from accounts.security.audit import record
from accounts.security.domains import canonical_domain
from accounts.security.models import SecurityEvent, SecurityPolicy
from accounts.security.rules import refusal
from apitokens.services import clean_networks

Kind = SecurityEvent.Kind
MAXIMUM_DOMAINS = 100


class SettingRefused(Exception):
    """A change that can't be. Nothing was written."""


class LocksYouOut(SettingRefused):
    """Under the new settings whoever makes them could not go on; ``refusal`` says why."""

    def __init__(self, refusal):
        super().__init__(refusal.message)
        self.refusal = refusal


class TooManyDomains(SettingRefused):
    """The list is full."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting from *before* to *after*, as the history keeps it."""

    kind: str
    before: object
    after: object


def change_settings(*, visit, edit):
    """Let ``edit(policy)`` set the visitor's company's settings and list its Changes. Returns the
    policy. Raises LocksYouOut when the Admin's own session would end by it.
    """
    return write_settings(
        visit.user.company_id, edit, actor=visit.user, address=visit.address,
        check=lambda policy: check_not_locked_out(policy, visit),
    )  # fmt: skip


@transaction.atomic
def write_settings(company_id, edit, *, actor=None, address=None, check=None):
    """The settings and their history, or neither. The same again writes nothing.

    Two at once go one after the other: the second edits what the first has left.
    """
    company = Company.objects.select_for_update().get(pk=company_id)
    policy, _made = SecurityPolicy.objects.get_or_create(company=company)
    changes = [change for change in edit(policy) if change.before != change.after]
    if not changes:
        return policy
    if check is not None:
        check(policy)
    policy.save()
    for change in changes:
        record(
            company.pk, change.kind, actor=actor, address=address,
            before=change.before, after=change.after,
        )  # fmt: skip
    return policy


def check_not_locked_out(policy, visit):
    """The visit as it would be judged a moment later under *policy*."""
    found = refusal(replace(visit, seen_at=visit.now), policy)
    if found is not None and found.ends:
        raise LocksYouOut(found)


def set_password_expiry(*, visit, days):
    """Passwords expire *days* after they were set; None: never."""

    def edit(policy):
        before, policy.password_days = policy.password_days, days
        return [Change(Kind.PASSWORD_EXPIRY, before, days)]

    return change_settings(visit=visit, edit=edit)


def set_auto_logout(*, visit, minutes):
    """Sessions end after *minutes* without activity, counted from now at the earliest; None: never.

    A span that is changed goes on counting from where the old one did.
    """

    def edit(policy):
        before, policy.idle_minutes = policy.idle_minutes, minutes
        if minutes is None:
            policy.idle_from = None
        elif before is None:
            policy.idle_from = timezone.now()
        return [Change(Kind.AUTO_LOGOUT, before, minutes)]

    return change_settings(visit=visit, edit=edit)


def set_networks(*, visit, networks):
    """People come in from *networks* only, in CIDR or single addresses; none: from anywhere.

    Raises NetworkInvalid.
    """
    listed = clean_networks(networks)

    def edit(policy):
        before, policy.networks = policy.networks, listed
        return [Change(Kind.NETWORKS, before.split(), listed.split())]

    return change_settings(visit=visit, edit=edit)


def set_only_domains(*, visit, on):
    """Whether the list of domains is in force."""

    def edit(policy):
        before, policy.only_domains = policy.only_domains, on
        return [Change(Kind.DOMAINS, {"on": before}, {"on": on})]

    return change_settings(visit=visit, edit=edit)


def add_domain(*, visit, domain):
    """List *domain*, in any spelling. Raises DomainInvalid, TooManyDomains."""
    name = canonical_domain(domain)

    def edit(policy):
        before = policy.domain_names
        if name not in before:
            policy.domains.append(new_entry(name, visit))
        if len(policy.domains) > MAXIMUM_DOMAINS:
            raise TooManyDomains
        return [Change(Kind.DOMAINS, before, policy.domain_names)]

    return change_settings(visit=visit, edit=edit)


def new_entry(name, visit):
    return {"name": name, "added_at": timezone.now().isoformat(), "added_by": str(visit.user)}


def remove_domain(*, visit, domain):
    """Take *domain*, as it is listed, off the list."""

    def edit(policy):
        before = policy.domain_names
        policy.domains = [entry for entry in policy.domains if entry["name"] != domain]
        return [Change(Kind.DOMAINS, before, policy.domain_names)]

    return change_settings(visit=visit, edit=edit)


@transaction.atomic
def set_retention(*, visit, days):
    """Candidates are erased *days* after their case was finished; None: never by themselves."""
    company = Company.objects.select_for_update().get(pk=visit.user.company_id)
    before = company.retention_days
    if before == days:
        return
    Company.objects.filter(pk=company.pk).update(retention_days=days)
    record(
        company.pk, Kind.RETENTION, actor=visit.user, address=visit.address,
        before=before, after=days,
    )  # fmt: skip


def preview(policy, **values):
    """A copy of *policy* with *values*, to be looked at and never saved."""
    other = copy.copy(policy)
    for name, value in values.items():
        setattr(other, name, value)
    return other


def email_allowed(company, email):
    """Whether *email* may be invited to *company*: it could sign in, as far as domains go."""
    return company.security.allows_email(email)
