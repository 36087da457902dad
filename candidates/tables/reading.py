"""A file of rows: judged by its content, read whole, bounded in every direction."""

import hashlib
import json
import re
import string
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, cast

from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.exceptions import FileRefused
from candidates.services.content_types import OLE, ZIP, content_type_of
from candidates.tables import limits
from candidates.tables.csv_files import decoded, not_taken, numbered_rows
from candidates.tables.workbooks import (
    is_encrypted,
    is_xls,
    is_xlsx,
    locked,
    read_workbook,
    repacked,
)

KINDS = {"csv": "CSV", "xls": "XLS", "xlsx": "XLSX"}
LINES = re.compile(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+")

Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows as wide as them with their numbers in the file; ``sheet`` or ``note``."""

    headings: list[str]
    rows: list[Numbered]
    sheet: str = ""
    note: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same rows, in whatever kind of file they stand."""
        content = [self.headings, *(cells for _number, cells in self.rows)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def read_table(file: File) -> Table:
    """What *file* holds. Raises FileRefused, saying what is wrong and in which row."""
    if not file.size:
        raise FileRefused(_("The file is empty"))
    if file.size > limits.BYTES:
        raise FileRefused(_("Choose a file of up to 5 MB"))
    stream = cast(BinaryIO, file)
    kind = kind_of(stream)
    refuse_lie(kind, file.name or "")
    stream.seek(0)
    if kind == "csv":
        text, note = decoded(stream.read())
        return table_of(list(numbered_rows(text)), note=note)
    book = read_workbook(repacked(stream) if kind == "xlsx" else stream.read())
    refuse_merged(book["merged"])
    rows = [(number, cells) for number, cells in book["rows"]]
    return table_of(rows, count=book["count"], sheet=book["sheet"][:100])


def kind_of(file: BinaryIO) -> str:
    """One of KINDS, by its content alone. Raises FileRefused for anything else."""
    file.seek(0)
    head = file.read(8)
    if head.startswith(ZIP) and is_xlsx(file):
        return "xlsx"
    if head.startswith(OLE) and is_encrypted(file):
        raise locked()
    if head.startswith(OLE) and is_xls(file):
        return "xls"
    if head.startswith((ZIP, OLE)) or content_type_of(file):
        raise not_taken()
    return "csv"


def refuse_lie(kind: str, name: str) -> None:
    """A name that says another of the three kinds than the content does is a mistake, or worse."""
    said = PurePath(name).suffix.lower().removeprefix(".")
    if said in KINDS and said != kind:
        words = {"said": KINDS[said], "kind": KINDS[kind]}
        raise FileRefused(_("The name says %(said)s, the content is %(kind)s") % words)


def refuse_merged(ranges: list[tuple[int, int]]) -> None:
    if ranges:
        first, last = min(ranges)
        rows = f"{first}–{last}" if last > first else str(first)
        raise FileRefused(_("Row %s has merged cells: unmerge them") % rows)


def table_of(found: list[Numbered], *, count: int | None = None, sheet="", note="") -> Table:
    """The Table of rows that hold anything, the first being the headings. Raises FileRefused."""
    if not found:
        raise FileRefused(_("The file is empty"))
    (_first, headings), *rows = found
    refuse_count((count or len(found)) - 1)
    width = max(_width(cells) for _number, cells in found)
    if width > limits.COLUMNS:
        text = _("The file has %(columns)d columns, at most %(most)d are taken")
        raise FileRefused(text % {"columns": width, "most": limits.COLUMNS})
    grid = [_filled(headings, width), *(_filled(cells, width) for _number, cells in rows)]
    kept = [at for at in range(width) if any(cells[at] for cells in grid)]
    names = [grid[0][at] or _("Column %s") % letter(at) for at in kept]
    table = Table(
        [name[:100] for name in names],
        [
            (number, [cells[at] for at in kept])
            for (number, _cells), cells in zip(rows, grid[1:], strict=True)
        ],
        sheet,
        note,
    )
    refuse_long(table)
    return table


def refuse_count(rows: int) -> None:
    if rows < 1:
        raise FileRefused(_("There are no rows below the headings"))
    if rows > limits.ROWS:
        text = ngettext(
            "The file has %(rows)d row, at most %(most)d are taken: split it",
            "The file has %(rows)d rows, at most %(most)d are taken: split it",
            rows,
        )
        raise FileRefused(text % {"rows": rows, "most": limits.ROWS})


def refuse_long(table: Table) -> None:
    for number, cells in table.rows:
        for name, cell in zip(table.headings, cells, strict=True):
            if len(cell) > limits.CELL:
                text = _("Row %(row)d, %(column)s: more than %(most)d characters")
                words = {"row": number, "column": name, "most": limits.CELL}
                raise FileRefused(text % words)


def letter(at: int) -> str:
    """What a spreadsheet calls the column: A, B, … AX."""
    before, this = divmod(at, 26)
    return (letter(before - 1) if before else "") + string.ascii_uppercase[this]


def _width(cells: list[str]) -> int:
    return max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _filled(cells: list[str], width: int) -> list[str]:
    """As many cells as there are columns, each one line; what no database keeps is marked."""
    tidy = [LINES.sub(" ", cell).replace("\0", "\ufffd").strip() for cell in cells[:width]]
    return tidy + [""] * (width - len(tidy))
