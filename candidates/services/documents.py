"""Files about candidates: the one way in and out."""

import unicodedata
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from apitokens.attribution import Actor
from candidates.exceptions import FileRefused
from candidates.models import Candidate, CaseCheck, Document, LogEntry
from candidates.services.cases import refuse_erased
from candidates.services.content_types import DOC, DOCX, JPEG, PDF, PNG, content_type_of
from candidates.services.log import record

LONGEST_NAME = 255
SCANS = (PDF, JPEG, PNG)
ACCEPTED = {Document.Kind.RESUME: (PDF, DOC, DOCX)}
"""By kind what is taken; whatever isn't named here takes SCANS."""
WORDS = {PDF: "PDF", DOC: "doc", DOCX: "docx", JPEG: "JPEG", PNG: "PNG"}
NEITHER_NAME = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at: what a row keeps of it."""

    file: File
    name: str
    content_type: str
    size: int

    @property
    def columns(self):
        return {"name": self.name, "content_type": self.content_type, "size": self.size}


def accepted(kind: Document.Kind | str) -> tuple[str, ...]:
    """The content types that are taken for *kind*."""
    return ACCEPTED.get(Document.Kind(kind), SCANS)


def accepted_in_words(kind: Document.Kind | str) -> str:
    """As "PDF, doc or docx"."""
    *first, last = (WORDS[content_type] for content_type in accepted(kind))
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last}


def largest_in_words() -> str:
    """As "10 MB"."""
    return filesizeformat(settings.DOCUMENT_MAX_SIZE).replace(".0", "")


def facts_of(content_type: str, size: int) -> str:
    """As "PDF, 212 kB"."""
    kilobytes = max(round(size / 1000), 1)
    in_words = f"{kilobytes} kB" if kilobytes < 1000 else f"{size / 1_000_000:.1f} MB"
    return ", ".join(filter(None, [WORDS.get(content_type), in_words]))


def inspect(kind: Document.Kind | str, file: File) -> Upload:
    """What *file* is, by its content. Raises FileRefused."""
    size = file.size or 0
    if not size:
        raise FileRefused(_("The file is empty"))
    if size > settings.DOCUMENT_MAX_SIZE:
        raise FileRefused(_("Choose a file of up to %s") % largest_in_words())
    content_type = content_type_of(cast(BinaryIO, file))  # it wraps all that one does
    if content_type not in accepted(kind):
        raise FileRefused(_("Choose a file that is a %s") % accepted_in_words(kind))
    return Upload(file, clean_name(file.name), content_type, size)


def attach(
    *,
    candidate: Candidate,
    kind: Document.Kind | str,
    file: File,
    actor: Actor | None,
    tag: str = "",
    address: str | None = None,
    for_check: CaseCheck | None = None,
) -> Document:
    """Keep *file* as a document of *candidate*; without *actor* the candidate brought it.

    Row and file are there together or not at all, so this is a transaction of its own, never part
    of another. Raises FileRefused, NotAllowedNow for a candidate who is erased.
    """
    upload = inspect(kind, file)
    document = Document(
        candidate=candidate, kind=kind, tag=tag, for_check=for_check,
        **upload.columns, **_whose(actor),
    )  # fmt: skip
    try:
        with transaction.atomic(durable=True):
            refuse_erased(candidate)
            document.file.save(upload.name, upload.file, save=False)
            document.save(force_insert=True)
            note(document, LogEntry.Kind.DOCUMENT_ADDED, actor, address)
    except BaseException:
        if document.file:
            document.file.delete(save=False)
        raise
    return document


@transaction.atomic
def remove(*, document: Document, actor: Actor | None, address: str | None = None) -> None:
    """Delete a document; its file goes when the transaction is committed."""
    document.delete()
    note(document, LogEntry.Kind.DOCUMENT_REMOVED, actor, address)


def record_opened(document: Document, actor: Actor) -> None:
    note(document, LogEntry.Kind.DOCUMENT_OPENED, actor)


def note(
    document: Document, kind: LogEntry.Kind, actor: Actor | None, address: str | None = None
) -> None:
    """A line of the log that names the kind of document, never the file: that has names in it."""
    record(document.candidate, kind, actor, address=address, document=str(document.kind))


def clean_name(name: str | None) -> str:
    """The given name without path, control, bidi and other unseen characters, at most 255 long.

    It is kept to be shown and offered when the file is downloaded, and names nothing on disk.
    """
    base = (name or "").replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in base if unicodedata.category(c) not in NEITHER_NAME)
    seen = seen.strip().lstrip(".") or "file"
    if len(seen) <= LONGEST_NAME:
        return seen
    stem, dot, ending = seen.rpartition(".")
    if not dot or len(ending) > 8:
        return seen[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def _whose(actor: Actor | None) -> dict:
    return {} if actor is None else Document.by(actor)
