"""Whom a setting meets: what a change does to people stands on the page before it is saved."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from accounts.models import User
from accounts.security.domains import domain_of
from accounts.security.models import SecurityEvent
from accounts.security.second_factor import has_one

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Met:
    """One person and when their password must be replaced."""

    user: User
    ends_at: datetime

    @property
    def days_left(self):
        """Whole days, or None: it is over."""
        left = self.ends_at - timezone.now()
        return None if left.total_seconds() <= 0 else left.days


def active_people(company):
    return User.objects.filter(company=company, is_active=True)


def met_by_expiry(policy, shown):
    """The first *shown* people whose passwords *policy* ends, how many more, how many have none."""
    everybody = active_people(policy.company)
    people = everybody.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by(
        "password_changed_at", "pk"
    )
    with_password = people.count()
    met = [Met(user, policy.password_ends_at(user.password_changed_at)) for user in people[:shown]]
    return met, with_password - len(met), everybody.count() - with_password


def method_use(company, since):
    """Method → how many people signed in by it since then, and the names of who did so only."""
    events = SecurityEvent.objects.for_company(company).filter(kind="signed-in", at__gte=since)
    used = {}
    for person, method in events.values_list("subject_id", "data__method").distinct():
        if method:
            used.setdefault(person, set()).add(method)
    names = {str(user.pk): user.name for user in active_people(company)}
    found = {}
    for person in sorted(names.keys() & used.keys(), key=lambda person: names[person].casefold()):
        for method in used[person]:
            count, alone = found.get(method, (0, []))
            only = [names[person]] if used[person] == {method} else []
            found[method] = (count + 1, alone + only)
    return found


def second_factors(company):
    """How many people have set one up, and the e-mail addresses of those who haven't."""
    people = active_people(company).annotate(found=has_one())
    without = list(people.filter(found=False).order_by("email").values_list("email", flat=True))
    return people.filter(found=True).count(), without


def people_by_domain(company):
    """Domain → e-mail addresses of the company's active people there."""
    found = {}
    for email in active_people(company).order_by("email").values_list("email", flat=True):
        found.setdefault(domain_of(email), []).append(email)
    return found
