"""Records that wait are tried again by the worker: for whoever asked, and when there are credits.

Who asked for all of them waits for none: their rows say that they are due, and are looked at a
connection at a time, which is asked by one connector.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone

from accounts.encryption import Unreadable
from integrations.inbound.editing import retry
from integrations.inbound.exceptions import RateLimited, RemoteError, place_of
from integrations.inbound.importing import has_credits
from integrations.inbound.leases import is_mine
from integrations.inbound.opening import connector_of
from integrations.models import Connection, ImportedRecord

logger = logging.getLogger("integrations.inbound")

AT_ONCE = 200
"""In one sweep; the others in the next."""
Reason = ImportedRecord.Reason


def retry_asked() -> Iterator[ImportedRecord]:
    """Try whom an Admin asked for; how each stands then."""
    rows = of_companies_at_work().filter(retry_at__lte=timezone.now())
    rows = rows.order_by("connection", "retry_at", "pk")[:AT_ONCE]
    for _connection, theirs in groupby(rows, key=lambda row: row.connection_id):
        yield from retry_of_one(list(theirs))


def retry_of_one(rows: list[ImportedRecord]) -> Iterator[ImportedRecord]:
    """Of one connection: when it doesn't answer, the rest is left for later, or for people."""
    connection = rows[0].connection
    try:
        connector = connector_of(connection)
        for row in rows:
            if is_mine(ImportedRecord.objects.waiting().filter(pk=row.pk), "retry_at"):
                yield retry(row, connector)
    except RateLimited as error:
        leave(connection, timezone.now() + timedelta(seconds=error.seconds))
    except (RemoteError, Unreadable) as error:
        logger.warning("connection %s: %s", connection.public_id, type(error).__name__)
        leave(connection, None)
    except Exception as error:  # noqa: BLE001 - a fault in one must not stop the others
        logger.error("connection %s: %s", connection.public_id, place_of(error))
        leave(connection, None)


def leave(connection: Connection, until: datetime | None) -> None:
    rows = ImportedRecord.objects.filter(connection=connection, retry_at__isnull=False)
    rows.update(retry_at=until)


def retry_for_packages() -> Iterator[ImportedRecord]:
    """Try whoever waits for credits or for a package, where there are some by now."""
    rows = of_companies_at_work().filter(reason__in=(Reason.CREDITS, Reason.PACKAGE))
    for row in rows.filter(connection__started_at__isnull=False).order_by("pk")[:AT_ONCE]:
        if has_credits(row):
            try:
                yield retry(row)
            except (RemoteError, Unreadable) as error:
                logger.warning("record %s: %s", row.pk, type(error).__name__)


def of_companies_at_work() -> Any:
    rows = ImportedRecord.objects.waiting().filter(connection__company__is_active=True)
    return rows.select_related("connection__company", "connection__source")
