"""Connections to other systems, what came by them, and messages that wait to be looked at."""

import json
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import encryption
from candidates.models import Candidate, Source

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CONNECTION_ID = "con_[0-9a-z]{26}"
EVERY = timedelta(minutes=15)
"""How often a connection is asked for news."""
EVENTS_KEPT = timedelta(days=7)
"""How long a repeated message is known, and the last one kept as a preview."""


def new_connection_id():
    """130 bits: where a system can sign nothing, the address itself is hard to guess."""
    return "con_" + "".join(secrets.choice(ALPHABET) for _ in range(26))


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def for_company(self, company):
        return self.filter(company=company)

    def started(self):
        return self.filter(started_at__isnull=False, company__is_active=True)

    def due(self, now):
        """Those that are to be asked now, and that no worker holds."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.started().filter(free, next_poll_at__lte=now)


class Connection(models.Model):
    """One of a company's other systems. Its source names what it adds, and outlives it."""

    company = models.ForeignKey(
        "accounts.Company", models.CASCADE, related_name="connections", verbose_name=_("company")
    )
    source = models.OneToOneField(Source, models.RESTRICT, related_name="connection")
    public_id = models.CharField(
        max_length=30, unique=True, default=new_connection_id, editable=False
    )
    kind = models.CharField(_("system"), max_length=32)
    encrypted_credentials = models.TextField(editable=False)
    credentials_set_at = models.DateTimeField(_("credentials set"), default=timezone.now)
    mapping = models.JSONField(default=dict)
    pointers = models.JSONField(default=dict)
    base_url = models.URLField(max_length=255)
    subscription = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(_("connected"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False,
        verbose_name=_("connected by"),
    )  # fmt: skip
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    skips_those_there = models.BooleanField(default=False)
    cursor = models.JSONField(default=dict)
    next_poll_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_key = models.CharField(max_length=32, blank=True, editable=False)
    used_until = models.DateTimeField(null=True, editable=False)
    """When all calls that were made count no more (see inbound/limiting.py)."""
    last_success_at = models.DateTimeField(_("last answer"), null=True, editable=False)
    last_message_at = models.DateTimeField(_("last message"), null=True, editable=False)
    error_code = models.CharField(max_length=16, blank=True, editable=False)
    error_detail = models.CharField(max_length=200, blank=True, editable=False)
    failing_since = models.DateTimeField(_("fails since"), null=True, editable=False)
    warned_at = models.DateTimeField(_("Admins warned"), null=True, editable=False)
    encrypted_last_body = models.TextField(blank=True, editable=False)
    last_body_at = models.DateTimeField(null=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["pk"]
        indexes = [models.Index(fields=["next_poll_at"], name="integrations_connection_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since=None, error_code="")
                | (Q(failing_since__isnull=False) & ~Q(error_code="")),
                name="integrations_connection_fails_for_a_reason",
            )
        ]

    def __str__(self):
        return self.source.label

    @property
    def name(self):
        return self.source.name

    @property
    def credentials(self):
        """Name → value. Raises encryption.Unreadable, for those of another connection too."""
        return self._opened(self.encrypted_credentials)

    @credentials.setter
    def credentials(self, values):
        self.encrypted_credentials = self._sealed(values)
        self.credentials_set_at = timezone.now()

    @property
    def last_body(self):
        """The last message as it came, for a preview; None where there is none. Raises the same."""
        return self._opened(self.encrypted_last_body) if self.encrypted_last_body else None

    @last_body.setter
    def last_body(self, document):
        self.encrypted_last_body = "" if document is None else self._sealed(document)
        self.last_body_at = None if document is None else timezone.now()

    def _sealed(self, value):
        """With the connection's own id inside, so that it opens in no other row."""
        text = json.dumps([self.public_id, value])
        return encryption.encrypt(text, encryption.CONNECTIONS)

    def _opened(self, sealed):
        public_id, value = json.loads(encryption.decrypt(sealed, encryption.CONNECTIONS))
        if public_id != self.public_id:
            raise encryption.Unreadable("the secret of another connection")
        return value


class ImportedState(models.TextChoices):
    """What became of a record."""

    BEFORE = "before", _("Was there before the start")
    ADDED = "added", _("Added")
    ATTENTION = "attention", _("Needs attention")
    DISMISSED = "dismissed", _("Dismissed")


class ImportedReason(models.TextChoices):
    """Why it needs attention."""

    PHONE = "phone", _("No valid mobile")
    DETAILS = "details", _("Details missing or wrong")
    PACKAGE = "package", _("Package not mapped")
    CREDITS = "credits", _("No credits left")
    DUPLICATE = "duplicate", _("Duplicate")


class ImportedRecordQuerySet(models.QuerySet["ImportedRecord"]):
    def for_company(self, company):
        return self.filter(connection__company=company)

    def waiting(self):
        """Those that need somebody."""
        return self.filter(state=ImportedState.ATTENTION)

    def ended(self):
        """Those that needed somebody: dismissed, or added after all."""
        return self.filter(ENDED)


ENDED = Q(state=ImportedState.DISMISSED) | Q(state=ImportedState.ADDED, tries__gt=1)


class ImportedRecord(models.Model):
    """A person over there who came by a connection: once, whatever happens meanwhile.

    What is known of them is kept only while it waits for somebody.
    """

    State, Reason = ImportedState, ImportedReason

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="records")
    external_id = models.CharField(max_length=128)
    state = models.CharField(_("state"), max_length=16, choices=State)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    stage = models.CharField(max_length=160, blank=True)
    data = models.JSONField(default=dict)
    edits = models.JSONField(default=dict)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    candidate = models.ForeignKey(
        Candidate, models.SET_NULL, null=True, related_name="+", verbose_name=_("candidate")
    )
    other = models.ForeignKey(Candidate, models.SET_NULL, null=True, related_name="+")
    """Who has the e-mail, mobile or employee id already."""
    retry_at = models.DateTimeField(null=True)
    """When a worker is to try again, for whoever asked for it; None: nobody did."""
    write_at = models.DateTimeField(null=True)
    """When to write over there how the case stands; None: it is written, or can't be."""
    write_tries = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(_("since"), default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ImportedRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_id"], name="integrations_record_once"
            ),
            models.CheckConstraint(
                condition=(Q(state="attention") & ~Q(reason=""))
                | (~Q(state="attention") & Q(reason="")),
                name="integrations_record_waits_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "state", "-id"], name="integrations_record_by_state"
            ),
            models.Index(
                fields=["write_at"],
                condition=Q(write_at__isnull=False),
                name="integrations_record_to_write",
            ),
            models.Index(
                fields=["retry_at"],
                condition=Q(retry_at__isnull=False),
                name="integrations_record_to_retry",
            ),
            models.Index(
                fields=["connection", "-id"], condition=ENDED, name="integrations_record_ended"
            ),
        ]

    def __str__(self):
        return f"{self.connection_id} {self.external_id}"

    @property
    def values(self):
        """What is known of them, as it was put right here."""
        return {**self.data, **self.edits}

    @property
    def name(self):
        return self.values.get("name") or self.external_id

    @property
    def email(self):
        return self.values.get("email", "")

    @property
    def waits(self):
        return self.state == self.State.ATTENTION


class ReceivedMessage(models.Model):
    """A proven message: kept to tell repeats, and until a worker has looked at it."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="messages")
    event_id = models.CharField(max_length=128)
    external_id = models.CharField(max_length=128)
    record = models.JSONField(null=True)
    """What it says, where that is all there is; forgotten once it was looked at."""
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True)
    """When to look at it; None: done."""
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "event_id"], name="integrations_message_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="integrations_message_due"),
            models.Index(fields=["at"], name="integrations_message_by_age"),
        ]

    def __str__(self):
        return f"{self.connection_id} {self.event_id}"
