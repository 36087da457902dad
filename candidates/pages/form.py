"""The verification form in the hands of HR, where HR fills it in; the candidate signs by link."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from apitokens.attribution import actor_of
from candidates.exceptions import FormIncomplete, NotAllowedNow
from candidates.intake.forms import TruthForm
from candidates.intake.steps import FormPages, StepPages
from candidates.models import FilledBy
from candidates.pages.base import CompanyPage
from candidates.services.verification import submit


class OfCandidate(CompanyPage, FormPages, View):
    """A page of the form; 404 for whom one doesn't see, and where the candidate fills it in."""

    http_method_names = ["get", "head", "post"]
    layout = "candidates/form_base.html"
    last_title = gettext_lazy("Send")

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    def prepare(self, pk):
        rows = self.candidates.select_related("company", "case").filter(case__filled_by=FilledBy.HR)
        self.candidate = get_object_or_404(rows, pk=pk)
        self.actor = actor_of(self.request)
        self.load()

    def address_of(self, name):
        if name is None:
            return reverse("candidates:detail", args=[self.candidate.pk])
        view = "form_send" if name == self.last else "form_step"
        args = [self.candidate.pk] if name == self.last else [self.candidate.pk, name]
        return reverse(f"candidates:{view}", args=args)

    def leave(self):
        messages.error(self.request, _("The form was sent already, or the case is over."))
        return redirect("candidates:detail", pk=self.candidate.pk)


class FormOfCandidate(OfCandidate):
    """On to the first step that is not complete."""

    def get(self, request, pk):
        self.prepare(pk)
        return redirect(self.go_on()) if self.is_open else self.leave()


class StepOfCandidate(StepPages, OfCandidate):
    def get(self, request, pk, step):
        self.prepare(pk)
        return super().get(request, step) if self.is_open else self.leave()

    def post(self, request, pk, step):
        self.prepare(pk)
        return super().post(request, step) if self.is_open else self.leave()


class SendOfCandidate(OfCandidate):
    """What was entered, and the button that hands it in."""

    def get(self, request, pk):
        self.prepare(pk)
        return self.show_form(TruthForm()) if self.is_open else self.leave()

    def post(self, request, pk):
        self.prepare(pk)
        form = TruthForm(request.POST)
        if not form.is_valid():
            return self.show_form(form) if self.is_open else self.leave()
        try:
            submit(candidate=self.candidate, actor=self.actor)
        except FormIncomplete:
            return self.show_form(form, 400)
        except NotAllowedNow:
            return self.leave()
        messages.success(request, _("The form is sent."))
        return redirect("candidates:detail", pk=pk)

    def show_form(self, form, status=200):
        return self.show_last(form, status=status, has_consent=True, fills_in=True)
