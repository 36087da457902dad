"""Workbooks of Excel and its like, opened by another process (workbook_process.py)."""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from candidates.exceptions import FileRefused
from candidates.services.content_types import has_stream, is_office
from candidates.tables import limits

PROGRAM = Path(__file__).with_name("workbook_process.py")
PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
WANTED = (".xml", ".rels")
CHUNK = 64 * 1024
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""As every spreadsheet packs. The others unpack a chunk whole, however large it becomes."""
FILE_PASS = re.compile(rb"\x09\x08(?:\x10\0.{16}|\x08\0.{8})(?:\x86\0{3})?\x2f\0", re.DOTALL)
"""How a locked xls begins: BOF, perhaps WriteProtect, FilePass ([MS-XLS] 2.1.7.20.3)."""


def is_xlsx(file: BinaryIO) -> bool:
    return is_office(file, PARTS)


def is_xls(file: BinaryIO) -> bool:
    return has_stream(file, "Workbook") or has_stream(file, "Book")


def is_encrypted(file: BinaryIO) -> bool:
    """Whether an OLE file is an xlsx or an xls with a password; calamine says "damaged" of both."""
    if has_stream(file, "EncryptedPackage"):
        return True
    file.seek(0)
    return any(found.start() % 64 == 0 for found in FILE_PASS.finditer(file.read()))


def repacked(file: BinaryIO) -> bytes:
    """An xlsx of the same sheets, packed by us: what it unpacks to has been counted.

    So the program that opens it meets no size that lies, no name that comes twice, no pictures.
    Raises FileRefused.
    """
    content = io.BytesIO()
    left = limits.UNPACKED
    try:
        with zipfile.ZipFile(file) as source, zipfile.ZipFile(content, "w") as target:
            for name in sorted({name for name in source.namelist() if name.endswith(WANTED)}):
                body = _unpacked(source, name, left)
                left -= len(body)
                target.writestr(name, body)
    # What zipfile and zlib say of entries that are broken, encrypted or packed in another way.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise unreadable() from error
    return content.getvalue()


def _unpacked(source: zipfile.ZipFile, name: str, most: int) -> bytes:
    if source.getinfo(name).compress_type not in PACKED:
        raise unreadable()
    body = bytearray()
    with source.open(name) as entry:
        while chunk := entry.read(CHUNK):
            body += chunk
            if len(body) > most:
                raise FileRefused(_("The workbook holds far more than 1000 rows: split it"))
    return bytes(body)


def read_workbook(content: bytes) -> dict[str, Any]:
    """``sheet``, numbered ``rows``, their ``count`` and ``merged`` ranges. Raises FileRefused."""
    answer = _ask(content)
    match answer.get("error"):
        case None:
            return answer
        case "sheets":
            text = _("Several sheets hold something: %s. Keep one")
            raise FileRefused(text % ", ".join(answer["names"][:5]))
        case "empty":
            raise FileRefused(_("The file is empty"))
    raise unreadable()


def _ask(content: bytes) -> dict[str, Any]:
    most = limits.ROWS + 1  # with the headings
    numbers = [str(number) for number in (limits.MEMORY, limits.SECONDS, most)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the file comes through its input
            [sys.executable, "-I", str(PROGRAM), *numbers],
            input=content, capture_output=True, timeout=2 * limits.SECONDS, check=True, env={},
        )  # fmt: skip
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise unreadable() from error


def locked() -> FileRefused:
    return FileRefused(_("The workbook has a password: save it without one"))


def unreadable() -> FileRefused:
    text = _("The workbook can’t be read: it is damaged, or has cells far outside of 1000 rows")
    return FileRefused(text)
