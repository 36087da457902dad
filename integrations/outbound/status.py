"""How endpoints do, in figures and in a word, for their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.models import Attempt, Delivery, Endpoint
from integrations.models.outbound import KEPT
from integrations.outbound.wording import failure_in_words

State = Delivery.State
DAY = timedelta(days=1)
ENOUGH = 500
"""Deliveries whose answers make a median: so many however much is sent."""


@dataclass(frozen=True, slots=True)
class Badge:
    word: str | Promise
    tone: str
    icon: str


WORKING = Badge(_("Working"), "green", "check-circle-fill")
FAILING = Badge(_("Failing"), "orange", "exclamation-triangle-fill")
OFF = Badge(_("Switched off"), "grey", "slash-circle")
NEW = Badge(_("Nothing sent yet"), "outline", "clock")


def badge_of(endpoint: Endpoint) -> Badge:
    if not endpoint.is_on:
        return OFF
    if endpoint.failing_since:
        return FAILING
    return WORKING if endpoint.last_success_at else NEW


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint with its figures: of the last 24 hours, and what is on its way now."""

    endpoint: Endpoint
    sent: int
    failed: int
    retried: int
    waiting: int
    oldest: datetime | None = None
    """When what waits longest happened."""

    @property
    def key(self) -> str:
        return str(self.endpoint.pk)

    @property
    def badge(self) -> Badge:
        return badge_of(self.endpoint)

    @property
    def kept_until(self) -> datetime | None:
        return self.oldest and self.oldest + KEPT

    @property
    def failure(self) -> str:
        """In short: the status, or in words why there was none."""
        said = self.endpoint.last_failure
        return said if said.isdecimal() else failure_in_words(said)


def rows_of(endpoints: Iterable[Endpoint]) -> list[Row]:
    """Two queries for any number of endpoints."""
    endpoints = list(endpoints)
    keys = [endpoint.pk for endpoint in endpoints]
    ended = Delivery.objects.filter(endpoint__in=keys, finished_at__gte=timezone.now() - DAY)
    figures: dict[int, dict[str, Any]] = {key: {} for key in keys}
    collect(figures, ended, sent=Q(state=State.DELIVERED), failed=Q(state=State.FAILED))
    pending = Delivery.objects.filter(endpoint__in=keys, state=State.PENDING)
    oldest = {"oldest": Min("event__at")}
    collect(figures, pending, oldest, retried=Q(failures__gt=0), waiting=Q())
    nothing = dict.fromkeys(("sent", "failed", "retried", "waiting"), 0)
    return [Row(endpoint, **{**nothing, **figures[endpoint.pk]}) for endpoint in endpoints]


def median_of(endpoint: Endpoint) -> int | None:
    """Milliseconds that half of the last answers took at most, of 24 hours; None: no answer."""
    since = timezone.now() - DAY
    ended = Delivery.objects.filter(endpoint=endpoint, finished_at__gte=since)
    keys = list(ended.order_by("-finished_at").values_list("pk", flat=True)[:ENOUGH])
    answers = Attempt.objects.filter(delivery__in=keys, at__gte=since, status__isnull=False)
    took = list(answers.order_by().values_list("milliseconds", flat=True))
    return round(median(took)) if took else None


def collect(
    figures: dict[int, dict[str, Any]], rows: Any, more: Mapping[str, Any] | None = None, **which: Q
) -> None:
    counts = {name: Count("pk", filter=condition or None) for name, condition in which.items()}
    for line in rows.order_by().values("endpoint").annotate(**counts, **(more or {})):
        figures[line.pop("endpoint")].update(line)
