"""The verification of one candidate, and its state."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models.candidate import Candidate
from candidates.models.catalogue import Subtype


class CaseStatus(models.IntegerChoices):
    """The codes that the API speaks (product.md §5)."""

    IN_PROGRESS = 0, _("In progress")
    COMPLETED = 1, _("Completed")
    AWAITING_INPUT = 3, _("Awaiting input")
    PROCESSING = 4, _("Processing")
    DISCREPANCY = 5, _("Discrepancy")
    COMPLETED_WITH_EXCEPTION = 6, _("Completed with exception")
    CLOSED = 8, _("Closed")
    ON_HOLD = 9, _("On hold")
    CANCELLED = 10, _("Cancelled")
    CONSENT_MISSING = 11, _("Consent missing")
    INSUFFICIENT_FUNDS = 12, _("Insufficient funds")

    @property
    def is_finished(self):
        return self in FINISHED


class Reason(models.TextChoices):
    """Why a case or a check is held or closed."""

    CANDIDATE_ASKED = "asked", _("The candidate asked for it")
    WAITING = "waiting", _("Waiting for the candidate")
    JOINING_LATER = "later", _("The candidate joins later")
    NOT_JOINING = "not-joining", _("The candidate does not join")
    NOT_NEEDED = "not-needed", _("Not needed any more")
    MISTAKE = "mistake", _("Added by mistake")
    OTHER = "other", _("Another reason")
    ERASED = "erased", _("The personal data was erased")

    @classmethod
    def offered(cls):
        """The choices that people have; the last comes with an erasure alone."""
        return [choice for choice in cls.choices if choice[0] != cls.ERASED]


FINISHED = frozenset(
    {
        CaseStatus.COMPLETED,
        CaseStatus.COMPLETED_WITH_EXCEPTION,
        CaseStatus.CLOSED,
        CaseStatus.CANCELLED,
    }
)


class Decision(models.TextChoices):
    """What somebody decided about a whole case: it stands above what its checks say."""

    NONE = "", _("None")
    HELD = "held", _("On hold")
    UNFUNDED = "unfunded", _("Insufficient funds")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class FilledBy(models.TextChoices):
    CANDIDATE = "candidate", _("The candidate")
    HR = "hr", _("HR")


class Case(models.Model):
    """One candidate's case. It shares the candidate's key, so both sort alike.

    ``status`` is what services/status.py makes of the rest; it is kept for lists and filters.

    ``company`` repeats the candidate's, so that the list filtered by state walks one index.
    """

    candidate = models.OneToOneField(Candidate, models.CASCADE, primary_key=True)
    company = models.ForeignKey(
        "accounts.Company",
        models.CASCADE,
        related_name="+",
        db_index=False,  # candidates_case_by_status begins with it
    )
    subtype = models.ForeignKey(
        Subtype,
        models.RESTRICT,
        related_name="cases",
        verbose_name=_("subtype"),
        db_index=False,  # candidates_case_by_subtype begins with it
    )
    config = models.JSONField(default=dict, blank=True)
    status = models.PositiveSmallIntegerField(
        _("state"), choices=CaseStatus, default=CaseStatus.AWAITING_INPUT
    )
    filled_by = models.CharField(
        _("who fills in the form"), max_length=16, choices=FilledBy, default=FilledBy.CANDIDATE
    )
    submitted_at = models.DateTimeField(_("form submitted"), null=True, blank=True)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=16, choices=Decision, default=Decision.NONE, blank=True
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    initiated_at = models.DateTimeField(_("initiated"), default=timezone.now)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(
                fields=["company", "status", "-candidate"],
                name="candidates_case_by_status",
            ),
            models.Index(
                fields=["company", "status", "initiated_at", "filled_by", "submitted_at"],
                condition=models.Q(
                    status__in=[CaseStatus.AWAITING_INPUT, CaseStatus.CONSENT_MISSING]
                ),
                name="candidates_case_waiting",
            ),
            models.Index(
                fields=["company", "completed_at"],
                condition=models.Q(completed_at__isnull=False),
                name="candidates_case_by_end",
            ),
            models.Index(fields=["subtype", "-candidate"], name="candidates_case_by_subtype"),
            models.Index(
                fields=["held_until"],
                condition=models.Q(held_until__isnull=False),
                name="candidates_case_by_hold",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=CaseStatus.values),
                name="candidates_case_status_known",
            )
        ]

    def __str__(self):
        return f"#{self.candidate_id} · {self.get_status_display()}"

    @property
    def is_finished(self):
        return CaseStatus(self.status).is_finished
