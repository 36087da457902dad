"""Pages by key: one query each, no count and no offset, so the last is as fast as the first."""

import re
from dataclasses import dataclass

from candidates.pages.ordering import NEWEST, Cursor

PAGE_SIZE = 25
LARGEST_KEY = 2**63 - 1
CURSOR = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class ForgedCursor(Exception):
    """A cursor that no page of ours links to."""


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


def paginate(rows, cursor, order=NEWEST, size=PAGE_SIZE):
    """The Page of *rows* at *cursor*, with *size* of them at most."""
    backwards = cursor is not None and cursor.side == "before"
    found = list(order.first(rows, cursor)[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    return Page(
        rows=shown,
        previous=_neighbour("before", shown[:1], more if backwards else cursor is not None),
        next=_neighbour("after", shown[-1:], backwards or more),
    )


def _neighbour(side, edge, exists):
    return {side: edge[0].pk} if exists and edge else None
