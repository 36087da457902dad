"""Pages by key: one query each, no count and no offset, so the last is as fast as the first."""

import re
from dataclasses import dataclass

from django.db.models import F
from django.db.models.lookups import GreaterThan, LessThan

PAGE_SIZE = 25
LARGEST_KEY = 2**63 - 1
CURSOR = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class ForgedCursor(Exception):
    """A cursor that no page of ours links to."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: right ``after`` (older than) or ``before`` (newer than) *key*."""

    side: str
    key: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by descending key; the cursors of its neighbours as query parameters, or None."""

    rows: list
    previous: dict | None
    next: dict | None


def read_cursor(query):
    """The Cursor of a query string, or None: the first page. Raises ForgedCursor."""
    given = [(side, query[side]) for side in ("after", "before") if side in query]
    if not given:
        return None
    side, text = given[0]
    if len(given) > 1 or not CURSOR.fullmatch(text) or int(text) > LARGEST_KEY:
        raise ForgedCursor
    return Cursor(side, int(text))


def paginate(rows, cursor, keys=("pk",), size=PAGE_SIZE):
    """The Page of *rows* at *cursor*, with *size* of them at most.

    *keys* name the row's key in each joined table that has a part in finding the rows, first in
    the one whose index is walked.
    """
    backwards = cursor is not None and cursor.side == "before"
    order = keys[0] if backwards else f"-{keys[0]}"
    found = list(beyond(rows, cursor, keys).order_by(order)[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    return Page(
        rows=shown,
        previous=_neighbour("before", shown[:1], more if backwards else cursor is not None),
        next=_neighbour("after", shown[-1:], backwards or more),
    )


def beyond(rows, cursor, keys=("pk",)):
    """Those *rows* that may stand on the page of *cursor*.

    One key says it all. They are bounded by every key, because PostgreSQL merges two joined tables
    from where both begin.
    """
    if cursor is None:
        return rows
    comparison = LessThan if cursor.side == "after" else GreaterThan
    return rows.filter(*(comparison(F(key), cursor.key) for key in keys))


def nearest(keys, cursor, size=PAGE_SIZE):
    """Of all *keys* of a list those that the page at *cursor* shows, and the next one."""
    if cursor is None:
        return sorted(keys, reverse=True)[: size + 1]
    if cursor.side == "after":
        return sorted((key for key in keys if key < cursor.key), reverse=True)[: size + 1]
    return sorted(key for key in keys if key > cursor.key)[: size + 1]


def _neighbour(side, edge, exists):
    return {side: edge[0].pk} if exists and edge else None
