"""The orders that a list has, and where a page of it begins."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.lookups import GreaterThan, LessThan

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anybody was added."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: right ``after`` (older than) or ``before`` (newer than) *key*, which
    was added at *instant*, if that is known.
    """

    side: str
    key: int
    instant: datetime | None = None


def is_backwards(cursor):
    return cursor is not None and cursor.side == "before"


@dataclass(frozen=True, slots=True)
class ByKey:
    """Newest key first.

    *keys* name the row's key in each joined table that has a part in finding the rows, first in
    the one whose index is walked.
    """

    keys: tuple[str, ...] = ("pk",)
    columns = ("pk",)

    def first(self, rows, cursor):
        """*rows* from where the page at *cursor* begins, backwards if it is before."""
        order = self.keys[0] if is_backwards(cursor) else f"-{self.keys[0]}"
        return self.beyond(rows, cursor).order_by(order)

    def beyond(self, rows, cursor):
        """Those *rows* that may stand on the page of *cursor*.

        One key says it all. They are bounded by every key, because PostgreSQL merges two joined
        tables from where both begin.
        """
        if cursor is None:
            return rows
        comparison = LessThan if cursor.side == "after" else GreaterThan
        return rows.filter(*(comparison(F(key), cursor.key) for key in self.keys))

    def apart(self, rows, cursor):
        """As ``first``; but by an expression, so that no database walks the list for it."""
        key = F("pk") + 0
        rows = self.beyond(rows, cursor)
        return rows.order_by(key.asc() if is_backwards(cursor) else key.desc())

    def placed(self, cursor):
        return cursor


@dataclass(frozen=True, slots=True)
class ByDay:
    """Those added last first, and of one instant the newest key; *seen* are all rows that the
    user may see, whatever they are narrowed to.
    """

    seen: Any
    columns = ("created_at", "pk")

    def first(self, rows, cursor):
        columns = self.columns if is_backwards(cursor) else ("-created_at", "-pk")
        return self.beyond(rows, cursor).order_by(*columns)

    def beyond(self, rows, cursor):
        if cursor is None:
            return rows
        side = "lt" if cursor.side == "after" else "gt"
        further = Q((f"created_at__{side}", cursor.instant))
        beside = Q(("created_at", cursor.instant), (f"pk__{side}", cursor.key))
        # Of both an index makes one range, and reads the few of that instant besides.
        return rows.filter((f"created_at__{side}e", cursor.instant), further | beside)

    def apart(self, rows, cursor):
        instant, rows = F("created_at") + timedelta(0), self.beyond(rows, cursor)
        if is_backwards(cursor):
            return rows.order_by(instant.asc(), "pk")
        return rows.order_by(instant.desc(), "-pk")

    def placed(self, cursor):
        """The cursor with the instant of its key: of the next older one, if it isn't seen."""
        if cursor is None:
            return None
        older = self.seen.filter(pk__lte=cursor.key).order_by("-pk")
        instant = older.values_list("created_at", flat=True).first()
        return Cursor(cursor.side, cursor.key, instant or BEGINNING)


NEWEST = ByKey()
