"""One candidate: summary, checks, documents, log."""

from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from candidates.models import CheckStatus, Decision, FilledBy, LogEntry
from candidates.pages.base import CompanyPage, PagedByKey
from candidates.pages.invite import may_invite
from candidates.pages.log import LOG_SHOWN, LogFilter
from candidates.reports.content import has_report
from candidates.services.checks import may_be_asked
from candidates.visibility import may_erase, may_hold_and_close, sees_addresses, sees_progress


def is_for_hr(case):
    """Whether the form waits for us."""
    return case.filled_by == FilledBy.HR and case.submitted_at is None and not case.is_finished


def erasure_of(candidate):
    """The line of the log that says who erased the personal data, or None: it is there."""
    if not candidate.is_erased:
        return None
    lines = candidate.log.filter(kind=LogEntry.Kind.ERASED).select_related("candidate")
    return lines.with_adder().first()


class CandidateDetail(CompanyPage, PagedByKey, TemplateView):
    """One candidate; 404 for another company's or another person's just as for none."""

    template_name = "candidates/detail.html"

    def get_context_data(self, **kwargs):
        rows = self.candidates.for_list().select_related("category")
        candidate = get_object_or_404(rows, pk=kwargs["pk"])
        checks = list(candidate.case.checks.select_related("kind"))
        lacking = any(check.status == CheckStatus.INSUFFICIENCY for check in checks)
        asks = lacking and may_be_asked(candidate.case)
        return super().get_context_data(
            candidate=candidate,
            checks=checks,
            finished=sum(check.is_finished for check in checks),
            may_decide=may_hold_and_close(self.request.user) and not candidate.case.is_finished,
            may_send_more=may_hold_and_close(self.request.user) and asks,
            may_fill_in=is_for_hr(candidate.case),
            may_invite=may_invite(self.request.user, candidate, asks),
            may_erase=may_erase(self.request.user) and not candidate.is_erased,
            erasure=erasure_of(candidate),
            has_report=sees_progress(self.request.user) and has_report(candidate),
            is_held=candidate.case.decision == Decision.HELD,
            may_hold=candidate.case.decision != Decision.UNFUNDED,
            **self.log_of(candidate),
            **kwargs,
        )

    def log_of(self, candidate):
        filters = LogFilter(self.request.GET, candidate=candidate, user=self.request.user)
        page = filters.page(self.cursor)
        return {
            "filters": filters,
            "log": page.rows,
            "sees_addresses": sees_addresses(self.request.user),
            "page_size": LOG_SHOWN,
            "newer_url": page.previous and log_url(filters, page.previous),
            "older_url": page.next and log_url(filters, page.next),
        }


def log_url(filters, cursor):
    """The neighbouring page of the log, narrowed alike, on the same page."""
    return f"?{urlencode(filters.narrowing | cursor)}#log"
