"""Workers take deliveries, each for itself: several may run beside each other.

Locks are taken in one order everywhere: the endpoint's row, then its deliveries'. On SQLite the
transaction itself is the lock.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Random
from django.utils import timezone

from integrations.models import Delivery, Endpoint
from integrations.outbound.payload import thinned
from integrations.outbound.sending import Job
from integrations.outbound.signing import secrets_of

LEASE = timedelta(seconds=60)
"""Longer than any request takes; so soon after a worker has died another sends again."""
PENDING = Delivery.State.PENDING


def claim(most: int, most_failing: int) -> list[Job]:
    """Up to *most* due deliveries, *most_failing* of them to endpoints that fail.

    Those that work come first, in any order, each with WEBHOOK_CONCURRENCY requests under way at
    most in all workers together; those that fail with one. So none is delayed by another.
    """
    now = timezone.now()
    if not ready(now).exists():  # an idle worker writes nothing, not even a lock
        return []
    with transaction.atomic():
        endpoints = [
            *locked(ready(now, failing=False).order_by(Random()), most),
            *locked(ready(now, failing=True).order_by("failing_since"), most_failing),
        ]
        return taken(endpoints, most, most_failing, now)


def taken(endpoints: list[Endpoint], most: int, most_failing: int, now: datetime) -> list[Job]:
    """What may be sent to these, locked by the caller."""
    under_way = counted(endpoints, now)
    rows: list[Delivery] = []
    for endpoint in endpoints:
        room = min(most - len(rows), most_failing if endpoint.failing_since else most)
        free = min(room, cap_of(endpoint) - under_way.get(endpoint.pk, 0))
        found = due(now).filter(endpoint=endpoint).select_related("event")[: max(free, 0)]
        most_failing -= len(found) if endpoint.failing_since else 0
        rows += found
    return leased(rows, {endpoint.pk: endpoint for endpoint in endpoints}, now)


def due(now: datetime) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state=PENDING, next_attempt_at__lte=now)
    return rows.order_by("next_attempt_at", "pk")


def ready(now: datetime, *, failing: bool | None = None) -> QuerySet[Endpoint]:
    """Endpoints that are on, not throttled, and have something due."""
    waiting = Delivery.objects.filter(
        endpoint=OuterRef("pk"), state=PENDING, next_attempt_at__lte=now
    )
    rows = Endpoint.objects.on().filter(
        Q(throttled_until=None) | Q(throttled_until__lte=now),
        Exists(waiting),
        company__is_active=True,
    )
    return rows if failing is None else rows.filter(failing_since__isnull=not failing)


def locked(endpoints: QuerySet[Endpoint], most: int) -> QuerySet[Endpoint]:
    """Those for which no other worker claims just now."""
    rows = endpoints.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return rows[: max(most, 0)]


def cap_of(endpoint: Endpoint) -> int:
    return 1 if endpoint.failing_since else settings.WEBHOOK_CONCURRENCY


def counted(endpoints: Iterable[Endpoint], now: datetime) -> dict[int, int]:
    """Endpoint's key → how many workers are at."""
    rows = Delivery.objects.filter(endpoint__in=list(endpoints), state=PENDING, lease_until__gt=now)
    return dict(rows.order_by().values_list("endpoint").annotate(Count("pk")))


def leased(rows: list[Delivery], endpoints: dict[int, Endpoint], now: datetime) -> list[Job]:
    """Until the lease ends nobody else takes them; then they are due again by themselves."""
    lease, until = secrets.token_hex(16), now + LEASE
    keys = [row.pk for row in rows]
    Delivery.objects.filter(pk__in=keys).update(
        lease=lease, lease_until=until, next_attempt_at=until
    )
    signing = secrets_of(endpoints.values(), now)
    return [
        job_of(row, endpoints[row.endpoint_id], lease, signing.get(row.endpoint_id, ()))
        for row in rows
    ]


def job_of(row: Delivery, endpoint: Endpoint, lease: str, signing: tuple[str, ...]) -> Job:
    body = row.event.body
    return Job(
        delivery_id=row.pk,
        endpoint_id=endpoint.pk,
        lease=lease,
        url=endpoint.url,
        message_id=row.event.message_id,
        body=thinned(body) if endpoint.is_thin else body,
        secrets=signing,
    )
