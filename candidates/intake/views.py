"""What a candidate sees: a signed link, no account, no session, nobody else's data."""

from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from apitokens.addresses import client_address
from candidates.exceptions import FormIncomplete, NotAllowedNow
from candidates.intake.forms import SignAndSendForm, SignatureForm, TruthForm
from candidates.intake.links import read_link
from candidates.intake.more import MorePages
from candidates.intake.steps import FormPages, StepPages
from candidates.models import Candidate, CaseStatus, FilledBy
from candidates.services.answers import STEPS
from candidates.services.checks import asked_of
from candidates.services.verification import sign_and_submit, sign_consent, submit

OVER = {CaseStatus.CLOSED, CaseStatus.CANCELLED}


def is_let(request):
    """Whether this address may try another link that isn't good; allauth's face counts no GET."""
    return ratelimit.consume(request, app="allauth.account", action="intake_link", limit_get=True)


class LinkPage(FormPages, View):
    """A page behind the link; forged links are counted by address, good ones never refused."""

    http_method_names = ["get", "head", "post"]
    last, last_title = "consent", _("Consent")

    def dispatch(self, request, *args, **kwargs):
        response = self.answer(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def answer(self, request, *args, **kwargs):
        self.token, self.address = kwargs["token"], client_address(request)
        self.link = read_link(self.token)
        if self.link is None:
            return self.refuse() if is_let(request) else ratelimit.respond_429(request)
        self.candidate = self.found()
        if self.candidate is None:
            return self.refuse()
        self.load()
        return super().dispatch(request, *args, **kwargs)

    def found(self):
        """The candidate, while there is something to show them."""
        rows = Candidate.objects.select_related("company", "case__subtype")
        candidate = rows.filter(
            uuid=self.link.uuid, company__is_active=True, erased_at=None
        ).first()
        return candidate if candidate and candidate.case.status not in OVER else None

    @property
    def is_open(self):
        return super().is_open and self.case.filled_by == FilledBy.CANDIDATE

    @property
    def is_settled(self):
        """Nothing is left to do for the candidate."""
        return not self.is_open and (self.case.consented_at is not None or self.case.is_finished)

    def address_of(self, name):
        if name is None:
            return reverse("intake:start", args=[self.token])
        return reverse("intake:step", args=[self.token, name])

    def page(self, template, current, **context):
        context["until"] = self.link.until
        return super().page(template, current, home=self.address_of(None), **context)

    def leave(self):
        return redirect(self.address_of(None))

    def refuse(self):
        return render(self.request, "intake/refused.html", status=404)


class Start(LinkPage):
    """Who asks, what is verified, and where to go on; at the end what was sent."""

    http_method_names = ["get", "head"]

    def get(self, request, token):
        if asked_of(self.case):
            return redirect("intake:more", token=token)
        if self.is_settled:
            return self.done()
        context = {
            "candidate": self.candidate,
            "checks": [check.kind for check in self.case.checks.select_related("kind")],
            "until": self.link.until,
            "go_on": self.go_on(),
            "fills_in": self.is_open,
            "has_begun": bool(self.answers),
        }
        return render(request, "intake/start.html", context)

    def done(self):
        sent = [step for step in STEPS.values() if step.name in self.answers]
        by_candidate = self.case.filled_by == FilledBy.CANDIDATE
        context = {
            "candidate": self.candidate,
            "summary": self.summary(sent) if by_candidate else [],
            "signed": self.form_row.consent_name if self.form_row else "",
        }
        return render(self.request, "intake/done.html", context)


class More(MorePages, LinkPage):
    """What a check lacks, once the form is sent."""

    template = "intake/more.html"

    def get(self, request, token):
        return super().get(request)

    def post(self, request, token):
        return super().post(request)


class StepOfLink(StepPages, LinkPage):
    """One step of the candidate's form."""

    def get(self, request, token, step):
        return super().get(request, step) if self.is_open else self.leave()

    def post(self, request, token, step):
        return super().post(request, step) if self.is_open else self.leave()


class Consent(LinkPage):
    """The text, the signature and, with it, the whole form."""

    def get(self, request, token):
        return self.leave() if self.is_settled else self.show(self.form_class())

    def post(self, request, token):
        if self.is_settled:
            return self.leave()
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            self.act(form.cleaned_data)
        except FormIncomplete as error:
            self.missing = error.steps
            return self.show(form, 400)
        except ValidationError as error:
            form.add_error("name", error)
            return self.show(form)
        except NotAllowedNow:
            pass
        return self.leave()

    @property
    def has_consent(self):
        return self.case.consented_at is not None

    @property
    def form_class(self):
        if not self.is_open:
            return SignatureForm
        return TruthForm if self.has_consent else SignAndSendForm

    def act(self, given):
        if not self.is_open:
            sign_consent(candidate=self.candidate, name=given["name"], address=self.address)
        elif self.has_consent:
            submit(candidate=self.candidate, actor=None, address=self.address)
        else:
            sign_and_submit(candidate=self.candidate, name=given["name"], address=self.address)

    def show(self, form, status=200):
        return self.show_last(
            form,
            status=status,
            checks=[check.kind.name for check in self.case.checks.select_related("kind")],
            has_consent=self.has_consent,
            fills_in=self.is_open,
            address=self.address,
        )
