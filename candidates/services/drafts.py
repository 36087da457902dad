"""Adding by hand, between its steps. A candidate comes of it at the end, whole, and once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Company, User
from apitokens.attribution import Actor
from candidates.models import Candidate, CandidateDraft, Document, DraftFile, LogEntry, Subtype
from candidates.services.add import add_candidate
from candidates.services.cases import consent
from candidates.services.documents import Upload, note

KEPT_OF_A_PERSON = 20
"""The oldest goes when somebody begins one more: files of drafts never fill the disk."""


def start_draft(user: User, company: Company) -> CandidateDraft:
    """A new draft of *user* of *company*."""
    own = CandidateDraft.objects.filter(user=user).order_by("-updated_at")
    kept = own.values_list("pk", flat=True)[: KEPT_OF_A_PERSON - 1]
    CandidateDraft.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    return CandidateDraft.objects.create(user=user, company=company)


def save_draft(draft: CandidateDraft, **columns: Any) -> None:
    """Keep ``details`` or ``order``; a draft that is done stays as it is."""
    rows = CandidateDraft.objects.filter(pk=draft.pk, candidate=None)
    rows.update(updated_at=timezone.now(), **columns)
    for name, value in columns.items():
        setattr(draft, name, value)


def keep_files(draft: CandidateDraft, uploads: Mapping[Document.Kind, Upload]) -> list[DraftFile]:
    """Keep files that were looked at, by kind, each in place of the one before it.

    A transaction of its own, as ``documents.attach`` is: rows and files are there together.
    """
    rows = [DraftFile(draft=draft, kind=kind, **upload.columns) for kind, upload in uploads.items()]
    try:
        with transaction.atomic(durable=True):
            CandidateDraft.objects.select_for_update().get(pk=draft.pk)
            draft.files.filter(kind__in=list(uploads)).delete()
            for row in rows:
                upload = uploads[Document.Kind(row.kind)]
                row.file.save(upload.name, upload.file, save=False)
            DraftFile.objects.bulk_create(rows)
    except BaseException:
        for row in rows:
            if row.file:
                row.file.delete(save=False)
        raise
    return rows


def drop_file(draft: CandidateDraft, kind: Document.Kind | str) -> None:
    draft.files.filter(kind=kind).delete()


@transaction.atomic
def finish_draft(
    *, draft: CandidateDraft, actor: Actor, subtype: Subtype, **fields: Any
) -> Candidate:
    """Make the candidate of *draft*, with its files; the second time, the one that was made.

    *fields* are those of ``add_candidate``, and so is what it raises: then nothing is written.
    """
    draft = CandidateDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.candidate is not None:
        return draft.candidate
    candidate = add_candidate(company=draft.company, actor=actor, subtype=subtype, **fields)
    files = list(draft.files.order_by("pk"))
    for file in files:
        hand_over(file, candidate, actor)
    if any(file.kind == Document.Kind.CONSENT for file in files):
        consent(case=candidate.case, actor=actor)
    draft.candidate, draft.details, draft.order = candidate, {}, {}
    draft.save()
    return candidate


def hand_over(file: DraftFile, candidate: Candidate, actor: Actor) -> None:
    """The stored file becomes the candidate's as it lies; the draft's row goes without it."""
    document = Document.objects.create(
        candidate=candidate, kind=file.kind, file=file.file.name, name=file.name,
        content_type=file.content_type, size=file.size, **Document.by(actor),
    )  # fmt: skip
    note(document, LogEntry.Kind.DOCUMENT_ADDED, actor)
    DraftFile.objects.filter(pk=file.pk).update(file="")
    DraftFile.objects.filter(pk=file.pk).delete()
