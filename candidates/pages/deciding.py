"""A company holds or closes a case, or one check of it. Opening again is for our staff."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from apitokens.attribution import actor_of
from candidates.exceptions import NotAllowedNow
from candidates.models import Decision, Reason
from candidates.pages.base import CompanyPage
from candidates.services.cases import decide, end_hold
from candidates.services.checks import close_check, end_hold_of, hold_check
from candidates.visibility import may_hold_and_close

LONGEST_HOLD = 90


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose a reason")), *Reason.offered()],
        error_messages={
            "required": gettext_lazy("Choose a reason"),
            "invalid_choice": gettext_lazy("Choose one of the list"),
        },
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class HoldForm(CloseForm):
    days = forms.IntegerField(
        label=gettext_lazy("For how long"),
        min_value=1,
        max_value=LONGEST_HOLD,
        initial=7,
        help_text=gettext_lazy("1 to 90 days; work goes on by itself afterwards"),
        error_messages={
            name: gettext_lazy("Enter a whole number of days from 1 to 90")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )

    @property
    def until(self):
        return timezone.now() + timedelta(days=self.cleaned_data["days"])


class Deciding(CompanyPage, FormView):
    """The form by GET, the act by POST; on the case, or with ``check_pk`` on one check."""

    template_name = "candidates/decide.html"
    done = gettext_lazy("Done.")

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not may_hold_and_close(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def candidate(self):
        return get_object_or_404(self.candidates.select_related("case"), pk=self.kwargs["pk"])

    @cached_property
    def check(self):
        """The check, or None: the whole case."""
        if "check_pk" not in self.kwargs:
            return None
        checks = self.candidate.case.checks.select_related("kind")
        return get_object_or_404(checks, pk=self.kwargs["check_pk"])

    @property
    def what(self):
        return self.check.kind.name if self.check else _("the case")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            candidate=self.candidate,
            what=self.what,
            holds=self.form_class is HoldForm,
            refused=self.refused,
            **kwargs,
        )

    @property
    def refused(self):
        """Why it can't be done now, or None."""
        case = self.candidate.case
        if case.is_finished or (self.check and self.check.is_finished):
            return _("It is finished. Ask our operations team to open it again.")
        if self.form_class is HoldForm and not self.check and case.decision == Decision.UNFUNDED:
            return _("The case waits for funds already.")
        return None

    def form_valid(self, form):
        try:
            self.act(form, Reason(form.cleaned_data["reason"]), actor_of(self.request))
        except NotAllowedNow:
            form.add_error(None, _("Somebody finished it meanwhile."))
            return self.form_invalid(form)
        messages.success(self.request, self.done % {"what": self.what})
        return redirect("candidates:detail", pk=self.candidate.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def post(self, request, *args, **kwargs):
        if self.refused:
            form = self.get_form()
            return self.form_invalid(form)
        return super().post(request, *args, **kwargs)


class EndHold(Deciding):
    """By POST alone: work goes on at once, where it stood."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        actor, what = actor_of(request), self.what
        try:
            if self.check:
                end_hold_of(check=self.check, actor=actor)
            else:
                end_hold(case=self.candidate.case, actor=actor)
        except NotAllowedNow:
            messages.error(request, _("It is not on hold any more, so nothing was done."))
        else:
            messages.success(request, _("Took %(what)s off hold.") % {"what": what})
        return redirect("candidates:detail", pk=self.candidate.pk)


class Hold(Deciding):
    form_class = HoldForm
    done = gettext_lazy("Put %(what)s on hold.")

    def act(self, form, reason, actor):
        if self.check:
            hold_check(check=self.check, reason=reason, until=form.until, actor=actor)
        else:
            decide(
                case=self.candidate.case, decision=Decision.HELD, reason=reason,
                until=form.until, actor=actor,
            )  # fmt: skip


class Close(Deciding):
    form_class = CloseForm
    done = gettext_lazy("Closed %(what)s.")

    def act(self, form, reason, actor):
        if self.check:
            close_check(check=self.check, reason=reason, actor=actor)
        else:
            decide(case=self.candidate.case, decision=Decision.CLOSED, reason=reason, actor=actor)
