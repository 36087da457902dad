"""What a file is, by its content alone; its name and what a browser says of it count for nothing.

Five kinds are known. Nothing is unpacked or rendered: a docx is judged by the directory of its zip.
"""

import io
import zipfile
from typing import BinaryIO

PDF = "application/pdf"
DOC = "application/msword"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JPEG = "image/jpeg"
PNG = "image/png"
KNOWN = frozenset({PDF, DOC, DOCX, JPEG, PNG})

HEAD = 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
END_OF_ZIP, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
WORD_STREAM = "WordDocument"
LARGEST_DIRECTORY = 512 * 1024
"""Bytes of a zip's directory: Word writes dozens of entries, a bomb of names many thousands."""
LARGEST_UNPACKED = 100 * 1024 * 1024
MOST_SHRUNK = 200
"""XML shrinks to a twentieth, seldom to less; deflate can't do better than a thousandth."""


def content_type_of(file: BinaryIO) -> str | None:
    """One of the five, or None. *file* is read from its beginning and left there."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        return _of(head, file)
    finally:
        file.seek(0)


def _of(head: bytes, file: BinaryIO) -> str | None:
    if head[:7] in {b"%PDF-1.", b"%PDF-2."}:
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return PNG
    if head.startswith(OLE):
        return DOC if has_stream(file, WORD_STREAM) else None
    if head.startswith(ZIP):
        return DOCX if is_docx(file) else None
    return None


def has_stream(file: BinaryIO, name: str) -> bool:
    """Whether an OLE file's directory names a stream *name* ([MS-CFB] 2.6).

    Its entries are 128 bytes each, aligned: name, its length with the zeros, 2 for a stream.
    """
    file.seek(0)
    content, stream = file.read(), name.encode("utf-16-le")
    length = (len(stream) + 2).to_bytes(2, "little")
    at = content.find(stream)
    while at >= 0:
        if at % 128 == 0 and content[at + 64 : at + 67] == length + b"\x02":
            return True
        at = content.find(stream, at + 1)
    return False


def is_docx(file: BinaryIO) -> bool:
    """Whether a zip is a Word document without macros that unpacks to a sane size."""
    return is_office(file, {"[Content_Types].xml", "word/document.xml"})


def is_office(file: BinaryIO, parts: set[str]) -> bool:
    """Whether a zip has *parts*, no macros, and unpacks to a sane size by its directory."""
    if not has_plain_directory(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    # Lengths that contradict each other, a version of zip to come, names in no charset of theirs.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return False
    names = {entry.filename for entry in entries}
    if not parts <= names:
        return False
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return False
    return is_sane(entries, file.seek(0, io.SEEK_END))


def has_plain_directory(file: BinaryIO) -> bool:
    """Whether the zip ends as Word's do, no comment, not zip64, and its directory is small.

    Asked before the directory is read, so that one of a million names costs nothing.
    """
    file.seek(0, io.SEEK_END)
    file.seek(max(file.tell() - 42, 0))
    locator, end = (tail := file.read())[:-22], tail[-22:]
    return (
        end.startswith(END_OF_ZIP)
        and end.endswith(b"\0\0")
        and not locator.startswith(ZIP64_LOCATOR)
        and int.from_bytes(end[12:16], "little") <= LARGEST_DIRECTORY
    )


def is_sane(entries: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether what the entries unpack to is bounded, and they don't share the same bytes."""
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    return (
        packed <= size
        and unpacked <= LARGEST_UNPACKED
        and all(e.file_size <= max(e.compress_size, 1) * MOST_SHRUNK + 65_536 for e in entries)
    )
