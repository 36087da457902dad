"""What happened to a candidate, and who did it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import Attributed, AttributedQuerySet
from candidates.models.candidate import Candidate
from candidates.models.case import CaseStatus


class LogEntry(Attributed):
    """One line of a candidate's log; ``added_by_label`` is who did it."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added the candidate")
        STATUS_CHANGED = "status-changed", _("changed the state")

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="log")
    kind = models.CharField(_("what"), max_length=32, choices=Kind)
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AttributedQuerySet.as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["candidate", "-id"], name="candidates_log_by_candidate")]

    def __str__(self):
        return f"{self.candidate_id} {self.kind}"

    @property
    def text(self):
        """What happened, in words that follow the name of who did it."""
        if self.kind != self.Kind.STATUS_CHANGED:
            return self.get_kind_display()
        return gettext("changed the state from %(before)s to %(after)s") % {
            "before": CaseStatus(self.data["before"]).label,
            "after": CaseStatus(self.data["after"]).label,
        }
