"""The process that opens workbooks: what reaches it, what it may take, what it knows."""

import io
import signal
import struct
import subprocess
import sys
import time
import zipfile

import pytest

from candidates.exceptions import FileRefused
from candidates.tables import limits, read_table, workbooks
from candidates.tables.workbooks import PROGRAM, read_workbook, repacked
from tests.candidates.files import upload, zipped
from tests.candidates.workbooks import MAIN, xlsx

ROWS = [["Name"], ["Ananya Krishnan"]]
SHEET = b"xl/worksheets/sheet1.xml"
UNREADABLE = "The workbook can’t be read: it is damaged, or has cells far outside of 1000 rows"
GUNICORN_WAITS = 30
"""Seconds, its default: whoever answers nothing for so long is ended."""


def far(rows):
    """Two cells so many rows and a hundred columns apart."""
    return xlsx(
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        f'<row r="{rows}"><c r="CV{rows}"><v>1</v></c></row></sheetData></worksheet>'
    )


def opened(content, *, memory=limits.MEMORY, seconds=limits.SECONDS):
    """The program itself, as workbooks.py starts it."""
    numbers = [str(number) for number in (memory, seconds, 1001)]
    command = [sys.executable, "-I", str(PROGRAM), *numbers]
    return subprocess.run(command, input=content, capture_output=True, check=False, timeout=60)


def refusal(content):
    with pytest.raises(FileRefused) as caught:
        read_table(upload(content, "a.xlsx", "application/octet-stream"))
    return str(caught.value.message)


# What it may take -------------------------------------------------------------------------------
def test_whoever_asks_for_gigabytes_is_ended_by_the_limit_of_memory():
    done = opened(far(500_000))
    assert done.returncode == -signal.SIGABRT
    assert b"memory allocation" in done.stderr


def test_whoever_computes_for_longer_than_allowed_is_ended():
    done = opened(far(100_000), seconds=1)
    assert done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


def test_whoever_only_waits_is_ended_too(monkeypatch, tmp_path):
    asleep = tmp_path / "asleep.py"
    asleep.write_text("import time; time.sleep(60)")  # takes no processor time, so no limit of that
    monkeypatch.setattr(workbooks, "PROGRAM", asleep)
    monkeypatch.setattr(limits, "SECONDS", 0.1)
    begun = time.monotonic()
    assert refusal(xlsx(ROWS)) == UNREADABLE
    assert time.monotonic() - begun < 30


def test_people_get_their_answer_before_their_worker_is_given_up():
    assert 2 * limits.SECONDS < GUNICORN_WAITS


def test_rows_beyond_those_that_are_taken_are_counted_and_not_handed_over():
    book = read_workbook(xlsx([["Name"], *[["Ananya"]] * 3000]))
    assert (len(book["rows"]), book["count"]) == (limits.ROWS + 1, 3001)


# What it knows ----------------------------------------------------------------------------------
def test_it_knows_no_secret_and_imports_nothing_that_lies_beside_it(monkeypatch, tmp_path):
    asks = tmp_path / "asks.py"
    asks.write_text(
        "import json, os, sys; json.dump({'names': list(os.environ), 'path': sys.path}, sys.stdout)"
    )
    monkeypatch.setattr(workbooks, "PROGRAM", asks)
    monkeypatch.setenv("SECRET_KEY", "hush")
    answer = read_workbook(b"")
    assert "SECRET_KEY" not in answer["names"]
    assert str(tmp_path) not in answer["path"]


# What reaches it --------------------------------------------------------------------------------
def test_a_name_that_comes_twice_reaches_it_once():
    content = io.BytesIO(xlsx(ROWS))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET.decode(), "<worksheet/>")
    names = zipfile.ZipFile(io.BytesIO(repacked(content))).namelist()
    assert sorted(names) == sorted(set(names))


def with_heads(content, local, central, value):
    """*value* at those places of every entry's two heads."""
    changed = bytearray(content)
    for mark, place in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        at = -1
        while (at := changed.find(mark, at + 1)) >= 0:
            changed[at + place : at + place + 2] = struct.pack("<H", value)
    return bytes(changed)


def with_packed(content, body):
    """*body* over the beginning of what the first sheet is packed to."""
    at = content.index(SHEET) + len(SHEET)
    return content[:at] + body + content[at + len(body) :]


def packed_by(compress_type):
    with zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as source:
        return zipped({name: source.read(name) for name in source.namelist()}, compress_type)


def cut_off():
    """The sheet goes on behind the end of the file; the picture says it has nothing instead."""
    with zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    content = bytearray(zipped({"xl/a.png": bytes(10_000), **parts}, zipfile.ZIP_STORED))
    for name, size in ((b"xl/a.png", 0), (SHEET, 8000)):
        at = content.rindex(name) - 46
        content[at + 20 : at + 28] = struct.pack("<II", size, size)
    return bytes(content)


def misnamed():
    """Both heads say UTF-8, and the second name of the sheet is none."""
    return with_heads(xlsx(ROWS), 6, 8, 0x800).replace(SHEET, b"\xff" * len(SHEET), 1)


ODD = {
    "cut off": cut_off(),
    "misnamed": misnamed(),
    "encrypted": with_heads(xlsx(ROWS), 6, 8, 1),
    "patched": with_heads(xlsx(ROWS), 6, 8, 0x20),
    "packed in a way to come": with_heads(xlsx(ROWS), 8, 10, 99),
    "deflated wrong": with_packed(xlsx(ROWS), b"\xff" * 20),
    "changed": with_packed(packed_by(zipfile.ZIP_STORED), b"<Worksheet"),
    "stored as deflated": with_heads(packed_by(zipfile.ZIP_STORED), 8, 10, 8),
    "bzip2": packed_by(zipfile.ZIP_BZIP2),
    "LZMA": packed_by(zipfile.ZIP_LZMA),
    "damaged bzip2": with_packed(packed_by(zipfile.ZIP_BZIP2), b"\xff" * 60),
    "damaged LZMA": with_packed(packed_by(zipfile.ZIP_LZMA), b"\x09\x04\x05\0" + b"\xff" * 60),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_entries_that_no_spreadsheet_packs_so_are_refused(content):
    assert refusal(content) == UNREADABLE
