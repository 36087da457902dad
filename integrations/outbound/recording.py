"""What came of requests is written down: the attempts, the deliveries, how the endpoints do."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations.models import Attempt, Delivery, Endpoint
from integrations.outbound.health import Notice, note_outcome
from integrations.outbound.schedule import wait_after
from integrations.outbound.sending import Outcome

State = Delivery.State
CHANGED = ["state", "failures", "next_attempt_at", "lease", "lease_until", "finished_at"]
"""``next_attempt_at`` of what a worker takes is alike too: the end of its lease."""
OF_ENDPOINTS = [
    "failing_since", "last_failure", "last_success_at", "warned_at", "throttled_until",
    "off_reason", "off_since",
]  # fmt: skip


@transaction.atomic
def record(outcomes: Iterable[Outcome]) -> list[Notice]:
    """Write them down, once; what Admins are to be told is returned.

    An endpoint or a delivery that is gone meanwhile is let go. A lease that was lost leaves the row
    to whoever has it, unless the message was taken.
    """
    now, outcomes = timezone.now(), list(outcomes)
    endpoints = in_order(Endpoint, {outcome.job.endpoint_id for outcome in outcomes})
    rows = in_order(Delivery, {outcome.job.delivery_id for outcome in outcomes})
    attempts, notices = [], []
    for outcome in sorted(outcomes, key=lambda outcome: outcome.at):
        endpoint, row = endpoints.get(outcome.job.endpoint_id), rows.get(outcome.job.delivery_id)
        if endpoint is None or row is None:
            continue
        attempts.append(attempt_of(outcome))
        if outcome.is_success or row.lease == outcome.job.lease:
            settle(row, outcome, now)
        notices += note_outcome(endpoint, outcome, given_up=row.state == State.FAILED, now=now)
    Attempt.objects.bulk_create(attempts)
    save(Delivery, rows.values(), CHANGED)
    save(Endpoint, endpoints.values(), OF_ENDPOINTS)
    return notices


def save(model, rows, columns):
    """One statement for all that have the same values now, as most have: all went well."""
    alike = {}
    for row in rows:
        values = tuple(getattr(row, name) for name in columns)
        alike.setdefault(values, []).append(row.pk)
    for values, keys in alike.items():
        model.objects.filter(pk__in=keys).update(**dict(zip(columns, values, strict=True)))


def in_order(model, keys):
    """{key: row}, locked by ascending key: two that record wait for each other."""
    rows = model.objects.select_for_update(no_key=True).filter(pk__in=keys)
    return {row.pk: row for row in rows.order_by("pk")}


def attempt_of(outcome: Outcome) -> Attempt:
    return Attempt(
        delivery_id=outcome.job.delivery_id, at=outcome.at, status=outcome.status,
        error=outcome.error, milliseconds=outcome.milliseconds, answer=outcome.answer,
    )  # fmt: skip


def settle(row: Delivery, outcome: Outcome, now: datetime) -> None:
    """How the delivery stands after this. Stopped meanwhile, it stays so unless it arrived."""
    row.lease, row.lease_until = "", None
    if outcome.is_success:
        row.state, row.finished_at = State.DELIVERED, now
        return
    if row.state != State.PENDING:
        return
    row.failures += 1
    wait = wait_after(row.failures, outcome.asked_to_wait)
    if wait is None:
        row.state, row.finished_at = State.FAILED, now
    else:
        row.next_attempt_at = now + wait
