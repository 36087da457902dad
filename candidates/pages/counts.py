"""The figures of the dashboard, each a real number."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from candidates.models import CaseStatus

SHOWN = [
    ("blue", CaseStatus.IN_PROGRESS),
    ("yellow", CaseStatus.AWAITING_INPUT),
    ("red", CaseStatus.DISCREPANCY),
]
COMPLETED = [CaseStatus.COMPLETED, CaseStatus.COMPLETED_WITH_EXCEPTION]


@dataclass(frozen=True, slots=True)
class StateCount:
    """One figure: the colour of its dot, its name, and where the rows are listed, or ""."""

    dot: str
    label: str
    number: int
    url: str = ""


def counts_by_state(cases):
    """How many of *cases* are in each state shown, and were completed this month: one query."""
    open_now = Q(status__in=[status for _dot, status in SHOWN])
    this_month = Q(status__in=COMPLETED, completed_at__gte=month_start())
    groups = cases.filter(open_now | this_month).values_list("status").annotate(Count("pk"))
    by_status = dict(groups)
    completed = sum(by_status.get(status, 0) for status in COMPLETED)
    return [
        *(state_count(dot, status, by_status) for dot, status in SHOWN),
        StateCount("green", _("Completed this month"), completed),
    ]


def state_count(dot, status, by_status):
    url = f"{reverse('candidates:list')}?{urlencode({'state': int(status)})}"
    return StateCount(dot, status.label, by_status.get(status, 0), url)


def month_start():
    return timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
