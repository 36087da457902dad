"""Cases: staff move them to another state, through the service that logs it."""

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import actor_of
from candidates.admin.readonly import GoesWithItsCandidate
from candidates.exceptions import DuplicateCandidate
from candidates.models import Candidate, Case, CaseStatus
from candidates.services.add import raise_if_duplicate
from candidates.services.cases import set_status

TAKEN = _("Another unfinished case has this candidate’s e-mail, mobile or employee id by now")


class CaseForm(forms.ModelForm):
    def clean_status(self):
        """Refuse to open a finished case again when somebody took the candidate's place."""
        status = CaseStatus(self.cleaned_data["status"])
        candidate = Candidate.objects.get(pk=self.instance.pk)
        if candidate.case.is_finished and not status.is_finished:
            candidate.claim_identity()
            try:
                raise_if_duplicate(candidate)
            except DuplicateCandidate as error:
                raise forms.ValidationError(TAKEN, code="duplicate") from error
        return status


READ_ONLY = ["candidate", "company", "subtype", "initiated_at", "completed_at", "config"]


@admin.register(Case)
class CaseAdmin(GoesWithItsCandidate):
    form = CaseForm
    list_display = ["candidate", "company", "subtype", "status", "initiated_at", "completed_at"]
    list_select_related = ["candidate", "company", "subtype__package"]
    list_filter = ["status", "company"]
    search_fields = ["candidate__name", "candidate__email", "candidate__phone"]
    ordering = ["-candidate"]
    show_full_result_count = False
    fields = ["status", *READ_ONLY]
    readonly_fields = READ_ONLY

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        set_status(case=obj, status=form.cleaned_data["status"], actor=actor_of(request))

    def changeform_view(self, request, *args, **kwargs):
        """The form asks first; this is for whoever came between the question and the answer."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            self.message_user(request, TAKEN, messages.ERROR)
            return redirect(request.path)
