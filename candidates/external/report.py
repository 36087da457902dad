"""The report of a finished case, as base64 within JSON."""

from base64 import b64encode

from django.http import Http404
from rest_framework.response import Response

from apitokens.attribution import actor_of
from candidates.external import docs
from candidates.external.base import ExternalView
from candidates.external.errors import INVALID, Fault, Problem
from candidates.external.query import MAXIMUM_ID, whole
from candidates.external.scopes import REPORTS
from candidates.reports.content import report_of
from candidates.reports.pdf import pdf_of
from candidates.services.reporting import record_reported
from candidates.visibility import visible_candidates

BASE_64 = "base_64"


class ReportPDF(ExternalView):
    required_scopes = [REPORTS]
    http_method_names = ["get"]

    @docs.report_pdf
    def get(self, request):
        report = report_of(self._candidate())
        content = b64encode(pdf_of(report)).decode("ascii")
        record_reported(report.candidate, actor_of(request), pdf=True)
        return Response({"report": content})

    def _candidate(self):
        if self.query.get("report_type") != BASE_64:
            raise Problem(INVALID, Fault("report_type", f"Send {BASE_64}."))
        if "candidate_id" not in self.query:
            raise Problem(INVALID, Fault("candidate_id", "Send the candidate's id."))
        pk = whole(self.query, "candidate_id", least=0, most=MAXIMUM_ID, default=0)
        rows = visible_candidates(self.request.user).for_list().select_related("company")
        candidate = rows.filter(pk=pk).first()
        if candidate is None:
            raise Http404
        return candidate
