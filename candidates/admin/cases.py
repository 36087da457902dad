"""Cases: staff hold, close and reopen them, through the service that logs it."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import actor_of
from candidates.admin.guarding import TAKEN, Guarded
from candidates.admin.readonly import GoesWithItsCandidate
from candidates.exceptions import DuplicateCandidate
from candidates.models import Case, CaseCheck, Decision, Reason
from candidates.services.add import raise_if_duplicate
from candidates.services.cases import decide

NEEDS_REASON = {Decision.HELD, Decision.CLOSED, Decision.CANCELLED}


class CaseForm(forms.ModelForm):
    """A decision about the whole case; everything else follows from its checks."""

    class Meta:
        model = Case
        fields = ("decision", "reason", "held_until")

    def clean(self):
        cleaned = super().clean()
        decision, reason = cleaned.get("decision", ""), cleaned.get("reason", "")
        until = cleaned.get("held_until")
        if decision in NEEDS_REASON and not reason:
            self.add_error("reason", _("Choose a reason"))
        if decision == Decision.HELD and (until is None or until <= timezone.now()):
            self.add_error("held_until", _("Choose a moment to come, when work goes on"))
        if decision not in NEEDS_REASON:
            cleaned["reason"] = ""
        if decision != Decision.HELD:
            cleaned["held_until"] = None
        self._ask_whether_it_may(decision)
        return cleaned

    def _ask_whether_it_may(self, decision):
        """A finished case is neither held nor closed, and not opened when its person came again."""
        case = Case.objects.select_related("candidate").get(pk=self.instance.pk)
        if (case.decision, decision) == (Decision.UNFUNDED, Decision.HELD):
            self.add_error("decision", _("The case waits for funds: open it again first"))
            return
        if not case.is_finished or decision == case.decision:
            return
        if decision:
            self.add_error("decision", _("The case is finished: open it again first"))
            return
        case.candidate.claim_identity()
        try:
            raise_if_duplicate(case.candidate)
        except DuplicateCandidate:
            self.add_error("decision", forms.ValidationError(TAKEN, code="duplicate"))


class CheckInline(admin.TabularInline):
    """The checks, each with the way to its own page."""

    model = CaseCheck
    extra = 0
    can_delete = False
    fields = ("page", "status", "assigned_to", "found", "updated_at")
    readonly_fields = fields

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("kind", "assigned_to")

    @admin.display(description=_("check"))
    def page(self, check):
        url = reverse("admin:candidates_casecheck_change", args=[check.pk])
        return format_html('<a href="{}">{}</a>', url, check.kind.name)


READ_ONLY = [
    "candidate", "company", "subtype", "status", "filled_by", "submitted_at", "consented_at",
    "initiated_at", "completed_at", "config",
]  # fmt: skip


@admin.register(Case)
class CaseAdmin(Guarded, GoesWithItsCandidate):
    form = CaseForm
    list_display = ["candidate", "company", "subtype", "status", "initiated_at", "completed_at"]
    list_select_related = ["candidate", "company", "subtype__package"]
    list_filter = ["status", "company"]
    search_fields = ["candidate__name", "candidate__email", "candidate__phone"]
    ordering = ["-candidate"]
    show_full_result_count = False
    fields = ["decision", "reason", "held_until", *READ_ONLY]
    readonly_fields = READ_ONLY
    inlines = [CheckInline]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """Nothing is left to decide about somebody erased."""
        erased = obj is not None and obj.candidate.is_erased
        return not erased and super().has_change_permission(request, obj)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "reason":
            kwargs["choices"] = [("", "---------"), *Reason.offered()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        data = form.cleaned_data
        decide(
            case=obj, decision=Decision(data["decision"]), reason=data["reason"],
            until=data["held_until"], actor=actor_of(request),
        )  # fmt: skip
