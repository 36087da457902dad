"""What the dashboard counts: of what one sees, at most a minute old."""

from datetime import datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Avg, Case, Count, DurationField, F, Min, Q, Value, When
from django.utils import timezone

from candidates.models import CaseCheck, CaseStatus, CheckStatus, FilledBy
from candidates.visibility import sight_of, visible_candidates, visible_cases

KEPT = 60
"""Seconds."""
WEEKS = 12
WEEK = timedelta(weeks=1)
LONG = timedelta(days=3)
"""Whoever waits longer is told."""
NAMED = 2
COMPLETED = [CaseStatus.COMPLETED, CaseStatus.COMPLETED_WITH_EXCEPTION]
PARTS = {"states", "completed", "took", "waiting", "weeks", "discrepancies", "insufficient"}


def figures_of(user):
    """A dict of PARTS for *user*: from the cache, where all who see the same share them.

    Keys and numbers alone, no names. What else may stand in the cache is not believed.
    """
    key = f"candidates:dashboard:{timezone.localdate()}:{sight_of(user)}"
    figures = cache.get(key)
    if not isinstance(figures, dict) or figures.keys() != PARTS:
        figures = count(user)
        cache.set(key, figures, KEPT)
    return figures


def count(user):
    cases = visible_cases(user)
    return {
        "states": dict(cases.order_by().values_list("status").annotate(Count("status"))),
        **completed_in(cases),
        "waiting": waiting_in(cases),
        "weeks": weeks_of(visible_candidates(user)),
        "discrepancies": newest_discrepancies(cases),
        "insufficient": insufficient_checks(cases),
    }


def completed_in(cases):
    """How many were completed this month, and how long that took on average."""
    this_month = cases.filter(status__in=COMPLETED, completed_at__gte=month_start())
    took = Avg(F("completed_at") - F("initiated_at"), output_field=DurationField())
    return this_month.aggregate(completed=Count("pk"), took=took)


def month_start():
    return timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def waiting_in(cases):
    """How many wait for input for long, how many of HR, and since when consents are missing."""
    waits, no_consent = Q(status=CaseStatus.AWAITING_INPUT), Q(status=CaseStatus.CONSENT_MISSING)
    both = [CaseStatus.AWAITING_INPUT, CaseStatus.CONSENT_MISSING]  # an index has these alone
    return cases.filter(status__in=both).aggregate(
        long=Count("status", filter=waits & Q(initiated_at__lt=timezone.now() - LONG)),
        of_hr=Count("status", filter=waits & Q(filled_by=FilledBy.HR, submitted_at=None)),
        consent_since=Min("initiated_at", filter=no_consent),
    )


def newest_discrepancies(cases):
    found = cases.filter(status=CaseStatus.DISCREPANCY).order_by("-candidate")
    return list(found.values_list("pk", flat=True)[:NAMED])


def insufficient_checks(cases):
    """How many checks want something, by the kind's name."""
    checks = CaseCheck.objects.filter(status=CheckStatus.INSUFFICIENCY, case__in=cases)
    return dict(checks.order_by().values_list("kind__name").annotate(Count("pk")))


def week_starts(today=None):
    """Local midnights, oldest first: the last of the WEEKS ends with today."""
    today = today or timezone.localdate()
    first = today + timedelta(days=1) - WEEKS * WEEK
    days = [first + number * WEEK for number in range(WEEKS)]
    return [timezone.make_aware(datetime.combine(day, time.min)) for day in days]


def weeks_of(candidates):
    """(by people, by programs) added in each of the last WEEKS, oldest first: one query."""
    starts = week_starts()
    number = Case(*(When(created_at__gte=starts[n], then=Value(n)) for n in range(WEEKS)[::-1]))
    rows = candidates.filter(created_at__gte=starts[0]).order_by().annotate(week=number)
    counted = rows.values("week").annotate(
        people=Count("pk", filter=Q(added_through=None, added_from=None)), everyone=Count("pk")
    )
    found = {row["week"]: (row["people"], row["everyone"] - row["people"]) for row in counted}
    return [found.get(week, (0, 0)) for week in range(WEEKS)]
