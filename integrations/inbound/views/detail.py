"""One connection: how it fares, its name, and its end."""

from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.encryption import Unreadable
from integrations.inbound import connecting
from integrations.inbound.exceptions import NotReadableAnyMore
from integrations.inbound.forms import RenameForm
from integrations.inbound.opening import class_of, connector_of
from integrations.inbound.views.base import ConnectionPage
from integrations.inbound.views.cards import Card, counted
from integrations.inbound.views.connecting import Result, address_of, tested
from integrations.models import Connection


class Detail(ConnectionPage):
    template_name = "integrations/inbound/detail.html"

    def get(self, request, *args, **kwargs):
        return self.show(RenameForm(initial_name=self.connection.name))

    def post(self, request, *args, **kwargs):
        """A new name, or a stop or start."""
        if "test" in request.POST:
            return self.test()
        if "stop" in request.POST:
            connecting.stop(connection=self.connection, actor=self.actor)
            messages.success(request, _("Nothing flows in until you start it again."))
        elif "resume" in request.POST and self.connection.mapping:
            connecting.start(connection=self.connection, actor=self.actor, with_those_there=False)
            messages.success(request, _("Candidates flow in from now on."))
        elif "name" in request.POST:
            return self.rename(RenameForm(request.POST))
        return redirect("connections:detail", self.connection.public_id)

    def test(self):
        """Whether the credentials that are kept work now."""
        if refused := ratelimit.consume_or_429(self.request, action="connection_test"):
            return refused
        try:
            result = tested(connector_of(self.connection, attempts=1))
        except Unreadable:
            result = Result(error=NotReadableAnyMore())
        return self.show(RenameForm(initial_name=self.connection.name), result=result)

    def rename(self, form):
        if not form.is_valid():
            return self.show(form, 400)
        try:
            connecting.rename(
                connection=self.connection, actor=self.actor, name=form.cleaned_data["name"]
            )
        except connecting.NameTaken:
            form.add_error("name", _("Another connection has this name"))
            return self.show(form, 400)
        messages.success(self.request, _("It is called %s now.") % self.connection)
        return redirect("connections:detail", self.connection.public_id)

    def show(self, form, status=200, result=None):
        rows = counted(Connection.objects.for_company(self.company))
        card = Card(get_object_or_404(rows, pk=self.connection.pk), class_of(self.connection))
        is_told = any(spec.name == "hook_secret" for spec in self.connector.fields)
        address = address_of(self.request, self.connection) if is_told else ""
        return self.render(status, form=form, card=card, address=address, result=result)


class Disconnect(ConnectionPage):
    template_name = "integrations/inbound/disconnect.html"

    def get(self, request, *args, **kwargs):
        row = counted(Connection.objects.for_company(self.company)).get(pk=self.connection.pk)
        return self.render(card=Card(row, self.connector))

    def post(self, request, *args, **kwargs):
        label = str(self.connection)
        connecting.disconnect(connection=self.connection, actor=self.actor)
        messages.success(request, _("%s is disconnected.") % label)
        return redirect("integrations")
