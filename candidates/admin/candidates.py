"""Candidates and their log: read here, written by the services."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apitokens.admin import AddedByFilter, AttributedAdmin
from candidates.admin.readonly import GoesWithItsCandidate, ReadOnlyAdmin
from candidates.models import Candidate, LogEntry

SHOWN = [
    "name", "company", "state", "adder", "created_at", "uuid", "email", "alternate_email",
    "phone", "alternate_phone", "employee_id", "uan_number", "category", "tags",
    "resume_url", "consent_url", "is_consent_undertaking_letter", "invite", "meta_data",
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
