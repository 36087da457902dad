"""Drafts that were left and files that no row names go; everything else stays."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from candidates.models import CandidateDraft, Document
from candidates.services.documents import attach, inspect
from candidates.services.drafts import keep_files, start_draft
from tests.candidates.files import upload
from tests.candidates.test_documents import stored

pytestmark = pytest.mark.django_db(transaction=True)


def prune(**options):
    out = StringIO()
    call_command("candidates_prune", stdout=out, **options)
    return out.getvalue().splitlines()[-1]


def test_nothing_to_do_is_said():
    assert prune() == "Deleted 0 drafts and 0 files without a row."


def test_a_draft_that_was_left_goes_with_its_files(admin, meera):
    attach(candidate=meera, kind="resume", file=upload(), actor=None)
    left, recent = [start_draft(admin, admin.company) for _ in range(2)]
    for draft in (left, recent):
        keep_files(draft, {Document.Kind.RESUME: inspect("resume", upload())})
    CandidateDraft.objects.filter(pk=left.pk).update(updated_at=timezone.now() - timedelta(days=8))
    assert prune(dry_run=True) == "Would delete 1 drafts and 0 files without a row."
    assert len(stored()) == 3
    assert prune() == "Deleted 1 drafts and 0 files without a row."
    assert CandidateDraft.objects.get() == recent
    assert len(stored()) == 2


def test_a_file_without_a_row_goes_after_a_day(meera, private_folder):
    document = attach(candidate=meera, kind="resume", file=upload(), actor=None)
    young = private_folder / "documents" / "1" / "young"
    old = private_folder / "documents" / "1" / "old"
    for path in (young, old):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"x")
    for path in (old, private_folder / document.file.name):
        os.utime(path, (0, 0))
    assert prune(dry_run=True) == "Would delete 0 drafts and 1 files without a row."
    assert old.exists()
    assert prune() == "Deleted 0 drafts and 1 files without a row."
    assert stored() == sorted([document.file.name, "documents/1/young"])


def test_an_old_file_of_a_draft_that_is_kept_stays(admin, private_folder):
    draft = start_draft(admin, admin.company)
    keep_files(draft, {Document.Kind.RESUME: inspect("resume", upload())})
    (name,) = stored()
    os.utime(private_folder / name, (0, 0))
    assert prune() == "Deleted 0 drafts and 0 files without a row."
    assert stored() == [name]
