"""What starts a check, and with which package: stages and categories read live."""

from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.encryption import Unreadable
from integrations.inbound import connecting
from integrations.inbound.editing import waiting_for
from integrations.inbound.exceptions import NotReadableAnyMore, RemoteError
from integrations.inbound.forms import MappingForm, known_choices
from integrations.inbound.opening import connector_of, options_of
from integrations.inbound.pointers import found_at
from integrations.inbound.previewing import previewed
from integrations.inbound.views.base import ConnectionPage
from integrations.inbound.views.connecting import address_of

MOST = 8
"""Lines of a preview."""


class Mapping(ConnectionPage):
    template_name = "integrations/inbound/mapping.html"
    lines = preview_error = None

    def get(self, request, *args, **kwargs):
        return self.with_choices(lambda form: self.show(form))

    def post(self, request, *args, **kwargs):
        if "preview" not in request.POST:
            return self.with_choices(self.save, request.POST)
        if refused := ratelimit.consume_or_429(request, action="connection_test"):
            return refused
        return self.with_choices(self.preview, request.POST)

    def with_choices(self, then, data=None):
        try:
            form = self.form(data)
        except Unreadable:
            return self.show(None, 502, error=NotReadableAnyMore())
        except RemoteError as error:
            return self.show(None, 502, error=error)
        return then(form)

    def form(self, data):
        """Raises RemoteError, Unreadable."""
        connector = connector_of(self.connection, attempts=1)
        waiting = waiting_for(self.company).filter(connection=self.connection)[:50]
        return MappingForm(
            data,
            connection=self.connection,
            connector=connector,
            stages=connector.stages(),
            categories=known_choices(connector.categories(), self.connection.mapping, waiting),
        )

    def save(self, form):
        if not form.is_valid():
            return self.show(form, 400)
        connecting.set_mapping(
            connection=self.connection, actor=self.actor, mapping=form.mapping,
            pointers=form.pointers,
        )  # fmt: skip
        if "start" in self.request.POST and not self.connection.started_at:
            return self.start()
        messages.success(self.request, _("The mapping is saved."))
        return redirect("connections:detail", self.connection.public_id)

    def preview(self, form):
        """Who would be added with what is chosen; nothing is saved."""
        if not form.is_valid():
            return self.show(form, 400)
        self.connection.mapping, self.connection.pointers = form.mapping, form.pointers
        form.connector.options = options_of(self.connection)
        try:
            self.lines = previewed(self.connection, form.connector.sample(self.last_body))
        except RemoteError as error:
            self.preview_error = error
        return self.show(form)

    def start(self):
        connecting.start(
            connection=self.connection,
            actor=self.actor,
            with_those_there="those_there" in self.request.POST,
        )
        if self.connector.receives and self.connector.polls and self.request.is_secure():
            subscribed(self.connection, address_of(self.request, self.connection))
        messages.success(self.request, _("Candidates flow in from now on."))
        return redirect("connections:detail", self.connection.public_id)

    @cached_property
    def last_body(self):
        try:
            return self.connection.last_body
        except Unreadable:
            return None

    def found(self, form):
        """(label, what it finds in the last message) of each pointer that is filled in."""
        if form is None or not form.has_pointers or self.last_body is None:
            return []
        return [
            (field.label, found_at(field.value() or "/", self.last_body))
            for field in form.pointer_rows
            if field.value()
        ]

    def show(self, form, status=200, error=None):
        return self.render(
            status, form=form, error=error, found=self.found(form), last_body=self.last_body,
            lines=self.lines and self.lines[:MOST], read=self.lines and len(self.lines),
            is_previewed=self.lines is not None, preview_error=self.preview_error,
            has_preview=self.connector.polls or self.connector.keeps_last_body,
        )  # fmt: skip


def subscribed(connection, address):
    """Polling does without, so that a system that refuses stops nothing."""
    try:
        return connecting.subscribe(connection=connection, address=address)
    except Unreadable:
        return False
