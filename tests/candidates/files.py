"""Files as people send them, and as people who mean harm do."""

import io
import struct
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
HTML = b"<!doctype html><script>alert(1)</script>"
WINDOWS_PROGRAM = b"MZ\x90\x00" + bytes(60)


def zipped(entries, compress_type=zipfile.ZIP_DEFLATED):
    """The same bytes whenever it is made: some are names of tests."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in entries.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, body, compress_type)
    return content.getvalue()


WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
DOCX = zipped(WORD)
XLSX = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
DOCM = zipped({**WORD, "word/vbaProject.bin": "macros"})
BOMB = zipped({**WORD, "word/media/image1.png": bytes(50_000_000)})
BIG_BOMB = zipped({**WORD, **{f"word/media/{n}.png": bytes(3_000_000) for n in range(40)}})


def many_names():
    return zipped({**WORD, **{f"{n:0100}": b"" for n in range(5000)}})


def with_comment():
    content = io.BytesIO(DOCX)
    with zipfile.ZipFile(content, "a") as archive:
        archive.comment = b"PK\x05\x06" + bytes(18)
    return content.getvalue()


def ole(stream, kind=2):
    """An OLE file whose directory has one entry beside its root."""
    entry = stream.encode("utf-16-le").ljust(64, b"\0")
    entry += struct.pack("<H", 2 * len(stream) + 2) + bytes([kind])
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(640, b"\0")) + entry.ljust(128, b"\0")


DOC = ole("WordDocument")
XLS = ole("Workbook")


def upload(content=PDF, name="Ananya Krishnan CV.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type)
