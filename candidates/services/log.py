"""The log's one writer."""

from collections.abc import Iterable
from typing import Any

from apitokens.attribution import Actor
from candidates.models import Candidate, LogEntry


def record(
    candidate: Candidate,
    kind: LogEntry.Kind,
    actor: Actor | None,
    *,
    address: str | None = None,
    **data: Any,
) -> LogEntry:
    """Append a line, inside the caller's transaction; without *actor* the candidate did it.

    *address* is the candidate's; an actor brings its own. What nobody does (``Actor()``) is marked
    as the portal's own doing.
    """
    if actor is None:
        return LogEntry.objects.create(
            candidate=candidate, kind=kind, by_candidate=True, address=address, data=data
        )
    line = _line(candidate, kind, actor, data)
    line.save(force_insert=True)
    return line


def record_all(
    kind: LogEntry.Kind, actor: Actor, lines: Iterable[tuple[Candidate, dict[str, Any]]]
) -> None:
    """Append a line for each candidate, with its data, in one statement."""
    LogEntry.objects.bulk_create(_line(candidate, kind, actor, data) for candidate, data in lines)


def _line(
    candidate: Candidate, kind: LogEntry.Kind, actor: Actor, data: dict[str, Any]
) -> LogEntry:
    if actor == Actor():
        data = {**data, "automatic": True}
    return LogEntry(
        candidate=candidate, kind=kind, address=actor.address, data=data, **LogEntry.by(actor)
    )
