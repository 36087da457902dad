"""Addresses of the portal; those of design.md §3 are fixed."""

from django.contrib import admin
from django.urls import include, path

from svportal import probes

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("security-settings/api/", include("apitokens.urls")),
    path("api/v1/tokens/", include("apitokens.api.urls")),
    path("admin/", admin.site.urls),
    path("external/", include("candidates.external.urls")),
    path("api/", include("svportal.api_docs")),
    path("", include("candidates.pages.urls")),
    path("", include("candidates.intake.urls")),
]

handler400 = "svportal.errors.bad_request"
handler403 = "svportal.errors.permission_denied"
handler404 = "svportal.errors.page_not_found"
handler500 = "svportal.errors.server_error"
