"""Mount with ``path("…/api/", include("apitokens.urls"))``; the namespace is ``apitokens``.

All are pages for people but ``me``, by which a program tries its token.
"""

from django.urls import path, re_path

from apitokens import views
from apitokens.api.base import JSONAlways
from apitokens.api.views import MeView
from apitokens.models import PUBLIC_ID
from apitokens.views import history

app_name = "apitokens"

BY_ID = rf"^(?P<public_id>{PUBLIC_ID})/"

urlpatterns = [
    path("", views.ListPage.as_view(), name="list"),
    path("generate/", views.GeneratePage.as_view(), name="generate"),
    path("me/", MeView.as_view(content_negotiation_class=JSONAlways, schema=None), name="me"),
    path("history/", history.HistoryPage.as_view(), name="history"),
    path("history/csv/", history.HistoryExport.as_view(), name="history-csv"),
    re_path(BY_ID + r"$", views.DetailPage.as_view(), name="detail"),
    re_path(BY_ID + r"edit/$", views.RenamePage.as_view(), name="rename"),
    re_path(BY_ID + r"copy/$", views.CopyAction.as_view(), name="copy"),
    re_path(BY_ID + r"rotate/$", views.RotatePage.as_view(), name="rotate"),
    re_path(BY_ID + r"cut/$", views.CutAction.as_view(), name="cut"),
    re_path(BY_ID + r"limits/$", views.LimitsPage.as_view(), name="limits"),
    re_path(BY_ID + r"suspend/$", views.SuspendAction.as_view(), name="suspend"),
    re_path(BY_ID + r"resume/$", views.ResumeAction.as_view(), name="resume"),
    re_path(BY_ID + r"take-over/$", views.TakeOverAction.as_view(), name="take-over"),
    re_path(BY_ID + r"delete/$", views.DeletePage.as_view(), name="delete"),
    re_path(BY_ID + r"usage/$", views.UsageView.as_view(), name="usage"),
]
