"""Candidates and their log: read here, written by the services."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from apitokens.admin import AddedByFilter, AttributedAdmin
from candidates.admin.readonly import GoesWithItsCandidate, ReadOnlyAdmin
from candidates.models import Candidate, LogEntry

SHOWN = [
    "name", "company", "state", "adder", "created_at", "uuid", "email", "alternate_email",
    "phone", "alternate_phone", "employee_id", "uan_number", "category", "tags",
    "resume_url", "consent_url", "is_consent_undertaking_letter", "invite", "meta_data",
    "erased_at",
]  # fmt: skip


@admin.register(Candidate)
class CandidateAdmin(AttributedAdmin, ReadOnlyAdmin):
    list_display = ["name", "email", "phone", "company", "state", "adder", "created_at"]
    list_select_related = ["company", "case"]
    list_filter = ["company", "case__status", AddedByFilter]
    search_fields = ["name", "email", "phone"]
    ordering = ["-pk"]
    fields = tuple(SHOWN)
    readonly_fields = tuple(SHOWN)

    def log_deletions(self, request, queryset):
        """The admin's own log outlives the candidate, so it gets a number for a name."""
        keys = [str(candidate.pk) for candidate in queryset]
        super().log_deletions(request, queryset)
        kind = ContentType.objects.get_for_model(Candidate)
        lines = AdminEntry.objects.filter(content_type=kind, object_id__in=keys)
        lines.update(object_repr=Concat(Value("#"), "object_id"))

    @admin.display(description=_("state"), ordering="case__status")
    def state(self, candidate):
        return candidate.case.get_status_display()


@admin.register(LogEntry)
class LogEntryAdmin(AttributedAdmin, GoesWithItsCandidate, ReadOnlyAdmin):
    list_display = ["at", "candidate", "who", "text", "address"]
    list_select_related = ["candidate"]
    list_filter = ["kind"]
    search_fields = ["candidate__name", "candidate__email"]
    ordering = ["-pk"]
    readonly_fields = ["who", "adder", "text"]

    @admin.display(description=_("who"))
    def who(self, entry):
        return entry.who

    @admin.display(description=_("what"))
    def text(self, entry):
        return entry.text
