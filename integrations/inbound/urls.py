"""Connections to other systems, and where these send their messages."""

from django.urls import path

from integrations.inbound.views.receiving import Receive

app_name = "connections"

urlpatterns = [
    path("in/<str:connection_id>/", Receive.as_view(), name="receive"),
]
