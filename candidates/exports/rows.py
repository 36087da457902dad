"""The rows of an export, read piece by piece, and what stands in each column."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from apitokens.views.history import midnight
from candidates.exports.names import Names
from candidates.models import CandidateQuerySet
from candidates.visibility import sees_progress, visible_candidates

PIECE = 2000
"""So many rows are in memory at a time."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what stands in it, and whether it tells how a case stands or when."""

    head: Any
    cell: Callable[[Row, Names], Any]
    tells_progress: bool = False


def plain(name: str) -> Callable[[Row, Names], Any]:
    """What stands in the row itself."""
    return lambda row, names: row[name]


def moment(name: str) -> Callable[[Row, Names], datetime | None]:
    """The same in the portal's time zone and without it, as spreadsheets keep moments."""
    return lambda row, names: row[name] and _local(row[name])


def _local(moment: datetime) -> datetime:
    return moment.astimezone(get_current_timezone()).replace(tzinfo=None, microsecond=0)


COLUMNS = [
    Column(_("Candidate Name"), plain("name")),
    Column(_("Emp ID"), plain("employee_id")),
    Column(_("Primary Phone"), plain("phone")),
    Column(_("Other Phone"), plain("alternate_phone")),
    Column(_("E-mail"), plain("email")),
    Column(_("Other E-mail"), plain("alternate_email")),
    Column(_("UAN"), plain("uan_number")),
    Column(_("Category"), lambda row, names: names.category(row)),
    Column(_("Tags"), lambda row, names: names.tags(row)),
    Column(_("Package"), lambda row, names: names.package(row)),
    Column(_("Subtype"), lambda row, names: names.subtype(row)),
    Column(_("State"), lambda row, names: names.state(row), tells_progress=True),
    Column(_("Added On"), moment("created_at"), tells_progress=True),
    Column(_("Completed On"), moment("case__completed_at"), tells_progress=True),
    Column(_("Candidate ID"), plain("pk")),
    Column(_("Added By"), lambda row, names: names.adder(row)),
]
READ = (
    "pk", "name", "employee_id", "phone", "alternate_phone", "email", "alternate_email",
    "uan_number", "created_at", "case__completed_at", *Names.KEYS,
)  # fmt: skip


def cases_of(user: Any, since: date | None = None, until: date | None = None) -> CandidateQuerySet:
    """What *user* may see of the candidates added in these days. A Recruiter is told no dates, by
    choosing them neither.
    """
    return added_between(visible_candidates(user), since, until)


def added_between(
    rows: CandidateQuerySet, since: date | None, until: date | None
) -> CandidateQuerySet:
    """Those *rows* added from the day *since* to *until*, both included; days are the portal's."""
    if since is not None:
        rows = rows.filter(created_at__gte=midnight(since))
    if until is not None:
        rows = rows.filter(created_at__lt=midnight(until + timedelta(days=1)))
    return rows


def table_of(user: Any, rows: CandidateQuerySet) -> Iterator[list[Any]]:
    """The heads, then a list of cells for each of *rows*, newest first.

    Plain values, and names looked up once: as instances with their joins the same rows take four
    times as long.
    """
    columns = [column for column in COLUMNS if sees_progress(user) or not column.tells_progress]
    yield [str(column.head) for column in columns]
    names, cells = Names(), [column.cell for column in columns]
    for piece in pieces(rows.order_by("-created_at", "-pk").values(*READ)):
        names.learn(piece)
        for row in piece:
            yield [cell(row, names) for cell in cells]


def pieces(rows: Any) -> Iterator[list[Row]]:
    """*rows* by PIECE, from one query and one state of the database."""
    found: Iterable[Row] = rows.iterator(chunk_size=PIECE)
    reading = iter(found)
    while piece := list(islice(reading, PIECE)):
        yield piece
