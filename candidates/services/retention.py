"""Finished cases whose time is over: their candidates are erased, company by company."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from accounts.models import Company
from accounts.security.audit import record as record_event
from accounts.security.models import SecurityEvent
from apitokens.attribution import Actor
from candidates.models import Candidate, Case
from candidates.models.case import FINISHED
from candidates.services.cases import locked
from candidates.services.erasure import erase

logger = logging.getLogger("candidates.retention")
NOBODY = Actor()
BATCH = 500
"""So many keys are read at once."""


def due(company: Company, days: int, now: datetime) -> QuerySet[Case]:
    """Cases of *company* that were finished *days* before *now* or earlier, with personal data."""
    return Case.objects.filter(
        company=company,
        status__in=[int(status) for status in FINISHED],
        completed_at__lte=now - timedelta(days=days),
        candidate__erased_at=None,
    )


def companies() -> QuerySet[Company]:
    """Those that have set a period, suspended ones too: their candidates are owed it as well."""
    return Company.objects.exclude(retention_days=None).order_by("pk")


def retain(company: Company, now: datetime) -> tuple[int, int]:
    """Erase what is due: how many, and how many could not be, which the next run tries again.

    Each in a transaction of its own that asks again under the lock: a run may be stopped, and two
    may meet. The company's security history gets one line a run.
    """
    erased = failed = 0
    days = company.retention_days
    if days is None:
        return erased, failed
    try:
        for pk in _keys(company, days, now):
            try:
                erased += _erase_if_due(company, days, pk, now)
            except DatabaseError as error:
                failed += 1
                logger.error("candidate %s not erased: %s", pk, type(error).__name__)
    finally:
        if erased:
            record_event(company.pk, SecurityEvent.Kind.ERASED, count=erased, days=days)
    return erased, failed


def _keys(company: Company, days: int, now: datetime) -> Iterator[int]:
    """The keys of what is due, read in batches: each is met once, also one that can't be erased."""
    rows, last = due(company, days, now).order_by("pk"), 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield from keys
        last = keys[-1]


@transaction.atomic
def _erase_if_due(company: Company, days: int, pk: int, now: datetime) -> bool:
    """Left, where the case was opened again or the period changed since its key was read."""
    locked(Case(pk=pk))
    asked = due(company, days, now).filter(pk=pk, company__retention_days=days)
    return asked.exists() and erase(candidate=Candidate(pk=pk), actor=NOBODY, tell=False)
