"""News of cases on its way to companies' own systems.

An event is written with what it tells of; a delivery of it to each endpoint that wants it. The
delivery's row is the truth about what is still to be sent.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import encryption
from candidates.models import Candidate, Case

KEPT = timedelta(days=30)
"""How long events, deliveries and what was answered are kept."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins


class EventType(models.TextChoices):
    """What an endpoint may ask to be told."""

    ADDED = "candidate.added", _("A candidate was added")
    STATUS_CHANGED = "case.status_changed", _("A case is in another state")
    COMPLETED = "case.completed", _("A case is finished")
    REPORT_READY = "report.ready", _("A report can be read")


TEST = "webhook.test"
"""What "Send a test" sends; no endpoint asks for it."""


class Off(models.TextChoices):
    """Why an endpoint is switched off."""

    NOT = "", _("It is on")
    BY_ADMIN = "admin", _("By an Admin")
    GONE = "gone", _("It answered 410 Gone")
    FAILING = "failing", _("Five days without one success")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def for_company(self, company):
        return self.filter(company=company)

    def on(self):
        return self.filter(off_reason=Off.NOT)


class Endpoint(models.Model):
    """An address of a company's own that is told of its cases."""

    company = models.ForeignKey(
        "accounts.Company", models.CASCADE, related_name="webhook_endpoints",
        verbose_name=_("company"),
    )  # fmt: skip
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=80, blank=True)
    events = models.CharField(_("events"), max_length=200)
    is_thin = models.BooleanField(_("thin body"), default=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False,
        verbose_name=_("added by"),
    )  # fmt: skip
    off_reason = models.CharField(
        _("switched off"), max_length=16, choices=Off, default=Off.NOT, blank=True
    )
    off_since = models.DateTimeField(_("off since"), null=True, blank=True)
    failing_since = models.DateTimeField(_("fails since"), null=True, blank=True)
    last_failure = models.CharField(_("last failure"), max_length=32, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    warned_at = models.DateTimeField(_("Admins warned"), null=True, blank=True)
    throttled_until = models.DateTimeField(_("throttled until"), null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "url"], name="integrations_endpoint_once_a_company"
            ),
            models.CheckConstraint(
                condition=Q(off_reason__in=Off.values), name="integrations_endpoint_off_known"
            ),
            models.CheckConstraint(
                condition=Q(off_reason="", off_since=None)
                | (~Q(off_reason="") & Q(off_since__isnull=False)),
                name="integrations_endpoint_off_since_a_moment",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def title(self):
        """By what people know it."""
        return self.description or self.url.partition("://")[2]

    @property
    def types(self):
        return self.events.split()

    @property
    def is_on(self):
        return self.off_reason == Off.NOT

    def wants(self, event_type):
        return event_type == TEST or event_type in self.types


class SigningSecret(models.Model):
    """What an endpoint's messages are signed with; one that was replaced signs too until it ends.

    The endpoint's key stands in what is encrypted: a row's text moved to another's opens nothing.
    """

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    encrypted = models.TextField(editable=False)
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("signing secret")
        verbose_name_plural = _("signing secrets")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(ends_at=None),
                name="integrations_one_current_secret",
            )
        ]

    def __str__(self):
        return f"{self.endpoint_id} …{self.last_four}"

    @property
    def text(self):
        """``whsec_…``. Raises encryption.Unreadable."""
        opened = encryption.decrypt(self.encrypted, encryption.WEBHOOKS)
        key, _colon, text = opened.partition(":")
        if key != str(self.endpoint_id):
            raise encryption.Unreadable("the secret is another endpoint's")
        return text

    @text.setter
    def text(self, text):
        self.encrypted = encryption.encrypt(f"{self.endpoint_id}:{text}", encryption.WEBHOOKS)
        self.last_four = text[-4:]


def new_message_id():
    return f"msg_{secrets.token_hex(14)}"


class WebhookEvent(models.Model):
    """Something that happened, with the words in which it is told."""

    company = models.ForeignKey("accounts.Company", models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=40, unique=True, default=new_message_id)
    type = models.CharField(_("event"), max_length=32)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, null=True, related_name="webhook_events"
    )
    sequence = models.PositiveBigIntegerField()
    body = models.TextField()
    """JSON, as whoever asked for all of it gets it; a thin body is cut from it."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        indexes = [models.Index(fields=["at"], name="integrations_event_by_age")]

    def __str__(self):
        return self.message_id


class Delivery(models.Model):
    """One event on its way to one endpoint."""

    class State(models.TextChoices):
        PENDING = "pending", _("Being sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(
        Endpoint,
        models.CASCADE,
        related_name="deliveries",
        db_index=False,  # the indexes below begin with it
        db_constraint=False,  # one that is deleted meanwhile stops nobody who changes a case
    )
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    failures = models.PositiveSmallIntegerField(default=0)
    """Of this round; a resend begins another."""
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    """While a worker has it. Without news until then, another takes it."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                condition=Q(state="pending"),
                name="integrations_delivery_due",
            ),
            models.Index(fields=["endpoint", "-id"], name="integrations_delivery_log"),
            models.Index(fields=["endpoint", "finished_at"], name="integrations_delivery_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"], name="integrations_delivery_once_an_endpoint"
            )
        ]

    def __str__(self):
        return f"{self.event_id} → {self.endpoint_id}"


class Attempt(models.Model):
    """One time that it was sent, and what came back: a status, or the reason why nothing did."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=16, blank=True)
    milliseconds = models.PositiveIntegerField()
    answer = models.TextField(blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.delivery_id} {self.status or self.error}"

    @property
    def is_success(self):
        return self.status is not None and 200 <= self.status < 300


class CaseSequence(models.Model):
    """How many events of a case there have been: receivers tell late news by it."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self):
        return f"{self.case_id}: {self.last}"
