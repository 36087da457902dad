"""The two kinds of files: CSV, line by line, and XLSX, through a temporary file."""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any

from xlsxwriter import Workbook

from apitokens.spreadsheets import csv_lines, safe_cell

LINES = 100
"""Of CSV are sent at once."""
MOST_ROWS = 1_048_575
"""The sheet of a workbook has so many below its head."""
LONGEST = 32_767
"""Characters of a cell; a longer text would be left out whole."""
COLUMNS, WIDTH = 30, 20
"""So many columns at most, each so many characters wide."""


def csv_of(table: Iterable[list[Any]]) -> Iterator[str]:
    """A hundred lines at a time, each made when it is asked for."""
    lines = csv_lines([_as_text(cell) for cell in row] for row in table)
    while text := "".join(islice(lines, LINES)):
        yield text


def _as_text(cell: Any) -> Any:
    return cell.isoformat(" ", "minutes") if type(cell) is datetime else cell


def xlsx_of(table: Iterable[list[Any]]) -> IO[bytes]:
    """A workbook in a temporary file without a name, at its beginning; whoever closes it ends it.

    One row is in memory at a time. What is half written is gone with its folder, also after an
    error.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            _write(file, folder, table)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _write(file: IO[bytes], folder: str, table: Iterable[list[Any]]) -> None:
    with Workbook(file, {"constant_memory": True, "tmpdir": folder}) as workbook:
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, COLUMNS - 1, WIDTH)
        for row, cells in enumerate(table):
            _put(sheet, row, cells, moment if row else bold)


def _put(sheet: Any, row: int, cells: list[Any], style: Any) -> None:
    """Only moments and heads have a style; no text is ever more than text."""
    for column, cell in enumerate(cells):
        kind = type(cell)
        if kind is int:
            sheet.write_number(row, column, cell)
        elif kind is datetime:
            sheet.write_datetime(row, column, cell, style)
        elif cell:
            sheet.write_string(row, column, safe_cell(cell)[:LONGEST], None if row else style)
