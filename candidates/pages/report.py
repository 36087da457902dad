"""The report about a candidate whose case is finished: as a page, and as a PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from apitokens.attribution import actor_of
from candidates.pages.base import CompanyPage
from candidates.reports.content import report_of
from candidates.reports.pdf import pdf_of
from candidates.services.reporting import record_reported
from candidates.visibility import sees_progress


class OfReport(CompanyPage):
    """404 for whoever may not see how the case stands, as for a case without a report."""

    @cached_property
    def report(self):
        if not sees_progress(self.request.user):
            raise Http404
        rows = self.candidates.for_list().select_related("company")
        return report_of(get_object_or_404(rows, pk=self.kwargs["pk"]))


class ReportPage(OfReport, TemplateView):
    template_name = "candidates/report/page.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        report = self.report
        record_reported(report.candidate, actor_of(self.request))
        return super().get_context_data(report=report, candidate=report.candidate, **kwargs)


class ReportPDF(OfReport, View):
    http_method_names = ["get"]

    def get(self, request, pk):
        response = HttpResponse(pdf_of(self.report), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="report-{self.report.number}.pdf"'
        add_never_cache_headers(response)
        record_reported(self.report.candidate, actor_of(request), pdf=True)
        return response
