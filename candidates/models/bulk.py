"""A file of candidates on its way in: its rows stand here until they are candidates, or go."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models.case import FilledBy
from candidates.models.catalogue import Category, Subtype


class BulkQuerySet(models.QuerySet):
    def open_to(self, user):
        """Those of a person; nobody else sees them."""
        return self.filter(user=user, company=user.company_id).exclude(left())

    def unconfirmed(self):
        return self.filter(state__in=BulkImport.BEFORE)

    def expired(self):
        """Not confirmed, and not touched for so long; or done, and of no use any more."""
        return self.filter(left() | models.Q(state="done", updated_at__lte=ago(BulkImport.KEPT)))

    def stalled(self):
        """Confirmed, and nobody is at work: the worker died, or there was none."""
        return self.filter(state__in=BulkImport.AT_WORK, lease_until__lte=timezone.now())

    def same_file(self, fingerprint):
        """Files of these rows that were confirmed before."""
        return self.filter(fingerprint=fingerprint, confirmed_at__isnull=False)


def left():
    """Not confirmed, and not touched for so long that it is gone."""
    return models.Q(state__in=BulkImport.BEFORE, updated_at__lte=ago(BulkImport.LIFETIME))


def ago(period):
    return timezone.now() - period


class BulkImport(models.Model):
    """One file of one person: what it held, how far it is, and what becomes of it.

    This row is the truth: a task only wakes the work. ``attempt`` is the worker that holds it until
    ``lease_until``; who finds another one there has lost it. ``done`` of ``total`` is the progress
    of the state that it is in. ``columns`` says for each heading which field it becomes: "" not
    chosen yet, LEFT_OUT none. ``uninvited``: whose link has to go out yet (keys).
    """

    class State(models.TextChoices):
        COLUMNS = "columns", _("Columns to match")
        REVIEW = "review", _("To review")
        QUEUED = "queued", _("Waiting")
        ADDING = "adding", _("Adding")
        INVITING = "inviting", _("Sending the links")
        DONE = "done", _("Done")

    BEFORE = (State.COLUMNS, State.REVIEW)
    AT_WORK = (State.QUEUED, State.ADDING, State.INVITING)
    LIFETIME = timedelta(days=7)
    KEPT = timedelta(days=365)
    LEASE = timedelta(minutes=2)
    LEFT_OUT = "-"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    sheet = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=20, blank=True)
    fingerprint = models.CharField(max_length=64)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    category = models.ForeignKey(
        Category,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    subtype = models.ForeignKey(
        Subtype, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("package")
    )
    filled_by = models.CharField(max_length=16, choices=FilledBy, default=FilledBy.CANDIDATE)
    state = models.CharField(max_length=16, choices=State, default=State.COLUMNS)
    problem = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    unsent = models.PositiveIntegerField(default=0)
    uninvited = models.JSONField(default=list, blank=True)
    actor = models.JSONField(default=dict, blank=True)
    base_url = models.CharField(max_length=300, blank=True)
    attempt = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = BulkQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of candidates")
        verbose_name_plural = _("files of candidates")
        indexes = [
            models.Index(fields=["company", "fingerprint"], name="candidates_bulk_by_content"),
            models.Index(fields=["user", "-updated_at"], name="candidates_bulk_by_person"),
            models.Index(fields=["state", "updated_at"], name="candidates_bulk_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["columns", "review", "queued", "adding", "inviting", "done"]
                ),
                name="candidates_bulk_state_known",
            )
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def is_open(self):
        """Whether it may still be changed."""
        return self.state in self.BEFORE

    @property
    def is_stalled(self):
        return (
            self.state in self.AT_WORK
            and self.lease_until is not None
            and self.lease_until <= timezone.now()
        )


class BulkRow(models.Model):
    """One row: its ``cells`` as in the file, ``values`` by field as they stand after fixing.

    ``cleaned`` is what would be written, of a row without ``errors`` (texts by field).
    """

    class State(models.TextChoices):
        ERROR = "error", _("To fix")
        DUPLICATE = "duplicate", _("Duplicate")
        READY = "ready", _("Ready")
        LEFT_OUT = "left-out", _("Left out")

    bulk = models.ForeignKey(BulkImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    cleaned = models.JSONField(default=dict)
    errors = models.JSONField(default=dict)
    left_out = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=State, default=State.READY)

    class Meta:
        verbose_name = _("row of a file")
        verbose_name_plural = _("rows of files")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["bulk", "number"], name="candidates_bulk_row_once")
        ]

    def __str__(self):
        return f"{self.bulk_id} {self.number}"
