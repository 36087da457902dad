"""Last used: when and from where, written rarely and never at a request's expense."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import DatabaseError, connections, router, transaction
from django.db.models import Q
from django.utils import timezone

from apitokens import audit
from apitokens.conf import conf
from apitokens.models import APIToken, APITokenEvent, Credential, LegacyCredential

logger = logging.getLogger("apitokens.usage")

_MEMORY = 10_000
_known: set[tuple[str, str]] = set()
"""(public id, address) pairs that this process has found in, or written into, the history."""


def note_use(token: APIToken, address: str | None) -> bool:
    """Note that *token*'s presented credential was used now from *address*, where that is news.

    Last use is written at most once in ``APITOKENS_LAST_USED_INTERVAL`` for a credential, by a
    conditional UPDATE: of many requests at once one writes, and time never goes backwards. The
    first use from an address becomes an event. It doesn't wait for a lock, and a database that
    can't write (locked, read-only) costs the request nothing. True if anything was written.
    """
    credential = token.presented
    if credential is None or not (_is_due(credential) or _is_news(token, address)):
        return False
    alias = router.db_for_write(Credential)
    try:
        with _without_waiting(alias), transaction.atomic(using=alias):
            written = _write(token, credential, address, alias)
    except DatabaseError as error:
        logger.debug("last use of %s not written: %s", token.public_id, type(error).__name__)
        return False
    return written


def forget(**kwargs: Any) -> None:
    """Ask the history about every address again."""
    _known.clear()


def _is_due(credential: Credential | LegacyCredential) -> bool:
    last = credential.last_used_at
    return last is None or last <= timezone.now() - conf.last_used_interval


def _is_news(token: APIToken, address: str | None) -> bool:
    return address is not None and (token.public_id, address) not in _known


def _write(
    token: APIToken, credential: Credential | LegacyCredential, address: str | None, alias: str
) -> bool:
    if not _hold(credential, alias):
        return False
    news = address is not None and _is_news(token, address) and _note_address(token, address, alias)
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - conf.last_used_interval)
    rows = type(credential)._base_manager.using(alias).filter(stale, pk=credential.pk)
    written = bool(
        rows.filter(token__deleted_at=None).update(
            last_used_at=now, last_used_from=address, **_learnt(credential)
        )
    )
    if written:
        credential.last_used_at, credential.last_used_from = now, address
    return news or written


def _learnt(credential: Credential | LegacyCredential) -> dict[str, str]:
    """A quicker digest for an old secret that came with a slow one."""
    faster = getattr(credential, "faster", None)
    return {"hashed": faster} if faster else {}


def _hold(credential: Credential | LegacyCredential, alias: str) -> bool:
    """Whether the row is there and ours to write, without waiting for anybody."""
    rows = type(credential)._base_manager.using(alias).filter(pk=credential.pk)
    if connections[alias].features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows.values_list("pk", flat=True).first() is not None


def _note_address(token: APIToken, address: str, alias: str) -> bool:
    """Whether it was new. The tombstone of a token that was deleted meanwhile stays alone."""
    events = APITokenEvent.objects.using(alias).about(token)
    known = events.filter(kind="new-address", address=address).exists()
    is_new = not known and APIToken.objects.using(alias).existing().filter(pk=token.pk).exists()
    if is_new:
        audit.record(token, "new-address", actor=None, label=token.label, address=address)
    if len(_known) >= _MEMORY:
        _known.clear()
    _known.add((token.public_id, address))
    return is_new


_LOCK_WAIT = {
    "sqlite": ("PRAGMA busy_timeout", "PRAGMA busy_timeout = %d"),
    "mysql": (
        "SELECT @@SESSION.innodb_lock_wait_timeout",
        "SET SESSION innodb_lock_wait_timeout = %d",
    ),
}
"""How a connection is asked, and told, how long a statement waits for a lock. PostgreSQL needs
neither: SKIP LOCKED is enough there, while InnoDB also locks what a subquery reads."""


def _without_waiting(alias: str) -> Any:
    words = _LOCK_WAIT.get(connections[alias].vendor)
    return _lock_wait_zero(alias, *words) if words else nullcontext()


@contextmanager
def _lock_wait_zero(alias: str, asking: str, telling: str) -> Iterator[None]:
    """A lock that somebody holds is an error at once, until the block is left."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(asking)
        before = cursor.fetchone()[0]
        cursor.execute(telling % 0)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(telling % before)
