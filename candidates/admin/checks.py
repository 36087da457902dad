"""Checks of cases: the work list of our staff."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apitokens.attribution import actor_of
from candidates.admin.guarding import Guarded
from candidates.admin.readonly import GoesWithItsCandidate
from candidates.models import CaseCheck, CheckStatus, Document, VerificationForm
from candidates.pages.documents import handed_out
from candidates.services.answers import in_words, steps_for
from candidates.services.checks import WORKED, assign, resume_check, set_check
from candidates.services.documents import record_opened

AT_REST = {CheckStatus.ON_HOLD, CheckStatus.CLOSED}
NEEDS_WORDS = {CheckStatus.INSUFFICIENCY, CheckStatus.MAJOR, CheckStatus.MINOR}


class CheckForm(forms.ModelForm):
    class Meta:
        model = CaseCheck
        fields = ("status", "found", "stated", "note", "assigned_to")
        help_texts: ClassVar = {
            "found": _(
                "What the sources answer, or what is missing. The company reads it, and with "
                "Insufficiency the candidate, who may then send it."
            ),
            "stated": _("What the candidate says. The report shows it beside what was found."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = self.instance.status
        if "status" not in self.fields:  # to be looked at
            return
        offered = WORKED | {self.before}
        self.fields["status"].choices = [c for c in CheckStatus.choices if c[0] in offered]
        self.fields["assigned_to"].queryset = User.objects.filter(is_staff=True, is_active=True)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("status") in NEEDS_WORDS and not cleaned.get("found"):
            self.add_error("found", _("Say what was found, or what is missing"))
        return cleaned


class OpenFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("mine", _("Mine")), ("nobody", _("Nobody's")), ("open", _("Open"))]

    def queryset(self, request, queryset):
        finished = [status for status in CheckStatus if status.is_finished]
        going_on = queryset.exclude(status__in=finished)
        match self.value():
            case "mine":
                return going_on.filter(assigned_to=request.user)
            case "nobody":
                return going_on.filter(assigned_to=None)
            case "open":
                return going_on
        return queryset


def own(document, check):
    return _("for this check") if document.for_check_id == check.pk else ""


ASKED = ["candidate", "company", "kind", "answers", "papers"]
REST = ["case", "is_add_on", "reason", "held_until", "updated_at"]
SHOWN_WITH = ["kind", "case__candidate", "case__company", "assigned_to"]


@admin.register(CaseCheck)
class CaseCheckAdmin(Guarded, GoesWithItsCandidate):
    form = CheckForm
    list_display = ["kind", "candidate", "company", "status", "assigned_to", "updated_at"]
    list_filter = [OpenFilter, "status", "kind"]
    search_fields = ["case__candidate__name", "case__candidate__email"]
    ordering = ["-pk"]
    show_full_result_count = False
    fields = [*ASKED, "status", "found", "stated", "note", "assigned_to", *REST]
    readonly_fields = [*ASKED, *REST]
    actions = ["take", "resume"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """Words about somebody erased would be personal data again."""
        erased = obj is not None and obj.case.candidate.is_erased
        return not erased and super().has_change_permission(request, obj)

    def get_queryset(self, request):
        """Lists and pages alike: titles name the kind, and never ask for it by themselves."""
        return super().get_queryset(request).select_related(*SHOWN_WITH)

    def get_urls(self):
        path_of = path(
            "<int:pk>/document/<int:document_pk>/",
            self.admin_site.admin_view(self.document),
            name="candidates_casecheck_document",
        )
        return [path_of, *super().get_urls()]

    def document(self, request, pk, document_pk):
        """A file of the candidate whose check it is; the log says that Operations opened it."""
        check = get_object_or_404(CaseCheck, pk=pk)
        if not self.has_view_permission(request, check):
            raise PermissionDenied
        rows = Document.objects.select_related("candidate").filter(file__gt="")
        document = get_object_or_404(rows, candidate=check.case_id, pk=document_pk)
        response = handed_out(document)
        record_opened(document, actor_of(request))
        return response

    @admin.display(description=_("answers"))
    def answers(self, check):
        """What the form says for this check, with the details of the person."""
        form = VerificationForm.objects.filter(pk=check.case_id).first()
        given = form.answers if form else {}
        lines = [
            (question.label, in_words(question, given[step.name][question.name]))
            for step in steps_for([check.kind.code])
            for question in step.questions
            if question.name in given.get(step.name, {})
        ]
        return format_html_join("", "<p>{}: <strong>{}</strong></p>", lines) or "–"

    @admin.display(description=_("documents"))
    def papers(self, check):
        """All of the candidate's, those that came for this check first."""
        rows = sorted(
            Document.objects.filter(candidate=check.case_id),
            key=lambda row: (row.for_check_id != check.pk, row.pk),
        )
        lines = [
            (self.address_of(check, row), row.get_kind_display(), row.name, own(row, check))
            for row in rows
        ]
        return (
            format_html_join(
                "", '<p><a href="{}" rel="noreferrer noopener">{}</a> {} {}</p>', lines
            )
            or "–"
        )

    def address_of(self, check, document):
        if not document.file:
            return document.url
        return reverse("admin:candidates_casecheck_document", args=[check.pk, document.pk])

    @admin.display(description=_("candidate"))
    def candidate(self, check):
        return check.case.candidate

    @admin.display(description=_("company"))
    def company(self, check):
        return check.case.company

    def save_model(self, request, obj, form, change):
        """What has no service of its own is saved first: words for the report and for our staff."""
        data, actor = form.cleaned_data, actor_of(request)
        CaseCheck.objects.filter(pk=obj.pk).update(
            stated=data["stated"], note=data["note"],
            **({"found": data["found"]} if form.before in AT_REST else {}),
        )  # fmt: skip
        assign(checks=[obj], person=data["assigned_to"], actor=actor)
        if form.before not in AT_REST:
            status = CheckStatus(data["status"])
            set_check(check=obj, status=status, found=data["found"], actor=actor)

    @admin.action(description=_("Assign to me"), permissions=["change"])
    def take(self, request, checks):
        changed = assign(checks=checks, person=request.user, actor=actor_of(request))
        self.message_user(request, _("%s assigned to you.") % changed)

    @admin.action(description=_("Take up again"), permissions=["change"])
    def resume(self, request, checks):
        for check in checks:
            resume_check(check=check, actor=actor_of(request))
