"""Files about a candidate, and the form that the candidate fills."""

from pathlib import Path, PurePath
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import Attributed, AttributedQuerySet
from candidates.models.candidate import Candidate
from candidates.models.checks import CaseCheck


class PrivateStorage(FileSystemStorage):
    """Below no address of the web server: a view asks who may see a file, and hands it out."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self):
        return settings.PRIVATE_MEDIA_ROOT

    @property
    def location(self):
        return str(Path(self.base_location).resolve())

    def url(self, name):
        raise ValueError("A private file is not accessible by an address of its own.")


def private_storage():
    return PrivateStorage()


def private_path(document, filename):
    """A name that says nothing and can't be guessed; the given one is kept in the row."""
    return PurePath("documents", str(document.candidate_id), uuid4().hex).as_posix()


class Document(Attributed):
    """A file or, from the API, a link to one that is never fetched.

    Whose ``added_by`` and ``added_through`` are empty came from the candidate.
    """

    class Kind(models.TextChoices):
        RESUME = "resume", _("Résumé")
        CONSENT = "consent", _("Consent")
        IDENTITY = "identity", _("Identity document")
        ADDRESS = "address", _("Proof of address")
        EDUCATION = "education", _("Certificate")
        EMPLOYMENT = "employment", _("Proof of employment")
        OTHER = "other", _("Other")

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="documents")
    kind = models.CharField(_("what"), max_length=16, choices=Kind)
    for_check = models.ForeignKey(
        CaseCheck, models.SET_NULL, null=True, blank=True, related_name="documents",
        verbose_name=_("for the check"),
    )  # fmt: skip
    tag = models.CharField(_("part"), max_length=64, blank=True)
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=private_path, max_length=200, blank=True
    )
    url = models.URLField(_("link"), max_length=2000, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    content_type = models.CharField(_("content type"), max_length=100, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AttributedQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(file="", url__gt="") | models.Q(url="", file__gt=""),
                name="candidates_document_is_file_or_link",
            )
        ]

    def __str__(self):
        return self.name or self.get_kind_display()


@receiver(post_delete, sender=Document)
def remove_file(instance, **kwargs):
    """However a row goes (by itself, in bulk, with its candidate or company), its file goes too."""
    if instance.file:
        storage, name = instance.file.storage, instance.file.name
        transaction.on_commit(lambda: storage.delete(name), robust=True)


class VerificationForm(models.Model):
    """What the candidate, or HR for them, has answered so far; kept between visits.

    ``answers`` holds one object for each step (product.md §6). Whether it was submitted and
    consented to is the case's.
    """

    candidate = models.OneToOneField(
        Candidate, models.CASCADE, primary_key=True, related_name="form"
    )
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    consent_name = models.CharField(_("signed as"), max_length=120, blank=True)
    consent_address = models.GenericIPAddressField(_("signed from"), null=True, blank=True)
    updated_at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")

    def __str__(self):
        return str(self.candidate_id)
