"""A connection's row made into a connector that can be used."""

from functools import partial
from typing import Any

from django.utils import timezone

from integrations.inbound.contract import Connector, Options
from integrations.inbound.limiting import take_turn
from integrations.inbound.mapping import reads_categories
from integrations.inbound.registry import CONNECTORS
from integrations.models import Connection


def class_of(connection: Connection) -> type[Connector]:
    return CONNECTORS[connection.kind]


def connector_of(connection: Connection, *, attempts: int = 3) -> Connector:
    """Raises accounts.encryption.Unreadable."""
    connector = class_of(connection)
    turn = partial(take_turn, connection.pk, connector.limit) if connector.limit else no_limit
    return connector(connection.credentials, options_of(connection), attempts=attempts, turn=turn)


def no_limit() -> None:
    """For systems that state none."""


def connector_with(kind: str, credentials: dict[str, Any]) -> Connector:
    """For a test, before there is a connection."""
    return CONNECTORS[kind](credentials, Options(since=timezone.now()), attempts=1)


def options_of(connection: Connection) -> Options:
    return Options(
        since=connection.started_at or connection.created_at,
        with_categories=reads_categories(connection.mapping),
        pointers=connection.pointers,
    )
