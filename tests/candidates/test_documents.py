"""Files: what they are is judged by content; row and file come and go together."""

import io

import pytest
from django.conf import settings
from django.db import transaction

from apitokens.attribution import Actor
from candidates.exceptions import FileRefused
from candidates.models import Candidate, Document, LogEntry
from candidates.services import documents
from candidates.services.content_types import content_type_of
from candidates.services.documents import attach, clean_name, remove
from tests.candidates import files
from tests.candidates.files import upload

RESUME, CONSENT, IDENTITY = Document.Kind.RESUME, Document.Kind.CONSENT, Document.Kind.IDENTITY


def stored():
    """What lies in the private folder, as paths below it."""
    root = settings.PRIVATE_MEDIA_ROOT
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def content_of(document):
    with document.file.open() as file:
        return file.read()


@pytest.mark.parametrize(
    ("kind", "content", "content_type"),
    [
        (RESUME, files.PDF, "application/pdf"),
        (RESUME, files.DOC, "application/msword"),
        (RESUME, files.DOCX,
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (CONSENT, files.PDF, "application/pdf"),
        (CONSENT, files.JPEG, "image/jpeg"),
        (CONSENT, files.PNG, "image/png"),
        (IDENTITY, files.PNG, "image/png"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(meera, admin, kind, content, content_type):
    lying = upload(content, "evil.html", "text/html")
    document = attach(candidate=meera, kind=kind, file=lying, actor=Actor(admin), tag="front")
    document.refresh_from_db()
    assert (document.content_type, document.size) == (content_type, len(content))
    assert (document.name, document.tag, document.added_by) == ("evil.html", "front", admin)
    assert content_of(document) == content


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (RESUME, files.HTML),
        (RESUME, files.WINDOWS_PROGRAM),
        (RESUME, files.JPEG),
        (RESUME, files.PNG),
        (RESUME, files.XLSX),
        (RESUME, files.XLS),
        (RESUME, files.DOCM),
        (RESUME, files.ole("WordDocument", kind=1)),
        (RESUME, b"\0" + files.ole("WordDocument")),
        (RESUME, files.BOMB),
        (RESUME, files.BIG_BOMB),
        (RESUME, files.with_comment()),
        (RESUME, files.many_names()),
        (RESUME, files.DOCX[:-1]),
        (RESUME, files.DOCX[:40]),
        (RESUME, b"PK\x03\x04"),
        (RESUME, b" " + files.PDF),
        (RESUME, b"%PDF"),
        (RESUME, b"x"),
        (CONSENT, files.DOCX),
        (CONSENT, files.DOC),
        (CONSENT, b"GIF89a" + bytes(100)),
        (CONSENT, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (IDENTITY, files.DOCX),
    ],
)
def test_a_file_that_lies_is_refused_and_leaves_nothing(meera, admin, kind, content):
    with pytest.raises(FileRefused, match="Choose a file that is a PDF, "):
        attach(candidate=meera, kind=kind, file=upload(content), actor=Actor(admin))
    assert not Document.objects.exists()
    assert not stored()


def test_an_empty_file_and_one_byte_too_many_are_refused(meera, settings):
    settings.DOCUMENT_MAX_SIZE = len(files.PDF)
    attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    with pytest.raises(FileRefused, match="up to"):
        attach(candidate=meera, kind=RESUME, file=upload(files.PDF + b"x"), actor=None)
    with pytest.raises(FileRefused, match="empty"):
        attach(candidate=meera, kind=RESUME, file=upload(b""), actor=None)
    assert Document.objects.count() == len(stored()) == 1


def test_ten_megabytes_are_the_limit():
    assert settings.DOCUMENT_MAX_SIZE == 10 * 1024 * 1024
    assert documents.largest_in_words() == "10\xa0MB"


def test_a_zip_of_names_alone_is_refused_before_its_directory_is_read(monkeypatch):
    bomb = io.BytesIO(files.many_names())
    monkeypatch.setattr("zipfile.ZipFile", None)
    assert content_type_of(bomb) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ananya Krishnan CV.pdf", "Ananya Krishnan CV.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\asha\\cv.pdf", "cv.pdf"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        (".htaccess", "htaccess"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("cv\r\nSet-Cookie: a=b.pdf", "cvSet-Cookie: a=b.pdf"),
        ("cv\x00.pdf", "cv.pdf"),
        ("\ud800cv.pdf", "cv.pdf"),
        ("अनन्या का बायोडाटा.pdf", "अनन्या का बायोडाटा.pdf"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("a" * 300, "a" * 255),
        ("a." + "b" * 300, "a." + "b" * 253),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_name(given) == kept


def test_the_stored_name_says_nothing(meera):
    attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    (name,) = stored()
    assert "Ananya" not in name
    assert not name.endswith("pdf")


def test_only_the_portal_may_read_the_file(meera):
    document = attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    path = settings.PRIVATE_MEDIA_ROOT / document.file.name
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="not accessible"):
        _ = document.file.url


def test_the_log_says_who_added_and_removed_what(meera, admin):
    by_hand = attach(candidate=meera, kind=RESUME, file=upload(), actor=Actor(admin))
    attach(candidate=meera, kind=IDENTITY, file=upload(), actor=None, address="203.0.113.7")
    remove(document=by_hand, actor=Actor(admin))
    removed, brought, added, *_ = LogEntry.objects.filter(candidate=meera)
    assert (added.who, added.text) == ("Asha Rao", "added Résumé")
    assert (brought.who, brought.text) == ("Meera Iyer", "added Identity document")
    assert brought.address == "203.0.113.7"
    assert (removed.who, removed.text) == ("Asha Rao", "removed Résumé")
    assert "Krishnan" not in str(list(LogEntry.objects.values_list("data", flat=True)))


def fail(*args, **kwargs):
    raise RuntimeError("the database went away")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_no_file(meera, monkeypatch):
    monkeypatch.setattr(documents, "record", fail)
    with pytest.raises(RuntimeError, match="went away"):
        attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    assert not stored()
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_is_never_part_of_somebody_elses_transaction(meera):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    assert not stored()


@pytest.mark.django_db(transaction=True)
def test_a_removal_that_fails_keeps_the_file(meera, monkeypatch):
    document = attach(candidate=meera, kind=RESUME, file=upload(), actor=None)
    monkeypatch.setattr(documents, "record", fail)
    with pytest.raises(RuntimeError, match="went away"):
        remove(document=document, actor=None)
    assert content_of(Document.objects.get()) == files.PDF


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "go",
    [
        lambda document: remove(document=document, actor=None),
        lambda document: document.delete(),
        lambda document: Document.objects.all().delete(),
        lambda document: document.candidate.delete(),
        lambda document: Candidate.objects.all().delete(),
        lambda document: document.candidate.company.delete(),
    ],
)
def test_however_the_row_goes_its_file_goes_too(meera, go):
    go(attach(candidate=meera, kind=RESUME, file=upload(), actor=None))
    assert not Document.objects.exists()
    assert not stored()


def test_an_upload_that_is_far_too_large_stays_small_on_disk(settings, rf):
    settings.DOCUMENT_MAX_SIZE = 100_000
    request = rf.post("/", {"file": upload(files.PDF + bytes(3_000_000))})
    with request.FILES["file"] as file:
        assert settings.DOCUMENT_MAX_SIZE < file.size <= 100_000 + 64 * 1024
