"""Mounted at /external/. Addresses are exactly these: a slash more is another address."""

from django.urls import path, re_path

from candidates.external import base, report, views, views_v2

urlpatterns = [
    path("v1/candidate/packages", views.Packages.as_view(), name="external-packages"),
    path("v1/candidate/add", views.Add.as_view(), name="external-add"),
    path("v1/candidate/details", views.Details.as_view(), name="external-details"),
    path("v1/candidate/report/pdf", report.ReportPDF.as_view(), name="external-report"),
    path("v1/me", views.Me.as_view(), name="apitokens-me"),
    path("v1/me/rotate", views.RotateMe.as_view(), name="apitokens-me-rotate"),
    path("v2/candidate/submit-bgv", views_v2.SubmitBgv.as_view(), name="external-submit-bgv"),
    re_path(r"", base.unknown_address),
]
