"""The only writers of connections: each change is a line of the company's security history."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.encryption import Unreadable
from accounts.models import Company, SecurityEvent
from accounts.security.audit import record
from apitokens.attribution import Actor
from candidates.models import Source
from integrations.inbound.exceptions import RemoteError
from integrations.inbound.opening import class_of, connector_of
from integrations.inbound.registry import CONNECTORS
from integrations.models import Connection, ImportedRecord

MOST = 50
"""Connections of one company."""


class NameTaken(Exception):
    """Another connection of the company has the name."""


class TooMany(Exception):
    """The company has MOST connections."""


def new_secret(form: str) -> str:
    """A secret of ours, in the *form* that a field of the connector names."""
    drawn = secrets.token_bytes(32)
    return f"whsec_{base64.b64encode(drawn).decode()}" if form == "whsec" else drawn.hex()


@transaction.atomic
def connect(
    *, company: Company, actor: Actor, kind: str, name: str, credentials: Mapping[str, str],
    base_url: str,
) -> Connection:  # fmt: skip
    """A connection that isn't started yet. Raises NameTaken, TooMany."""
    company = Company.objects.select_for_update().get(pk=company.pk)
    if Connection.objects.for_company(company).count() >= MOST:
        raise TooMany
    source = named(Source(company=company, word=CONNECTORS[kind].word), name)
    connection = Connection(
        company=company, source=source, kind=kind, base_url=base_url, created_by=actor.user
    )
    connection.credentials = dict(credentials)
    connection.save()
    note(connection, actor, "connected")
    return connection


def named(source: Source, name: str) -> Source:
    """Raises NameTaken."""
    source.name = name
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError as error:
        raise NameTaken from error
    return source


@transaction.atomic
def rename(*, connection: Connection, actor: Actor, name: str) -> None:
    """Whatever it added follows. Raises NameTaken."""
    before = str(connection)
    if connection.source.name == name:
        return
    named(connection.source, name)
    note(connection, actor, "renamed", place=before)


@transaction.atomic
def replace_credentials(
    *, connection: Connection, actor: Actor, credentials: Mapping[str, str]
) -> None:
    """All of them: those that were there are read by nobody to be changed."""
    connection.credentials = dict(credentials)
    connection.error_code, connection.error_detail = "", ""
    connection.failing_since = connection.warned_at = None
    if connection.started_at and class_of(connection).polls:
        connection.next_poll_at = timezone.now()
    connection.save(update_fields=[
        "encrypted_credentials", "credentials_set_at", "error_code", "error_detail",
        "failing_since", "warned_at", "next_poll_at",
    ])  # fmt: skip
    note(connection, actor, "credentials")


@transaction.atomic
def set_mapping(
    *, connection: Connection, actor: Actor, mapping: dict[str, Any], pointers: dict[str, str],
) -> None:  # fmt: skip
    """What starts a check. Whoever waits for a package is tried again by the page."""
    if (connection.mapping, connection.pointers) == (mapping, pointers):
        return
    connection.mapping, connection.pointers = mapping, pointers
    connection.save(update_fields=["mapping", "pointers"])
    note(connection, actor, "mapped")


@transaction.atomic
def start(*, connection: Connection, actor: Actor, with_those_there: bool) -> None:
    """From now on candidates flow. Only those who come from now on, unless told otherwise."""
    connector = class_of(connection)
    connection.started_at = timezone.now()
    connection.skips_those_there = connector.skips_those_there and not with_those_there
    connection.next_poll_at = connection.started_at if connector.polls else None
    connection.cursor = {}
    connection.save(update_fields=["started_at", "skips_those_there", "next_poll_at", "cursor"])
    note(connection, actor, "started")


@transaction.atomic
def stop(*, connection: Connection, actor: Actor) -> None:
    """Nothing flows until it is started again; what waits goes on waiting."""
    connection.started_at = connection.next_poll_at = None
    connection.lease_until, connection.lease_key = None, ""
    connection.save(update_fields=["started_at", "next_poll_at", "lease_until", "lease_key"])
    note(connection, actor, "stopped")


def subscribe(*, connection: Connection, address: str) -> bool:
    """Have the other system send messages too, if it lets us: else polling has to do."""
    connector = connector_of(connection, attempts=1)
    secret = new_secret("plain")
    try:
        subscription = connector.subscribe(address, secret)
    except RemoteError:
        return False
    connection.credentials = {**connection.credentials, "hook_secret": secret}
    connection.subscription = subscription
    connection.save(update_fields=["encrypted_credentials", "credentials_set_at", "subscription"])
    return True


def disconnect(*, connection: Connection, actor: Actor) -> None:
    """Remove it with its credentials and all that waits; what it added keeps its name."""
    unsubscribe(connection)
    with transaction.atomic():
        source = connection.source
        note(connection, actor, "disconnected")
        ImportedRecord.objects.filter(connection=connection).delete()
        connection.delete()
        source.deleted_at = timezone.now()
        source.save()


def unsubscribe(connection: Connection) -> None:
    """As far as that goes: messages that still come are refused."""
    if connection.subscription:
        try:
            connector_of(connection, attempts=1).unsubscribe(connection.subscription)
        except (RemoteError, Unreadable):
            return


def note(connection: Connection, actor: Actor, act: str, **data: Any) -> None:
    record(
        connection.company_id, SecurityEvent.Kind.INTEGRATION, actor=actor.user,
        address=actor.address, act=act, name=str(connection), **data,
    )  # fmt: skip
