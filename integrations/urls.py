"""Addresses of what flows in and out; the first tab is where the navigation leads."""

from django.urls import include, path

from integrations.inbound.views.cards import Connections

urlpatterns = [
    path("", Connections.as_view(), name="integrations"),
    path("", include("integrations.inbound.urls")),
    path("webhooks/", include("integrations.outbound.urls")),
]
