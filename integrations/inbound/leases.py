"""What is due is one worker's alone, for as long as LEASE: one that is killed leaves it to another.

Webhooks are leased by many at once, and with a cap for each endpoint (outbound/claiming.py).
"""

import secrets
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from integrations.inbound.exceptions import LeaseLost
from integrations.models import Connection

LEASE = timedelta(minutes=2)


def is_mine(rows: QuerySet[Any], column: str, **columns: Any) -> bool:
    """Whether the one that *rows* narrows down to was due by its *column*, and is now taken.

    It is due again after LEASE, unless whoever has it writes another moment there.
    """
    now = timezone.now()
    due = rows.filter(**{f"{column}__lte": now})
    return bool(due.update(**{column: now + LEASE}, **columns))


class Lease:
    """A connection that is this worker's alone, until it ends or is given back."""

    def __init__(self, pk: int):
        self.pk, self.key = pk, secrets.token_hex(16)

    def taken(self) -> bool:
        now = timezone.now()
        rows = Connection.objects.due(now).filter(pk=self.pk)
        return bool(rows.update(lease_until=now + LEASE, lease_key=self.key))

    def write(self, **columns: Any) -> None:
        """Change the row, and go on holding it. Raises LeaseLost."""
        columns = {"lease_until": timezone.now() + LEASE, **columns}
        if not Connection.objects.filter(pk=self.pk, lease_key=self.key).update(**columns):
            raise LeaseLost

    def give_back(self, *, after: timedelta, **columns: Any) -> None:
        self.write(lease_until=None, lease_key="", next_poll_at=timezone.now() + after, **columns)
