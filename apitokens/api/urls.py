"""Mount with ``path("…/tokens/", include("apitokens.api.urls"))``; namespace ``apitokens-api``."""

from django.urls import re_path

from apitokens import services
from apitokens.api import management as views
from apitokens.models import PUBLIC_ID

app_name = "apitokens-api"

BY_ID = rf"^(?P<public_id>{PUBLIC_ID})/"


def act(service, **more):
    return views.Act.as_view(service=service, **more)


urlpatterns = [
    re_path(r"^$", views.Tokens.as_view(), name="tokens"),
    re_path(BY_ID + r"$", views.Token.as_view(), name="token"),
    re_path(BY_ID + r"copy/$", views.Copy.as_view(), name="copy"),
    re_path(BY_ID + r"rotate/$", views.Rotate.as_view(), name="rotate"),
    re_path(BY_ID + r"cut/$", act(services.cut_old_credentials), name="cut"),
    re_path(BY_ID + r"suspend/$", act(services.suspend_token), name="suspend"),
    re_path(BY_ID + r"resume/$", act(services.resume_token, revives=True), name="resume"),
    re_path(BY_ID + r"take-over/$", act(services.take_over_token, revives=True), name="take-over"),
    re_path(BY_ID + r"events/$", views.Events.as_view(), name="events"),
]
