"""Mount with ``path("…/api/", include("apitokens.urls"))``; the namespace is ``apitokens``."""

from django.urls import path, re_path

from apitokens import views

app_name = "apitokens"

BY_ID = r"^(?P<public_id>tok_[0-9a-z]{12})/"

urlpatterns = [
    path("", views.ListPage.as_view(), name="list"),
    path("generate/", views.GeneratePage.as_view(), name="generate"),
    re_path(BY_ID + r"edit/$", views.RenamePage.as_view(), name="rename"),
    re_path(BY_ID + r"copy/$", views.CopyAction.as_view(), name="copy"),
    re_path(BY_ID + r"delete/$", views.DeletePage.as_view(), name="delete"),
    re_path(BY_ID + r"usage/$", views.UsageView.as_view(), name="usage"),
]
