"""The history as people read it: each event in words, a page of them, and rows for CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext

from apitokens.models import APIToken, APITokenEvent
from apitokens.wording import details_of, isolated, plain

NEWEST = 25
"""Events on a page, and on one token's page."""

LARGEST_KEY = 2**63 - 1

ICONS = {
    "created": "plus-circle",
    "imported": "key",
    "renamed": "pencil",
    "copied": "copy",
    "limited": "sliders",
    "rotated": "arrow-repeat",
    "cut": "x-lg",
    "suspended": "pause-circle",
    "resumed": "play-circle",
    "taken-over": "person-check",
    "new-address": "globe2",
    "deleted": "trash3",
}


class ForgedCursor(ValueError):
    """A cursor that no page of ours links to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event, ready to be shown."""

    event: APITokenEvent

    @property
    def icon(self) -> str:
        return ICONS.get(self.event.kind, "clock-history")

    @property
    def what(self) -> str:
        return capfirst(self.event.get_kind_display())

    @property
    def details(self) -> list[str]:
        """Sentences in HTML, with names and addresses isolated."""
        return details_of(self.event, isolated)

    @property
    def cells(self) -> list[Any]:
        """The row of CSV_HEADER."""
        event = self.event
        return [
            event.at.isoformat(timespec="seconds"), self.what, event.token_name,
            event.token_public_id, event.actor_label, event.address,
            "; ".join(details_of(event, plain)),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first, and the ids from which the neighbouring pages go on, or None."""

    lines: list[Line]
    newer: int | None
    older: int | None


def csv_header() -> list[str]:
    return [
        gettext("When"), gettext("Event"), gettext("Token"), gettext("Public id"),
        gettext("Who"), gettext("From"), gettext("Details"),
    ]  # fmt: skip


def csv_rows(events: Any) -> Iterator[list[Any]]:
    """The header, then *events*, newest first, read piece by piece."""
    yield csv_header()
    for event in events.order_by("-pk").iterator(chunk_size=1000):
        yield Line(event).cells


def events_about(token: APIToken) -> list[Line]:
    """The newest events of *token*."""
    return _lines(APITokenEvent.objects.about(token).order_by("-pk")[:NEWEST])


def page_of(events: Any, *, after: str | None = None, before: str | None = None) -> Page:
    """The Page of *events* older than the id *after*, or newer than *before*, or the newest.

    One query, without counting or skipping. Raises ForgedCursor.
    """
    if after is not None and before is not None:
        raise ForgedCursor
    if before is not None:
        return _newer(events.filter(pk__gt=_key(before)))
    if after is not None:
        events = events.filter(pk__lt=_key(after))
    found = _lines(events.order_by("-pk")[: NEWEST + 1])
    shown = found[:NEWEST]
    return Page(shown, _first(shown, after is not None), _last(shown, len(found) > NEWEST))


def _newer(events: Any) -> Page:
    found = _lines(events.order_by("pk")[: NEWEST + 1])
    shown = found[:NEWEST][::-1]
    return Page(shown, _first(shown, len(found) > NEWEST), _last(shown, True))


def _first(lines: list[Line], more: bool) -> int | None:
    return lines[0].event.pk if lines and more else None


def _last(lines: list[Line], more: bool) -> int | None:
    return lines[-1].event.pk if lines and more else None


def _lines(events: Iterable[APITokenEvent]) -> list[Line]:
    return [Line(event) for event in events]


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= LARGEST_KEY):
        raise ForgedCursor
    return int(text)
