"""Addresses of what flows in and out; the first tab is where the navigation leads."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="webhooks:list"), name="integrations"),
    path("", include("integrations.inbound.urls")),
    path("webhooks/", include("integrations.outbound.urls")),
]
