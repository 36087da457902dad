"""Connections to other systems, and where these send their messages."""

from django.urls import path, re_path

from integrations.inbound.views import attention, connecting, detail
from integrations.inbound.views.mapping import Mapping
from integrations.inbound.views.receiving import Receive
from integrations.models.inbound import CONNECTION_ID

app_name = "connections"
ONE = rf"connections/(?P<connection_id>{CONNECTION_ID})/"

urlpatterns = [
    path("in/<str:connection_id>/", Receive.as_view(), name="receive"),
    path("connect/<slug:kind>/", connecting.Connect.as_view(), name="connect"),
    path("attention/", attention.Attention.as_view(), name="attention"),
    path("attention/retry/", attention.RetryAll.as_view(), name="retry-all"),
    path("attention/ended/", attention.Ended.as_view(), name="ended"),
    path("attention/<int:pk>/", attention.Edit.as_view(), name="edit"),
    path("attention/<int:pk>/retry/", attention.Retry.as_view(), name="retry"),
    path("attention/<int:pk>/dismiss/", attention.Dismiss.as_view(), name="dismiss"),
    path("attention/<int:pk>/back/", attention.BringBack.as_view(), name="back"),
    re_path(rf"^{ONE}$", detail.Detail.as_view(), name="detail"),
    re_path(rf"^{ONE}mapping/$", Mapping.as_view(), name="mapping"),
    re_path(rf"^{ONE}credentials/$", connecting.Credentials.as_view(), name="credentials"),
    re_path(rf"^{ONE}disconnect/$", detail.Disconnect.as_view(), name="disconnect"),
]
