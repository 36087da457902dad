"""The checks of a case, and how each stands."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models.case import Case, Reason
from candidates.models.catalogue import Check


class CheckStatus(models.TextChoices):
    """How one check stands (product.md §4)."""

    PROCESSING = "processing", _("Processing")
    IN_PROGRESS = "in-progress", _("In progress")
    VERIFIED = "verified", _("Verified")
    MAJOR = "major", _("Major discrepancy")
    MINOR = "minor", _("Minor discrepancy")
    INCONCLUSIVE = "inconclusive", _("Inconclusive")
    INSUFFICIENCY = "insufficiency", _("Insufficiency")
    CLOSED = "closed", _("Closed")
    ON_HOLD = "on-hold", _("On hold")

    @property
    def is_finished(self):
        return self in FINISHED_CHECKS


FINISHED_CHECKS = frozenset(
    {
        CheckStatus.VERIFIED,
        CheckStatus.MAJOR,
        CheckStatus.MINOR,
        CheckStatus.INCONCLUSIVE,
        CheckStatus.CLOSED,
    }
)


class CaseCheck(models.Model):
    """One check of a case: ordered with the package or on top of it, worked by our staff."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="checks")
    kind = models.ForeignKey(Check, models.RESTRICT, related_name="+", verbose_name=_("check"))
    is_add_on = models.BooleanField(_("add-on"), default=False)
    price = models.DecimalField(
        _("price in rupees"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    status = models.CharField(
        _("state"), max_length=16, choices=CheckStatus, default=CheckStatus.PROCESSING
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"is_staff": True},
        verbose_name=_("assigned to"),
    )
    stated = models.CharField(
        _("stated"), max_length=300, blank=True, help_text=_("What the candidate says.")
    )
    found = models.CharField(
        _("found"),
        max_length=300,
        blank=True,
        help_text=_("What the sources answer, or what is missing. The company reads it."),
    )
    note = models.TextField(
        _("note"), max_length=2000, blank=True, help_text=_("For our staff alone.")
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    before_hold = models.CharField(max_length=16, choices=CheckStatus, blank=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("check of a case")
        verbose_name_plural = _("checks of cases")
        ordering = ["kind__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="candidates_check_once_in_case"),
            models.CheckConstraint(
                condition=models.Q(status__in=CheckStatus.values),
                name="candidates_check_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assigned_to", "status", "-id"], name="candidates_check_by_person"
            ),
            models.Index(
                fields=["case"],
                condition=models.Q(status="insufficiency"),
                name="candidates_check_wanting",
            ),
            models.Index(
                fields=["held_until"],
                condition=models.Q(held_until__isnull=False),
                name="candidates_check_by_hold",
            ),
        ]

    def __str__(self):
        """No person's name, because the admin's own log keeps this text; and no query for the kind,
        because a page of what would be deleted names thousands."""
        kind = self.kind if CaseCheck.kind.is_cached(self) else _("Check %s") % self.pk
        return f"{kind} · #{self.case_id}"

    @property
    def is_finished(self):
        return CheckStatus(self.status).is_finished
