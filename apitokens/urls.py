"""Mount with ``path("…/api/", include("apitokens.urls"))``; the namespace is ``apitokens``."""

from django.urls import path, re_path

from apitokens import views

app_name = "apitokens"

TOKEN = r"^(?P<public_id>tok_[0-9a-z]{12})/"

urlpatterns = [
    path("", views.ListPage.as_view(), name="list"),
    path("generate/", views.GeneratePage.as_view(), name="generate"),
    re_path(TOKEN + r"edit/$", views.RenamePage.as_view(), name="rename"),
    re_path(TOKEN + r"copy/$", views.CopyAction.as_view(), name="copy"),
    re_path(TOKEN + r"delete/$", views.DeletePage.as_view(), name="delete"),
    re_path(TOKEN + r"usage/$", views.UsageView.as_view(), name="usage"),
]
