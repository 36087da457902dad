"""Records that wait are tried again by the worker: for whoever asked, and when there are credits.

Who asked for all of them waits for none: their rows say that they are due, and are looked at a
connection at a time, which is asked by one connector.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils import timezone

from integrations.inbound.editing import retry
from integrations.inbound.exceptions import RateLimited, place_of
from integrations.inbound.importing import has_credits
from integrations.inbound.leases import is_mine
from integrations.inbound.opening import class_of, connector_of
from integrations.models import Connection, ImportedRecord

logger = logging.getLogger("integrations.inbound")

AT_ONCE = 200
"""In one sweep; the others in the next."""
Reason = ImportedRecord.Reason


def retry_asked() -> Iterator[ImportedRecord]:
    """Try whom an Admin asked for; how each stands then.

    When the system doesn't answer, the rest of its connection is left for later, or for people.
    """
    rows = of_companies_at_work().filter(retry_at__lte=timezone.now())
    for connection, theirs in by_connection(rows.order_by("connection", "retry_at", "pk")):
        try:
            yield from tried(theirs, is_taken)
        except RateLimited as error:
            leave(connection, timezone.now() + timedelta(seconds=error.seconds))
        except Exception as error:  # noqa: BLE001 - a fault in one must not stop the others
            logger.warning("connection %s: %s", connection.public_id, place_of(error))
            leave(connection, None)


def retry_for_packages() -> Iterator[ImportedRecord]:
    """Try whoever waits for credits or for a package, where there are some by now."""
    rows = of_companies_at_work().filter(reason__in=(Reason.CREDITS, Reason.PACKAGE))
    rows = rows.filter(connection__started_at__isnull=False)
    for connection, theirs in by_connection(rows.order_by("connection", "pk")):
        try:
            yield from tried(theirs, has_credits)
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            logger.warning("connection %s: %s", connection.public_id, place_of(error))


def by_connection(rows: Any) -> Iterator[tuple[Connection, Iterator[ImportedRecord]]]:
    return groupby(rows[:AT_ONCE], key=attrgetter("connection"))


def tried(
    rows: Iterable[ImportedRecord], is_wanted: Callable[[ImportedRecord], bool]
) -> Iterator[ImportedRecord]:
    """Those of one connection that are wanted, by one connector. Raises RemoteError, Unreadable."""
    connector = None
    for row in filter(is_wanted, rows):
        if class_of(row.connection).fetches:
            connector = connector or connector_of(row.connection)
        yield retry(row, connector)


def is_taken(row: ImportedRecord) -> bool:
    return is_mine(ImportedRecord.objects.waiting().filter(pk=row.pk), "retry_at")


def leave(connection: Connection, until: datetime | None) -> None:
    rows = ImportedRecord.objects.filter(connection=connection, retry_at__isnull=False)
    rows.update(retry_at=until)


def of_companies_at_work() -> Any:
    rows = ImportedRecord.objects.waiting().filter(connection__company__is_active=True)
    return rows.select_related("connection__company", "connection__source")
