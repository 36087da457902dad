"""What nobody needs any more: drafts that were left, and files that no row names."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import Storage
from django.utils import timezone

from candidates.models import BulkImport, CandidateDraft, Document, DraftFile

FOLDER = "documents"
GRACE = timedelta(days=1)
"""A file this young may belong to a row that is just being written."""


def prune_drafts(*, dry_run: bool = False) -> int:
    """Delete expired drafts with their files; how many drafts."""
    if dry_run:
        return CandidateDraft.objects.expired().count()
    _rows, by_model = CandidateDraft.objects.expired().delete()
    return by_model.get(CandidateDraft._meta.label, 0)


def prune_bulks(*, dry_run: bool = False) -> int:
    """Delete files of candidates that nobody confirmed in time, and what is known of old ones."""
    if dry_run:
        return BulkImport.objects.expired().count()
    _rows, by_model = BulkImport.objects.expired().delete()
    return by_model.get(BulkImport._meta.label, 0)


def prune_files(*, dry_run: bool = False) -> int:
    """Delete files without a row: a process was killed between the two. How many."""
    storage = Document._meta.get_field("file").storage
    lost = [name for names in folders(storage) for name in without_row(names)]
    old = [name for name in lost if storage.get_modified_time(name) < timezone.now() - GRACE]
    for name in [] if dry_run else old:
        storage.delete(name)
    return len(old)


def folders(storage: Storage) -> Iterator[list[str]]:
    """The files of each folder, so that no more are held at once than one candidate has."""
    if not storage.exists(FOLDER):
        return
    for folder in storage.listdir(FOLDER)[0]:
        path = f"{FOLDER}/{folder}"
        yield [f"{path}/{name}" for name in storage.listdir(path)[1]]


def without_row(names: list[str]) -> list[str]:
    kept = set(Document.objects.filter(file__in=names).values_list("file", flat=True))
    kept |= set(DraftFile.objects.filter(file__in=names).values_list("file", flat=True))
    return [name for name in names if name not in kept]
