"""What people do with deliveries: send one again, all since a moment, or stop trying; and prune."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.models import Delivery, Endpoint, WebhookEvent
from integrations.models.outbound import KEPT
from integrations.outbound.endpoints import locked

State = Delivery.State


@transaction.atomic
def resend(delivery: Delivery) -> None:
    """Send it at once, under the same id, and then by the whole schedule. One that a worker has
    just now is left to it.
    """
    locked(delivery.endpoint)
    begin_again(Delivery.objects.filter(pk=delivery.pk, lease=""))


@transaction.atomic
def resend_since(endpoint: Endpoint, since: datetime, *, only_failed: bool) -> int:
    """All of what happened from *since* on, that is on its way no more; how many."""
    locked(endpoint)
    rows = Delivery.objects.filter(endpoint=endpoint, event__at__gte=since, lease="")
    ended = [State.FAILED, State.STOPPED]
    return begin_again(rows.filter(state__in=ended if only_failed else [*ended, State.DELIVERED]))


@transaction.atomic
def stop(delivery: Delivery) -> None:
    """Don't try any more. A request that is under way is not called back."""
    locked(delivery.endpoint)
    rows = Delivery.objects.filter(pk=delivery.pk, state=State.PENDING)
    rows.update(state=State.STOPPED, finished_at=timezone.now())


def begin_again(rows: QuerySet[Delivery]) -> int:
    return rows.update(
        state=State.PENDING, failures=0, next_attempt_at=timezone.now(), finished_at=None
    )


def prune(*, dry_run: bool = False) -> int:
    """Delete events older than KEPT, with deliveries and attempts; how many events."""
    old = WebhookEvent.objects.filter(at__lt=timezone.now() - KEPT)
    if dry_run:
        return old.count()
    return drop(old)


@transaction.atomic
def drop(events: QuerySet[WebhookEvent]) -> int:
    """Delete them with deliveries and attempts; how many. A worker that writes down an attempt just
    now is waited for.
    """
    rows = Delivery.objects.select_for_update(no_key=True).filter(event__in=events)
    list(rows.order_by("pk").values_list("pk", flat=True))
    return events.delete()[1].get(WebhookEvent._meta.label, 0)
