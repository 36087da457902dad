"""How often a connection asks: no oftener than its vendor allows, whichever process does it.

The generic cell rate algorithm: one moment in the connection's row, which each call moves on. Half
of the limit may be used at once and comes back steadily, so that no window sees more than all.
"""

from datetime import timedelta
from math import ceil

from django.db import transaction
from django.utils import timezone

from integrations.inbound.contract import Limit
from integrations.inbound.exceptions import Waits
from integrations.models import Connection


@transaction.atomic
def take_turn(pk: int, limit: Limit) -> None:
    """One call of the connection. Raises Waits, until half of what may be used at once is back."""
    window, now = timedelta(seconds=limit.seconds), timezone.now()
    rows = Connection.objects.select_for_update(no_key=True).filter(pk=pk)
    for used_until in rows.values_list("used_until", flat=True):
        used_until = max(used_until or now, now) + window / (limit.calls // 2)
        if used_until > now + window:
            raise Waits(seconds=ceil((used_until - now - window / 2).total_seconds()))
        Connection.objects.filter(pk=pk).update(used_until=used_until)
