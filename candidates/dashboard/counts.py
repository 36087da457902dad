"""Cases by state: four in large figures, the rest below, each leading to its list."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.models import CaseStatus

SHOWN = {
    CaseStatus.IN_PROGRESS: "blue",
    CaseStatus.AWAITING_INPUT: "yellow",
    CaseStatus.DISCREPANCY: "red",
}
"""State → the colour of its dot."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """One figure: the colour of its dot, its name, what else is to say, and where the rows are."""

    dot: str
    label: str
    number: int
    second: str = ""
    url: str = ""


def list_of(status):
    return f"{reverse('candidates:list')}?{urlencode({'state': int(status)})}"


def large_counts(figures):
    seconds = {CaseStatus.AWAITING_INPUT: waiting_long(figures["waiting"]["long"])}
    return [
        *(
            StateCount(
                dot, status.label, number_in(figures, status), seconds.get(status, ""),
                list_of(status),
            )
            for status, dot in SHOWN.items()
        ),
        StateCount(
            "green", _("Completed this month"), figures["completed"], on_average(figures["took"])
        ),
    ]  # fmt: skip


def small_counts(figures):
    """The other states that a case is in, in the order of their codes."""
    return [
        (status, number_in(figures, status), list_of(status))
        for status in CaseStatus
        if status not in SHOWN and number_in(figures, status)
    ]


def number_in(figures, status):
    return figures["states"].get(status.value, 0)


def waiting_long(number):
    return ngettext("%(n)d for over 3 days", "%(n)d for over 3 days", number) % {"n": number}


def on_average(took):
    if took is None:
        return ""
    return _("%(days).1f days on average") % {"days": took.total_seconds() / 86400}
