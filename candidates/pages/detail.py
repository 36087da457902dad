"""One candidate: summary, checks, documents, log."""

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from candidates.pages.base import CompanyPage
from candidates.visibility import visible_log

LOG_SHOWN = 100
"""The newest lines of a candidate's log; an ordinary case has a dozen."""


class CandidateDetail(CompanyPage, TemplateView):
    """One candidate; 404 for another company's or another person's just as for none."""

    template_name = "candidates/detail.html"

    def get_context_data(self, **kwargs):
        rows = self.candidates.for_list().select_related("category")
        candidate = get_object_or_404(rows, pk=kwargs["pk"])
        checks = list(candidate.case.checks.select_related("kind"))
        return super().get_context_data(
            candidate=candidate,
            checks=checks,
            finished=sum(check.is_finished for check in checks),
            log=self.log_of(candidate),
            **kwargs,
        )

    def log_of(self, candidate):
        return visible_log(candidate, self.request.user).with_adder()[:LOG_SHOWN]
