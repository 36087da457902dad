"""Candidates added a week as bars: where each rectangle stands, for a given width."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.utils import timezone
from django.utils.formats import date_format

from candidates.dashboard.figures import WEEK, week_starts

HEIGHT, TOP, BASE = 206, 30, 172
LEFT, RIGHT = 44, 2
STEPS = 4
WIDE, NARROW = 622, 288
GAP = 1
"""Between the two parts of a bar."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week: its last day, and how many people and programs added."""

    last: date
    people: int
    programs: int

    @property
    def total(self):
        return self.people + self.programs


@dataclass(frozen=True, slots=True)
class Bar:
    """A week's two rectangles as (y, height), from *x*; and the day to write below, or "".

    The last day's text ends where the drawing does.
    """

    week: Week
    x: float
    width: float
    programs: tuple[float, float]
    people: tuple[float, float]
    label: str
    is_last: bool

    @property
    def label_at(self):
        return (round(self.x + self.width, 1), "end") if self.is_last else (self.middle, "middle")

    @property
    def middle(self):
        return round(self.x + self.width / 2, 1)

    @property
    def above(self):
        """Where its total is written."""
        return min(self.programs[0], self.people[0]) - 6


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that an SVG of this *width* draws. *lines* are (y, number), from zero up."""

    width: int
    lines: list[tuple[float, int]]
    bars: list[Bar]
    height: int = HEIGHT

    @property
    def right(self):
        return self.width - RIGHT

    @property
    def left(self):
        return LEFT - 14


def weeks_from(numbers, today=None):
    """Weeks of (by people, by programs), oldest first; the last ends with *today*."""
    ends = [timezone.localdate(start + WEEK) for start in week_starts(today)]
    return [Week(end - timedelta(days=1), *pair) for end, pair in zip(ends, numbers, strict=True)]


def chart_of(weeks, width):
    step = step_for(max(week.total for week in weeks))
    scale = (BASE - TOP) / (step * STEPS)
    every = 2 if width >= WIDE else 4
    room = (width - LEFT - RIGHT) / len(weeks)
    bars = []
    for index, week in enumerate(weeks):
        left = len(weeks) - 1 - index
        label = date_format(week.last, "j M") if left % every == 0 else ""
        bars.append(bar_of(week, LEFT + index * room, room, scale, label, left == 0))
    lines = [(round(BASE - n * step * scale, 1), n * step) for n in range(STEPS + 1)]
    return Chart(width, lines, bars)


def bar_of(week, x, room, scale, label, is_last):
    programs, people = round(week.programs * scale, 1), round(week.people * scale, 1)
    top = BASE - programs
    gap = GAP if programs and people > GAP else 0
    return Bar(
        week=week, x=round(x + room * 0.22, 1), width=round(room * 0.56, 1),
        programs=(round(top, 1), programs), people=(round(top - people, 1), people - gap),
        label=label, is_last=is_last,
    )  # fmt: skip


def step_for(largest):
    """The smallest of 1, 2, 3, 5, 10, 20, … of which STEPS reach *largest*."""
    for power in count():
        for digit in (1, 2, 3, 5):
            if digit * 10**power * STEPS >= largest:
                return digit * 10**power
    raise AssertionError("count() never ends")
