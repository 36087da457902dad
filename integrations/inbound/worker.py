"""The worker: asks each connection for news, looks at messages, tries again, tells of trouble.

The rows say what is due, so any number of workers may run, and one that is killed leaves nothing
undone: its lease ends, and whoever comes next begins where the cursor stands.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import Unreadable
from integrations.inbound.contract import Record
from integrations.inbound.exceptions import (
    LeaseLost,
    RateLimited,
    RemoteError,
    Waits,
    place_of,
)
from integrations.inbound.importing import take
from integrations.inbound.leases import Lease, is_mine
from integrations.inbound.mail import warn_admins
from integrations.inbound.opening import class_of, connector_of
from integrations.inbound.retrying import retry_asked, retry_for_packages
from integrations.inbound.writing import status_in_words
from integrations.models import Connection, ImportedRecord, ReceivedMessage
from integrations.models.inbound import EVENTS_KEPT, EVERY

logger = logging.getLogger("integrations.inbound")

PATIENCE = timedelta(hours=24)
"""After so long without a good answer the Admins are told."""
MOST_TRIES = 8
AT_ONCE = 200
UNREADABLE, INTERNAL = "unreadable", "internal"


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    polled: int = 0
    messages: int = 0
    added: int = 0
    written: int = 0

    def count(self, row: ImportedRecord | None) -> None:
        self.added += row is not None and row.state == ImportedRecord.State.ADDED


def sweep() -> Swept:
    """All that is due, once."""
    swept = Swept()
    for pk in list(due(timezone.now())):
        swept.polled += poll(pk, swept)
    for pk in list(due_messages(timezone.now())):
        swept.messages += look_at(pk, swept)
    for pk in list(due_writings(timezone.now())):
        swept.written += write(pk)
    for row in chain(retry_asked(), retry_for_packages()):
        swept.count(row)
    warn(timezone.now())
    prune(timezone.now())
    return swept


def due(now: datetime) -> Any:
    return Connection.objects.due(now).order_by("next_poll_at").values_list("pk", flat=True)


# Polling ------------------------------------------------------------------------------------


def poll(pk: int, swept: Swept) -> bool:
    """Ask one connection, unless another worker does. Whatever happens is kept in its row."""
    lease = Lease(pk)
    if not lease.taken():
        return False
    connection = Connection.objects.select_related("company", "source").get(pk=pk)
    try:
        outcome = asked(connection, lease, swept)
        lease.give_back(**outcome)
    except LeaseLost:
        logger.info("connection %s was taken over", connection.public_id)
    return True


def asked(connection: Connection, lease: Lease, swept: Swept) -> dict[str, Any]:
    """How it went, as columns. Raises LeaseLost."""
    try:
        read_all(connection, lease, swept)
    except LeaseLost:
        raise
    except Waits as error:
        return {"after": timedelta(seconds=error.seconds)}
    except RemoteError as error:
        seconds = error.seconds if isinstance(error, RateLimited) else 0
        after = max(timedelta(seconds=seconds), timedelta(minutes=1)) if seconds else EVERY
        return failed(connection, error.code, error.detail, after)
    except Unreadable:
        return failed(connection, UNREADABLE, "", EVERY)
    except Exception as error:  # noqa: BLE001 - a fault in one connection must not stop the others
        logger.error("connection %s: %s", connection.public_id, place_of(error))
        return failed(connection, INTERNAL, "", EVERY)
    return {**worked(), "after": EVERY, "skips_those_there": False}


def read_all(connection: Connection, lease: Lease, swept: Swept) -> None:
    for batch in connector_of(connection).poll(connection.cursor):
        for record in batch.records:
            swept.count(take(connection, record, there_before=connection.skips_those_there))
        lease.write(**({} if batch.cursor is None else {"cursor": batch.cursor}))


def worked() -> dict[str, Any]:
    return {
        "last_success_at": timezone.now(),
        "error_code": "",
        "error_detail": "",
        "failing_since": None,
        "warned_at": None,
    }


def failed(connection: Connection, code: str, detail: str, after: timedelta) -> dict[str, Any]:
    logger.warning("connection %s: %s", connection.public_id, code)
    since = connection.failing_since or timezone.now()
    return {
        "error_code": code, "error_detail": detail, "failing_since": since, "after": after,
    }  # fmt: skip


# Messages -----------------------------------------------------------------------------------


def due_messages(now: datetime) -> Any:
    rows = ReceivedMessage.objects.filter(due_at__lte=now, connection__company__is_active=True)
    return rows.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]


def look_at(pk: int, swept: Swept) -> bool:
    """One message: whoever it speaks of is read anew, unless it is all that there is.

    It is due again later until that went well, so a worker that is killed leaves it to another.
    """
    if not is_mine(ReceivedMessage.objects.filter(pk=pk), "due_at", tries=F("tries") + 1):
        return False
    message = ReceivedMessage.objects.select_related(
        "connection__company", "connection__source"
    ).get(pk=pk)
    try:
        act_on(message, swept)
    except (RemoteError, Unreadable) as error:
        logger.warning("message %s: %s", pk, type(error).__name__)
        postpone(message, error)
    except Exception as error:  # noqa: BLE001 - as above
        logger.error("message %s: %s", pk, place_of(error))
        postpone(message, error)
    return True


def act_on(message: ReceivedMessage, swept: Swept) -> None:
    """Raises RemoteError, Unreadable."""
    record = told(message)
    with transaction.atomic():
        if record is not None:
            swept.count(take(message.connection, record))
        ReceivedMessage.objects.filter(pk=message.pk).update(due_at=None, record=None)


def told(message: ReceivedMessage) -> Record | None:
    """Raises RemoteError, Unreadable."""
    if message.record is None:
        return connector_of(message.connection).fetch(message.external_id)
    lists = {name: tuple(message.record[name]) for name in ("stages", "categories")}
    return Record(**{**message.record, **lists, "external_id": message.external_id})


def postpone(message: ReceivedMessage, error: Exception) -> None:
    """Later and later; in the end polling finds whoever it spoke of."""
    wait = timedelta(seconds=30 * 2**message.tries)
    if isinstance(error, RateLimited):
        wait = max(wait, timedelta(seconds=error.seconds))
    over = message.tries >= MOST_TRIES
    due_at = None if over else timezone.now() + wait
    ReceivedMessage.objects.filter(pk=message.pk).update(due_at=due_at)


# Writing back -------------------------------------------------------------------------------


def due_writings(now: datetime) -> Any:
    rows = ImportedRecord.objects.filter(write_at__lte=now, connection__company__is_active=True)
    return rows.order_by("write_at").values_list("pk", flat=True)[:AT_ONCE]


def write(pk: int) -> bool:
    """Tell the other system how a case stands now. Told twice it is when a worker is killed."""
    mine = ImportedRecord.objects.filter(pk=pk)
    if not is_mine(mine, "write_at", write_tries=F("write_tries") + 1):
        return False
    row = ImportedRecord.objects.select_related(
        "connection__company", "connection__source", "candidate__case"
    ).get(pk=pk)
    until, after = row.write_at, None
    try:
        if row.candidate is not None:
            connector_of(row.connection).push_status(row.external_id, status_in_words(row))
    except Exception as error:  # noqa: BLE001 - a fault in one must not stop the others
        logger.warning("record %s: %s", pk, place_of(error))
        if row.write_tries < MOST_TRIES:
            after = timezone.now() + timedelta(seconds=30 * 2**row.write_tries)
    ImportedRecord.objects.filter(pk=pk, write_at=until).update(write_at=after)
    return True


# The rest -----------------------------------------------------------------------------------


def warn(now: datetime) -> None:
    """Once for each time that it fails, whichever worker comes first."""
    silent = Connection.objects.started().filter(failing_since__lte=now - PATIENCE, warned_at=None)
    for connection in silent.select_related("company", "source"):
        mine = Connection.objects.filter(pk=connection.pk, warned_at=None)
        if mine.update(warned_at=now):
            warn_admins(connection, class_of(connection))


def prune(now: datetime) -> None:
    old = now - EVENTS_KEPT
    ReceivedMessage.objects.filter(Q(due_at=None) | Q(tries__gte=MOST_TRIES), at__lt=old).delete()
    Connection.objects.filter(last_body_at__lt=old).update(
        encrypted_last_body="", last_body_at=None
    )
