"""What happened to a candidate, and who did it."""

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import AttributedQuerySet
from candidates.models.candidate import Candidate
from candidates.models.case import CaseStatus, Reason
from candidates.models.checks import CheckStatus
from candidates.models.documents import Document
from candidates.models.source import Sourced


class LogEntry(Sourced):
    """One line of a candidate's log: ``who`` and, in words that follow it, ``text``."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added the candidate")
        STATUS_CHANGED = "status-changed", _("changed the state")
        CHECK_CHANGED = "check-changed", _("changed a check")
        CHECK_ASSIGNED = "check-assigned", _("assigned a check")
        DECIDED = "decided", _("held, closed or reopened")
        EDITED = "edited", _("changed the details")
        INVITED = "invited", _("sent the link to the form")
        FORM_SAVED = "form-saved", _("filled in the form")
        FORM_SUBMITTED = "form-submitted", _("submitted the form")
        CONSENTED = "consented", _("signed the consent")
        DOCUMENT_ADDED = "document-added", _("added a document")
        DOCUMENT_REMOVED = "document-removed", _("removed a document")
        DOCUMENT_OPENED = "document-opened", _("opened a document")
        REPORTED = "reported", _("opened the report")
        ERASED = "erased", _("erased the personal data")

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="log")
    kind = models.CharField(_("what"), max_length=32, choices=Kind)
    by_candidate = models.BooleanField(_("by the candidate"), default=False)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AttributedQuerySet.as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["candidate", "-id"], name="candidates_log_by_candidate")]

    def __str__(self):
        return f"#{self.candidate_id} · {self.get_kind_display()}"

    @property
    def who(self):
        """The candidate, our staff as a whole, or whoever ``added_by_label`` names."""
        if self.by_candidate:
            return self.candidate.name
        staff = self.added_by is not None and self.added_by.is_staff
        if self.is_automatic or (self.added_through is None and staff):
            return gettext("Operations")
        return self.added_by_label

    @property
    def is_automatic(self):
        """Whether nobody did it but the portal, when the time had come."""
        return "automatic" in self.data

    @property
    def text(self):
        """What happened, in words that follow the name of who did it."""
        if self.kind == self.Kind.CONSENTED and not self.by_candidate:
            return gettext("recorded the consent")
        template = TEMPLATES.get((self.kind, self.data.get("act"))) or TEMPLATES.get(self.kind)
        if template is None:
            return self.get_kind_display()
        return template % {name: in_words(name, value) for name, value in self.data.items()}


TEMPLATES = {
    "status-changed": gettext_lazy("changed the state from %(before)s to %(after)s"),
    "check-changed": gettext_lazy("set %(check)s to %(check_status)s"),
    ("check-changed", "hold"): gettext_lazy("put %(check)s on hold until %(until)s: %(reason)s"),
    ("check-changed", "resume"): gettext_lazy("took %(check)s up again"),
    ("check-changed", "answer"): gettext_lazy("sent what was missing for %(check)s"),
    ("check-changed", "close"): gettext_lazy("closed %(check)s: %(reason)s"),
    "check-assigned": gettext_lazy("assigned %(check)s to %(person)s"),
    ("decided", "hold"): gettext_lazy("put the case on hold until %(until)s: %(reason)s"),
    ("decided", "close"): gettext_lazy("closed the case: %(reason)s"),
    ("decided", "cancel"): gettext_lazy("cancelled the case: %(reason)s"),
    ("decided", "unfund"): gettext_lazy("stopped the case for want of funds"),
    ("decided", "resume"): gettext_lazy("took the case up again"),
    ("decided", "reopen"): gettext_lazy("opened the case again"),
    ("reported", "download"): gettext_lazy("downloaded the report"),
    "edited": gettext_lazy("changed %(fields)s"),
    "form-saved": gettext_lazy("filled in the form: %(step)s"),
    "document-added": gettext_lazy("added %(document)s"),
    "document-removed": gettext_lazy("removed %(document)s"),
    "document-opened": gettext_lazy("opened %(document)s"),
}
"""By kind, or by kind and ``data["act"]``: what follows the name; the rest is data of the entry."""


def in_words(name, value):
    """A value of an entry's data as people read it."""
    match name:
        case "before" | "after":
            return CaseStatus(value).label
        case "check_status":
            return CheckStatus(value).label
        case "reason":
            return Reason(value).label if value in Reason.values else value
        case "document":
            return Document.Kind(value).label
        case "until":
            return date_format(parse_datetime(value).astimezone(get_current_timezone()), "j M Y")
    return value
