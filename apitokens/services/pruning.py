"""What may be forgotten: tombstones nobody refers to, ended credentials, old addresses."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import router, transaction
from django.db.models.deletion import Collector, RestrictedError
from django.utils import timezone

from apitokens.conf import conf
from apitokens.models import APIToken, APITokenEvent, Credential, written_to
from apitokens.models.event import unlocked_events

AT_ONCE = 500
"""So many tombstones are tried together."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows of each kind."""

    tombstones: int
    credentials: int
    addresses: int


def prune(*, deleted_before: datetime, dry_run: bool = False) -> Pruned:
    """Remove tombstones from before *deleted_before* that no row refers to, with their
    credentials; credentials of living tokens that ended before it; and drop addresses from events
    older than ``APITOKENS_EVENT_RETENTION``. A token that isn't deleted is never touched, nor is
    one that was imported: importing again would revive it.
    """
    return Pruned(
        tombstones=_prune_tombstones(deleted_before, dry_run),
        credentials=_prune_credentials(deleted_before, dry_run),
        addresses=_drop_addresses(dry_run),
    )


def _prune_tombstones(moment: datetime, dry_run: bool) -> int:
    tombstones = APIToken._base_manager.using(written_to()).filter(
        deleted_at__lt=moment, legacy_credentials=None
    )
    rows = tombstones.order_by("pk").iterator(chunk_size=AT_ONCE)
    return sum(_remove(batch, dry_run) for batch in iter(lambda: list(islice(rows, AT_ONCE)), []))


def _remove(tokens: list[APIToken], dry_run: bool) -> int:
    """How many of *tokens* went. Rows made through one hold it by RESTRICT, and with it all that
    are tried together: then each half is tried alone.
    """
    alias = written_to()
    collector = Collector(using=alias)
    try:
        with transaction.atomic(using=alias):
            collector.collect(tokens)
            if not dry_run:
                collector.delete()
    except RestrictedError:
        middle = len(tokens) // 2
        halves = (tokens[:middle], tokens[middle:]) if middle else ()
        return sum(_remove(half, dry_run) for half in halves)
    return len(tokens)


def _prune_credentials(moment: datetime, dry_run: bool) -> int:
    ended = Credential.objects.using(written_to()).filter(
        ends_at__lt=moment, token__deleted_at=None
    )
    return ended.count() if dry_run else ended.delete()[0]


def _drop_addresses(dry_run: bool) -> int:
    alias = router.db_for_write(APITokenEvent)
    old = APITokenEvent.objects.using(alias).filter(
        at__lt=timezone.now() - conf.event_retention
    ).exclude(address=None)  # fmt: skip
    if dry_run:
        return old.count()
    with unlocked_events(alias):
        return old.update(address=None)


def erase_history(*, owner: Any) -> int:
    """Delete every event of *owner*'s tokens, for an owner who is erased. Returns how many."""
    alias = router.db_for_write(APITokenEvent)
    with unlocked_events(alias):
        return APITokenEvent.objects.using(alias).for_owner(owner).delete()[0]
