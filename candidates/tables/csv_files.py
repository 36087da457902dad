"""CSV as spreadsheets of any country write it: charset and separator are found out."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _

from candidates.exceptions import FileRefused

BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
BREAKS = "\t\r\n\x0b\x0c"
SEPARATORS = ",;\t|"
NAMED_SEPARATOR = re.compile(r'sep=([^"\r\n])\r?\n', re.IGNORECASE)
"""The first line by which Excel is told. A quote or a line's end separates nothing."""
QUOTED = re.compile(r'"[^"]*"')


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and "Latin-1" where it is no Unicode. Raises FileRefused for what is no text."""
    text, note = _decoded(content)
    if text.lstrip()[:1] == "<":
        raise FileRefused(_("This is a web page or XML: save it as CSV or XLSX"))
    if any(unicodedata.category(c) == "Cc" for c in set(text).difference(BREAKS)):
        raise not_taken()
    return text, note


def _decoded(content: bytes) -> tuple[str, str]:
    named = next((charset for bom, charset in BOMS.items() if content.startswith(bom)), None)
    try:
        return content.decode(named or "utf-8"), ""
    except UnicodeDecodeError as error:
        if named:
            raise not_taken() from error
        return content.decode("cp1252", errors="replace"), "Latin-1"


def not_taken() -> FileRefused:
    return FileRefused(_("Choose a CSV, XLS or XLSX file"))


def numbered_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Its rows that hold anything, numbered as a spreadsheet does. Raises FileRefused."""
    named = NAMED_SEPARATOR.match(text)
    lines = io.StringIO(text[named.end() :] if named else text, newline="")
    reader = csv.reader(lines, delimiter=named[1] if named else separator_of(text), strict=True)
    number = 1 if named else 0
    try:
        for row in reader:
            number += 1
            if any(cell.strip() for cell in row):
                yield number, row
    except csv.Error as error:
        long = "field limit" in str(error)
        text = (
            _("Row %d: the cell is too long")
            if long
            else _("Row %d: a quotation mark has no partner")
        )
        raise FileRefused(text % (number + 1)) from error


def separator_of(text: str) -> str:
    """What separates the headings: the one that stands there most often outside of quotes."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    bare = QUOTED.sub("", first)
    return max(SEPARATORS, key=bare.count)
