"""Last used: when and from where, written rarely and never at a request's expense."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections, router, transaction
from django.db.models import Q
from django.utils import timezone

from apitokens.conf import conf
from apitokens.models import APIToken

logger = logging.getLogger("apitokens.usage")


def is_due(token: APIToken) -> bool:
    """Whether *token*'s last use is so long ago that this one should be noted."""
    return token.last_used_at is None or token.last_used_at <= _due_before(timezone.now())


def _due_before(now: datetime) -> datetime:
    return now - conf.last_used_interval


def touch(token: APIToken, address: str | None) -> bool:
    """Note that *token* was used now from *address*, if that is due. True if it was written.

    Due is at most once in ``APITOKENS_LAST_USED_INTERVAL``. The write is conditional, so of many
    requests at once one writes and time never goes backwards; it doesn't wait for a lock, and a
    database that can't write (locked, read-only) costs the request nothing.
    """
    if not is_due(token):
        return False
    now = timezone.now()
    due_before = _due_before(now)
    alias = router.db_for_write(APIToken)
    stale = Q(last_used_at=None) | Q(last_used_at__lte=due_before)
    rows = APIToken._base_manager.using(alias).filter(stale, pk=token.pk, deleted_at=None)
    try:
        with _without_waiting(alias), transaction.atomic(using=alias):
            if connections[alias].features.has_select_for_update_skip_locked:
                rows = rows.filter(pk__in=list(_lock(rows)))
            written = bool(rows.update(last_used_at=now, last_used_from=address))
    except DatabaseError as error:
        logger.debug("last used of %s not written: %s", token.public_id, type(error).__name__)
        return False
    if written:
        token.last_used_at, token.last_used_from = now, address
    return written


def _lock(rows: Any) -> Any:
    return rows.select_for_update(skip_locked=True).values_list("pk", flat=True)


def _without_waiting(alias: str) -> Any:
    return _busy_timeout_zero(alias) if connections[alias].vendor == "sqlite" else nullcontext()


@contextmanager
def _busy_timeout_zero(alias: str) -> Iterator[None]:
    """SQLite answers "locked" at once instead of waiting, until the block is left."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {before:d}")
