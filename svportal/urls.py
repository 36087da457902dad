"""Addresses of the portal; those of design.md §3 are fixed."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from svportal import probes

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("security-settings/api/", include("apitokens.urls")),
    path("api/v1/tokens/", include("apitokens.api.urls")),
    # Staff sign in as everybody does: with the same limits, and with their second factor.
    path("admin/login/", secure_admin_login(admin.site.login)),
    path("admin/", admin.site.urls),
    path("external/", include("candidates.external.urls")),
    path("api/", include("svportal.api_docs")),
    path("integrations/", include("integrations.urls")),
    path("", include("candidates.pages.urls")),
    path("", include("candidates.intake.urls")),
]

handler400 = "svportal.errors.bad_request"
handler403 = "svportal.errors.permission_denied"
handler404 = "svportal.errors.page_not_found"
handler429 = "svportal.errors.too_many_requests"  # allauth's, not Django's
handler500 = "svportal.errors.server_error"
