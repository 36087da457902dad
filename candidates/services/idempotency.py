"""A call that is repeated under the same key is worked on once, and answered alike for a day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Company
from candidates.exceptions import KeyInUse, KeyReused
from candidates.models import Candidate, IdempotencyKey

LIFETIME = timedelta(hours=24)
PATIENCE = timedelta(seconds=10)
"""How long a repeat waits for the first call."""

LOCK_NOT_AVAILABLE = "55P03"


class Answer(NamedTuple):
    status: int
    body: str
    candidate: Candidate | None = None
    is_repeated: bool = False


def answer_once(
    *,
    company: Company,
    token_public_id: str,
    key: str,
    fingerprint: str,
    work: Callable[[], Answer],
) -> Answer:
    """What *work* answers, written with it in one transaction; or what it answered before.

    What *work* raises is no answer: nothing is kept then, neither of it nor of the key.
    Raises KeyReused when the key came with another fingerprint, KeyInUse when the first call has
    not ended after PATIENCE.
    """
    with _patience(), transaction.atomic():
        row = _claim(company, token_public_id, key, fingerprint)
        if row.fingerprint != fingerprint:
            raise KeyReused
        if row.status is not None:
            return Answer(row.status, row.body, is_repeated=True)
        answer = work()
        row.status, row.body, row.candidate = answer.status, answer.body, answer.candidate
        row.save(update_fields=["status", "body", "candidate"])
    return answer


def prune(*, dry_run: bool = False) -> int:
    """Delete the answers that are no longer given; how many."""
    old = IdempotencyKey.objects.filter(created_at__lte=timezone.now() - LIFETIME)
    return old.count() if dry_run else old.delete()[0]


def _claim(company: Company, token_public_id: str, key: str, fingerprint: str) -> IdempotencyKey:
    """The key's row: ours without a status, or that of a call that has ended.

    The insert waits for whoever has inserted the same key and not committed yet.
    """
    same = IdempotencyKey.objects.filter(token_public_id=token_public_id, key=key)
    row = IdempotencyKey(
        company=company, token_public_id=token_public_id, key=key, fingerprint=fingerprint
    )
    with _lock_timeout():
        same.filter(created_at__lte=timezone.now() - LIFETIME).delete()
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    return same.get()


@contextmanager
def _lock_timeout() -> Iterator[None]:
    """PostgreSQL waits for a row as long as told, here; in the rest of the transaction as ever."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {_milliseconds()}")
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise KeyInUse from error
        raise
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


@contextmanager
def _patience() -> Iterator[None]:
    """SQLite waits at BEGIN, for every writer; waiting in vain is an OperationalError."""
    if connection.vendor != "sqlite":
        yield
        return
    before = _pragma("busy_timeout")
    _pragma(f"busy_timeout = {_milliseconds()}")
    try:
        yield
    finally:
        _pragma(f"busy_timeout = {before}")


def _pragma(text: str) -> int:
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {text}").fetchone()[0]


def _milliseconds() -> int:
    return int(PATIENCE / timedelta(milliseconds=1))
