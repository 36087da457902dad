"""The company's pages. The dashboard stands outside the namespace, as design.md §3 fixes it."""

from django.urls import include, path

from candidates.pages import (
    adding,
    bulk,
    bulk_progress,
    bulk_review,
    credits,
    deciding,
    documents,
    erasing,
    form,
    invite,
    views,
)
from candidates.pages.dashboard import Dashboard
from candidates.pages.detail import CandidateDetail
from candidates.pages.export import Export
from candidates.pages.more import MoreOfCandidate
from candidates.pages.report import ReportPage, ReportPDF
from candidates.pages.retention import RetentionTab

candidates = [
    path("", views.CandidateList.as_view(), name="list"),
    path("add/", adding.Details.as_view(), name="add"),
    path("add/<uuid:draft>/", adding.Details.as_view(), name="add-details"),
    path("add/<uuid:draft>/package/", adding.PackageStep.as_view(), name="add-package"),
    path("add/<uuid:draft>/confirm/", adding.Confirm.as_view(), name="add-confirm"),
    path("export/", Export.as_view(), name="export"),
    path("bulk/", bulk.Upload.as_view(), name="bulk"),
    path("bulk/template.csv", bulk.Template.as_view(), name="bulk-template"),
    path("bulk/<uuid:bulk>/columns/", bulk.Columns.as_view(), name="bulk-columns"),
    path("bulk/<uuid:bulk>/review/", bulk_review.Review.as_view(), name="bulk-review"),
    path("bulk/<uuid:bulk>/errors.csv", bulk_review.Errors.as_view(), name="bulk-errors"),
    path("bulk/<uuid:bulk>/confirm/", bulk.Confirm.as_view(), name="bulk-confirm"),
    path("bulk/<uuid:bulk>/progress/", bulk_progress.Progress.as_view(), name="bulk-progress"),
    path("bulk/<uuid:bulk>/status/", bulk_progress.Status.as_view(), name="bulk-status"),
    path("bulk/<uuid:bulk>/discard/", bulk.Discard.as_view(), name="bulk-discard"),
    path("<int:pk>/", CandidateDetail.as_view(), name="detail"),
    path("<int:pk>/form/", form.FormOfCandidate.as_view(), name="form"),
    path("<int:pk>/form/send/", form.SendOfCandidate.as_view(), name="form_send"),
    path("<int:pk>/form/<slug:step>/", form.StepOfCandidate.as_view(), name="form_step"),
    path("<int:pk>/invite/", invite.SendAgain.as_view(), name="invite"),
    path("<int:pk>/report/", ReportPage.as_view(), name="report"),
    path("<int:pk>/report.pdf", ReportPDF.as_view(), name="report_pdf"),
    path("<int:pk>/hold/", deciding.Hold.as_view(), name="hold"),
    path("<int:pk>/erase/", erasing.Erase.as_view(), name="erase"),
    path("<int:pk>/close/", deciding.Close.as_view(), name="close"),
    path("<int:pk>/checks/<int:check_pk>/hold/", deciding.Hold.as_view(), name="hold_check"),
    path("<int:pk>/more/", MoreOfCandidate.as_view(), name="more"),
    path("<int:pk>/resume/", deciding.EndHold.as_view(), name="resume"),
    path("<int:pk>/checks/<int:check_pk>/resume/", deciding.EndHold.as_view(), name="resume_check"),
    path("<int:pk>/checks/<int:check_pk>/close/", deciding.Close.as_view(), name="close_check"),
    path(
        "<int:pk>/documents/<int:document_pk>/",
        documents.DocumentDownload.as_view(),
        name="document",
    ),
]

urlpatterns = [
    path("security-settings/retention/", RetentionTab.as_view(), name="retention"),
    path("", Dashboard.as_view(), name="dashboard"),
    path("credits/", credits.Credits.as_view(), name="credits"),
    path("candidates/", include((candidates, "candidates"))),
]
