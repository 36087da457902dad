"""The OpenAPI schema and the page that shows it."""

from django.urls import path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path(
        "schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="api-schema",
    ),
    # drf-spectacular's own page needs inline styles and makes a cookie; ours needs neither.
    path("docs/", TemplateView.as_view(template_name="api_docs.html"), name="api-docs"),
]
