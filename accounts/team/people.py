"""The team as its page shows it: a page of people in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from accounts.models import AccessLevel, User
from accounts.security.models import SecurityEvent
from accounts.team.duties import texts_of
from apitokens.models import APIToken


@dataclass(frozen=True, slots=True)
class Row:
    """One person, and what the page tells of them."""

    user: User
    tokens: int
    duties: str
    second_factor: str
    last_seen_at: datetime | None
    disabled: SecurityEvent | None

    @property
    def key(self):
        """For ids in the page."""
        return str(self.user.pk)


def people_of(company, *, text="", access_level=""):
    """The company's people by name, closed accounts not among them."""
    people = User.objects.filter(company=company, closed_at=None).order_by("name", "pk")
    if text:
        people = people.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if access_level:
        people = people.filter(access_level=access_level)
    return people


def rows_of(company, people):
    """The Row of each of *people*."""
    people = list(people)
    tokens, factors, seen, disabled = (
        find(company, people) for find in (live_tokens, second_factors, last_seen, disabled_by)
    )
    hr = [user for user in people if user.access_level == AccessLevel.HR]
    duties = texts_of(company, hr) if hr else {}
    return [
        Row(
            user, tokens.get(user.pk, 0), duties.get(user.pk, ""), factors.get(user.pk, ""),
            seen.get(user.pk) or user.last_login, disabled.get(str(user.pk)),
        )
        for user in people
    ]  # fmt: skip


def live_tokens(company, people):
    """{primary key: how many tokens work as them}; only an Admin's do."""
    may = [user for user in people if user.is_company_admin and user.is_active]
    rows = APIToken.objects.existing().unexpired().filter(owner=company, user__in=may)
    return dict(rows.order_by().values_list("user").annotate(Count("pk")))


def second_factors(company, people):
    """{primary key: "App and passkey"}; recovery codes alone are none."""
    words = {
        Authenticator.Type.TOTP: _("app"),
        Authenticator.Type.WEBAUTHN: _("passkey"),
    }
    found = {}
    rows = Authenticator.objects.filter(user__in=people, type__in=words).order_by("type")
    for key, kind in rows.values_list("user", "type"):
        found.setdefault(key, {})[words[kind]] = True
    return {key: _(" and ").join(kinds).capitalize() for key, kinds in found.items()}


def last_seen(company, people):
    rows = UserSession.objects.filter(user__in=people).order_by()
    return dict(rows.values_list("user").annotate(Max("last_seen_at")))


def disabled_by(company, people):
    """{primary key as text: the latest event that says who disabled them}."""
    out = [str(user.pk) for user in people if not user.is_active]
    if not out:
        return {}
    events = SecurityEvent.objects.for_company(company).filter(
        kind=SecurityEvent.Kind.DISABLED, subject_id__in=out
    )
    return {event.subject_id: event for event in events.order_by("pk")}
