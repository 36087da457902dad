"""What stands in a report: facts, the result in words, the checks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.dateparse import parse_date

from candidates.models import Candidate, CaseCheck, CaseStatus, LogEntry, VerificationForm
from candidates.models.case import FINISHED
from candidates.reports.wording import headline, sentences, tone


@dataclass(frozen=True, slots=True)
class Report:
    candidate: Candidate
    checks: list[CaseCheck]
    number: str
    born: Any
    tone: str
    headline: str
    sentences: list[str]

    @property
    def reported_at(self) -> datetime | None:
        return self.candidate.case.completed_at


def has_report(candidate: Candidate) -> bool:
    """From when the case is finished, completed or given up, and not before: results may change.

    Until the candidate is erased.
    """
    return candidate.case.is_finished and not candidate.is_erased


def report_of(candidate: Candidate) -> Report:
    """Of a *candidate* loaded with its case and company. Raises Http404: there is none yet."""
    if not has_report(candidate):
        raise Http404
    checks = list(candidate.case.checks.select_related("kind"))
    status = CaseStatus(candidate.case.status)
    return Report(
        candidate=candidate,
        checks=checks,
        number=number_of(candidate),
        born=born(candidate),
        tone=tone(checks),
        headline=headline(checks, status),
        sentences=sentences(checks),
    )


def number_of(candidate: Candidate) -> str:
    """The candidate's number, and how often the case was finished: 48213-2 replaces 48213-1."""
    changes = candidate.log.filter(kind=LogEntry.Kind.STATUS_CHANGED)
    finished = changes.filter(data__after__in=[int(status) for status in FINISHED])
    return f"{candidate.pk}-{max(1, finished.count())}"


def born(candidate: Candidate) -> Any:
    """The date of birth as the form gives it, or None."""
    form = VerificationForm.objects.filter(pk=candidate.pk).first()
    details = form.answers.get("basic_details") if form else None
    text = details.get("dob") if isinstance(details, dict) else None
    try:
        return parse_date(text) if isinstance(text, str) else None
    except ValueError:
        return None
