"""A candidate who is being added by hand: what was typed and uploaded, and nobody's row yet."""

from datetime import timedelta
from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models.candidate import Candidate
from candidates.models.documents import Document, private_storage, remove_file


class DraftQuerySet(models.QuerySet):
    def open_to(self, user):
        """Those of a person, for as long as they are kept; nobody else sees them."""
        return self.filter(user=user, company=user.company_id, updated_at__gt=oldest())

    def expired(self):
        return self.filter(updated_at__lte=oldest())


class CandidateDraft(models.Model):
    """Between the steps of adding: ``details`` and ``order`` are what each step was sent.

    Once ``candidate`` is set it is done, and only says so to whoever submits once more.
    """

    LIFETIME = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    details = models.JSONField(default=dict, blank=True)
    order = models.JSONField(default=dict, blank=True)
    candidate = models.OneToOneField(
        Candidate, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self):
        return str(self.pk)


def oldest():
    """Drafts that were last touched by then are gone."""
    return timezone.now() - CandidateDraft.LIFETIME


def draft_path(draft_file, filename):
    """As private_path: it says nothing, and stays when the file becomes the candidate's."""
    return PurePath("documents", draft_file.draft_id.hex, uuid4().hex).as_posix()


class DraftFile(models.Model):
    """A file that was uploaded already; a second one of its kind takes its place."""

    draft = models.ForeignKey(CandidateDraft, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=16, choices=Document.Kind)
    file = models.FileField(storage=private_storage, upload_to=draft_path, max_length=200)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("file of a draft")
        verbose_name_plural = _("files of drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "kind"], name="candidates_draft_file_once_of_a_kind"
            )
        ]

    def __str__(self):
        return self.name


post_delete.connect(remove_file, sender=DraftFile)
