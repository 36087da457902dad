"""Messages from other systems: proven, kept once, and looked at by a worker."""

import re
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.encryption import Unreadable
from integrations.inbound.contract import Event, Incoming
from integrations.inbound.exceptions import NotVerified
from integrations.inbound.importing import data_of
from integrations.inbound.opening import class_of, connector_of
from integrations.models import Connection, ReceivedMessage
from integrations.models.inbound import CONNECTION_ID


def receive(public_id: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a message for the worker; a repeat changes nothing.

    Raises NotVerified, the same for an unknown address and a wrong signature, and NotReadable.
    """
    if not re.fullmatch(CONNECTION_ID, public_id, re.ASCII):
        raise NotVerified
    known = Connection.objects.select_related("company", "source")
    connection = known.filter(public_id=public_id, company__is_active=True).first()
    if connection is None or not class_of(connection).receives:
        raise NotVerified
    incoming = Incoming(headers, body)
    try:
        connector = connector_of(connection)
    except Unreadable as error:
        raise NotVerified from error
    event = connector.verify(incoming)
    keep_as_preview(connection, incoming)
    if connection.started_at and event.external_id:
        keep(connection, event)


def keep_as_preview(connection: Connection, incoming: Incoming) -> None:
    """That something came; where an Admin has to say what is what, the whole message too."""
    connection.last_message_at = timezone.now()
    fields = ["last_message_at"]
    if class_of(connection).keeps_last_body:
        connection.last_body = incoming.json()
        fields += ["encrypted_last_body", "last_body_at"]
    connection.save(update_fields=fields)


def keep(connection: Connection, event: Event) -> None:
    record = None if event.record is None else data_of(event.record)
    try:
        with transaction.atomic():
            ReceivedMessage.objects.create(
                connection=connection, event_id=event.id, external_id=event.external_id,
                record=record, due_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        return  # it came before
