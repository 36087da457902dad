"""The security history as people read it: the company's own events and those of its API tokens, as
one sequence. Neither is copied into the other.
"""

import heapq
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.security.models import SecurityEvent
from accounts.security.wording import sentences_of, token_sentences
from apitokens.history import ForgedCursor
from apitokens.models import APITokenEvent
from apitokens.wording import isolated, plain

NEWEST = 25
"""Lines on a page."""

TOKEN = "token"  # noqa: S105 - the kind under which the filter finds events of API tokens
OWN_EVENT, TOKEN_EVENT = "s", "t"
CURSOR = re.compile(r"([0-9]{1,16})-([st])-([0-9]{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

ICONS = {
    "login-methods": "box-arrow-in-right", "second-factor": "phone", "password-expiry": "calendar3",
    "domains": "globe", "auto-logout": "clock", "networks": "hdd-network",
    "sso": "building",
    "signed-in": "person-check",
    "refused": "shield-exclamation", "ended": "box-arrow-right", "password": "key", TOKEN: "key",
    "factor-added": "phone", "factor-removed": "phone", "new-codes": "arrow-repeat",
    "duties": "tag", "email": "envelope",
    "invited": "envelope", "withdrawn": "x-lg", "joined": "person-plus", "access-level": "sliders",
    "disabled": "person-dash", "enabled": "person-check", "closed": "person-x",
    "integration": "plug",
    "exported": "file-earmark-spreadsheet",
    "retention": "hourglass", "erased": "trash",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One event of either kind, ready to be shown."""

    source: str
    event: SecurityEvent | APITokenEvent

    @property
    def key(self):
        """By which lines are ordered; no two have the same."""
        return (self.event.at, self.source, self.event.pk)

    @property
    def cursor(self):
        return f"{(self.event.at - EPOCH) // MICROSECOND}-{self.source}-{self.event.pk}"

    @property
    def kind(self):
        return TOKEN if self.source == TOKEN_EVENT else self.event.kind

    @property
    def icon(self):
        return ICONS.get(self.kind, "clock-history")

    @property
    def what(self):
        return _("API token") if self.kind == TOKEN else self.event.get_kind_display()

    @property
    def who(self):
        return self.event.actor_label or _("System")

    def sentences(self, say):
        tell = token_sentences if self.source == TOKEN_EVENT else sentences_of
        return tell(self.event, say)

    @property
    def details(self):
        """Sentences in HTML, with names and addresses isolated."""
        return self.sentences(isolated)

    @property
    def cells(self):
        """The row of csv_header."""
        details = "; ".join(self.sentences(plain))
        when = self.event.at.isoformat(timespec="seconds")
        return [when, self.what, details, self.who, self.event.address]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first, and the cursors from which the neighbouring pages go on, or None."""

    lines: list[Line]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class History:
    """Both sequences of one company, narrowed alike."""

    events: dict

    @classmethod
    def of(cls, company):
        return cls({
            OWN_EVENT: SecurityEvent.objects.for_company(company),
            TOKEN_EVENT: APITokenEvent.objects.for_owner(company),
        })  # fmt: skip

    def each(self, narrow):
        return History({source: narrow(source, events) for source, events in self.events.items()})

    def of_kind(self, kind):
        def narrow(source, events):
            if kind == TOKEN or source == TOKEN_EVENT:
                return events if (kind == TOKEN) == (source == TOKEN_EVENT) else events.none()
            return events.filter(kind=kind)

        return self.each(narrow)

    def with_person(self, user_id):
        def narrow(source, events):
            return events.by(user_id) if source == TOKEN_EVENT else events.with_person(user_id)

        return self.each(narrow)

    def between(self, **instants):
        return self.each(lambda source, events: events.filter(**instants))

    def page(self, *, after=None, before=None):
        """The Page older than the cursor *after*, newer than *before*, or the newest.

        One query a sequence, without counting or skipping. Raises ForgedCursor.
        """
        if after is not None and before is not None:
            raise ForgedCursor
        if before is not None:
            found = list(islice(self.newer_than(before), NEWEST + 1))
            shown = found[:NEWEST][::-1]
            return Page(shown, first(shown, len(found) > NEWEST), last(shown, True))
        found = list(islice(self.older_than(after), NEWEST + 1))
        shown = found[:NEWEST]
        return Page(shown, first(shown, after is not None), last(shown, len(found) > NEWEST))

    def older_than(self, cursor):
        history = self if cursor is None else self.each(beyond(cursor, "lt"))
        return history.merged(descending=True, limit=NEWEST + 1)

    def newer_than(self, cursor):
        return self.each(beyond(cursor, "gt")).merged(descending=False, limit=NEWEST + 1)

    def merged(self, *, descending, limit=None):
        """Lines of both sequences in order; without *limit* read piece by piece."""
        order = ("-at", "-pk") if descending else ("at", "pk")
        lines = []
        for source, events in self.events.items():
            ordered = events.order_by(*order)
            rows = ordered[:limit] if limit else ordered.iterator(chunk_size=1000)
            lines.append(map(Line, repeat(source), rows))
        return heapq.merge(*lines, key=lambda line: line.key, reverse=descending)


def beyond(cursor, side):
    """Narrows to events on the *side* (``lt`` or ``gt``) of *cursor*."""
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise ForgedCursor
    at, there, pk = EPOCH + int(match[1]) * MICROSECOND, match[2], int(match[3])

    def narrow(source, events):
        if source == there:
            return events.filter(Q(**{f"at__{side}": at}) | Q(at=at, **{f"pk__{side}": pk}))
        inside = (source < there) == (side == "lt")
        return events.filter(**{f"at__{side}{'e' if inside else ''}": at})

    return narrow


def first(lines, more):
    return lines[0].cursor if lines and more else None


def last(lines, more):
    return lines[-1].cursor if lines and more else None


def csv_rows(history):
    """The header, then every line, newest first."""
    yield [_("When"), _("Setting"), _("Change"), _("Who"), _("From")]
    for line in history.merged(descending=True):
        yield line.cells
