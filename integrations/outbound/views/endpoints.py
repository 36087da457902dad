"""The endpoints of a company: the list, one that is added or changed, and its secret."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.encryption import Unreadable
from integrations.outbound import endpoints
from integrations.outbound.forms import EndpointForm, RotateForm
from integrations.outbound.status import badge_of, rows_of
from integrations.outbound.views.base import Act, WebhookPage


class EndpointList(WebhookPage):
    template_name = "integrations/webhooks/list.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        rows = rows_of(self.endpoints)
        return super().get_context_data(
            rows=rows,
            stopped=[row for row in rows if row.endpoint.off_reason in {"gone", "failing"}],
            is_full=len(rows) >= endpoints.MOST,
            sources=settings.WEBHOOK_SOURCES,
            **kwargs,
        )


FIELDS = (("url", "description", "body"), ("events",))


class Reveal(WebhookPage):
    """A page whose POST shows a secret: in its own answer, nowhere else."""

    reauthenticates = True

    def reveal(self, endpoint, secret):
        self.template_name = "integrations/webhooks/reveal.html"
        response = self.render(endpoint=endpoint, secret=secret, badge=badge_of(endpoint))
        response["Referrer-Policy"] = "no-referrer"
        return response


class Add(Reveal):
    template_name = "integrations/webhooks/form.html"
    typed, typed_lists = FIELDS

    def get(self, request):
        return self.render(form=EndpointForm(initial=self.typed_before()))

    @method_decorator(sensitive_variables("secret"))
    def post(self, request):
        form = EndpointForm(request.POST)
        if not form.is_valid():
            return self.render(400, form=form)
        try:
            endpoint, secret = endpoints.add_endpoint(
                company=self.company, **self.acting, **form.columns
            )
        except endpoints.AddressTaken:
            form.add_error("url", _("There is an endpoint with this address already"))
        except endpoints.TooMany:
            text = _("A company has %(most)d endpoints at most. Delete one first.")
            form.add_error(None, text % {"most": endpoints.MOST})
        if form.errors:
            return self.render(400, form=form)
        return self.reveal(endpoint, secret)


class Edit(WebhookPage):
    """Another address is told what the old one was, so this asks for the password too."""

    template_name = "integrations/webhooks/form.html"
    reauthenticates = True
    typed, typed_lists = FIELDS

    def get(self, request, pk):
        endpoint = self.endpoint
        initial = {
            "url": endpoint.url, "description": endpoint.description, "events": endpoint.types,
            "body": "thin" if endpoint.is_thin else "full", **self.typed_before(),
        }  # fmt: skip
        return self.render(endpoint=endpoint, form=EndpointForm(initial=initial))

    def post(self, request, pk):
        form = EndpointForm(request.POST)
        if form.is_valid():
            try:
                endpoints.change_endpoint(endpoint=self.endpoint, **self.acting, **form.columns)
            except endpoints.AddressTaken:
                form.add_error("url", _("There is an endpoint with this address already"))
            else:
                return self.done(_("The endpoint is saved."))
        return self.render(400, endpoint=self.endpoint, form=form)


class Rotate(Reveal):
    template_name = "integrations/webhooks/rotate.html"
    typed = ("days",)

    def get(self, request, pk):
        known = {"replaces": self.current and self.current.pk, **self.typed_before()}
        return self.show(RotateForm(initial=known))

    @method_decorator(sensitive_variables("secret"))
    def post(self, request, pk):
        form = RotateForm(request.POST)
        if not form.is_valid():
            return self.show(form, 400)
        try:
            secret = endpoints.rotate(
                endpoint=self.endpoint, **self.acting, overlap=form.overlap,
                replaces=form.cleaned_data["replaces"],
            )  # fmt: skip
        except endpoints.RotatedMeanwhile:
            messages.error(
                request, _("The secret was rotated already. If you have lost it, rotate again.")
            )
            return redirect("webhooks:endpoint", pk=self.endpoint.pk)
        return self.reveal(self.endpoint, secret)

    @property
    def current(self):
        return self.endpoint.secrets.filter(ends_at=None).first()

    def show(self, form, status=200):
        old = self.endpoint.secrets.filter(ends_at__isnull=False).first()
        return self.render(status, endpoint=self.endpoint, form=form, old=old)


class ShowSecret(Act, Reveal):
    """The current secret once more. Where the password is asked for, the button comes after it."""

    @method_decorator(sensitive_variables("secret"))
    def post(self, request, pk):
        try:
            secret = endpoints.show_secret(endpoint=self.endpoint, **self.acting)
        except (Unreadable, endpoints.NoSecret):
            messages.error(request, _("The secret can’t be read: rotate it."))
            return redirect("webhooks:endpoint", pk=self.endpoint.pk)
        return self.reveal(self.endpoint, secret)

    def address_afterwards(self):
        return reverse("webhooks:endpoint", args=[self.kwargs["pk"]])


class Delete(WebhookPage):
    template_name = "integrations/webhooks/delete.html"

    def get(self, request, pk):
        return self.render(row=rows_of([self.endpoint])[0], endpoint=self.endpoint)

    def post(self, request, pk):
        endpoints.delete_endpoint(endpoint=self.endpoint, **self.acting)
        messages.success(request, _("%s is deleted.") % self.endpoint.title)
        return redirect("webhooks:list")


class SwitchOff(Act):
    def post(self, request, pk):
        endpoints.switch_off(endpoint=self.endpoint, **self.acting)
        return self.done(_("Switched off. What happens from now on is kept, for 30 days."))


class SwitchOn(Act):
    def post(self, request, pk):
        endpoints.switch_on(endpoint=self.endpoint, **self.acting)
        return self.done(_("Switched on. What was kept is sent now."))


class EndOldSecret(Act):
    def post(self, request, pk):
        endpoints.end_old_secret(endpoint=self.endpoint, **self.acting)
        return self.done(_("We sign with the current secret alone now."))
