"""Connect a system, replace its credentials: tested first, then kept."""

from dataclasses import dataclass, field
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from integrations.inbound import connecting
from integrations.inbound.exceptions import RemoteError
from integrations.inbound.forms import ConnectForm
from integrations.inbound.opening import connector_with
from integrations.inbound.registry import CONNECTORS
from integrations.inbound.views.base import ConnectionPage, IntegrationsPage


@dataclass(slots=True)
class Result:
    """How a test went: what works, and what ended it."""

    steps: list[Any] = field(default_factory=list)
    error: RemoteError | None = None


def tested(connector):
    """The test of a connector, or None for one that can't be asked."""
    if not connector.polls:
        return None
    result = Result()
    try:
        for step in connector.test():
            result.steps.append(step)
    except RemoteError as error:
        result.error = error
    return result


@method_decorator(sensitive_post_parameters(), "dispatch")
class Connect(IntegrationsPage):
    template_name = "integrations/inbound/connect.html"
    named = True
    reauthenticates = True

    @property
    def connector(self):
        if self.kwargs["kind"] not in CONNECTORS:
            raise Http404
        return CONNECTORS[self.kwargs["kind"]]

    @property
    def typed(self):
        return ("name", *(spec.name for spec in self.connector.fields if not spec.secret))

    def form(self, data=None):
        initial = self.typed_before() if data is None else None
        return ConnectForm(data, connector=self.connector, named=self.named, initial=initial)

    def get(self, request, *args, **kwargs):
        return self.show(self.form())

    def post(self, request, *args, **kwargs):
        if refused := ratelimit.consume_or_429(request, action="connection_test"):
            return refused
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, 400)
        credentials = form.credentials
        result = tested(connector_with(self.connector.kind, credentials))
        if result and result.error:
            return self.show(form, 400, result=result)
        if result and "test" in request.POST:
            return self.show(form, result=result)
        return self.keep(form, credentials)

    def keep(self, form, credentials):
        try:
            connection = connecting.connect(
                company=self.company, actor=self.actor, kind=self.connector.kind,
                name=form.cleaned_data["name"], credentials=credentials,
                base_url=self.request.build_absolute_uri("/").rstrip("/"),
            )  # fmt: skip
        except connecting.NameTaken:
            form.add_error("name", _("Another connection has this name"))
            return self.show(form, 400)
        except connecting.TooMany:
            form.add_error(None, _("There are 50 connections. Disconnect one first."))
            return self.show(form, 400)
        return self.go_on(connection, form, credentials)

    def go_on(self, connection, form, credentials):
        """To the mapping; where a secret was made here, by way of the page that shows it."""
        if not self.was_made(form):
            return redirect("connections:mapping", connection.public_id)
        self.template_name = "integrations/inbound/reveal.html"
        response = self.render(
            connection=connection,
            connector=self.connector,
            secret=credentials["hook_secret"],
            address=address_of(self.request, connection),
            header=credentials.get("header") or self.connector.hook_header,
        )
        response["Referrer-Policy"] = "no-referrer"
        return response

    def was_made(self, form):
        made = (spec.name for spec in self.connector.fields if spec.generated)
        return any(not form.cleaned_data[name] for name in made)

    def show(self, form, status=200, result=None):
        return self.render(status, form=form, connector=self.connector, result=result)


@method_decorator(sensitive_post_parameters(), "dispatch")
class Credentials(Connect, ConnectionPage):
    """All of them anew: nothing of the old ones is shown or kept."""

    named = False

    @property
    def connector(self):
        return CONNECTORS[self.connection.kind]

    def keep(self, form, credentials):
        connecting.replace_credentials(
            connection=self.connection, actor=self.actor, credentials=credentials
        )
        if self.was_made(form):
            return self.go_on(self.connection, form, credentials)
        messages.success(self.request, _("The new credentials are kept."))
        return redirect("connections:detail", self.connection.public_id)


def address_of(request, connection):
    """Where the other system sends its messages."""
    return request.build_absolute_uri(reverse("connections:receive", args=[connection.public_id]))
