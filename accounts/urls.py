from django.urls import include, path

from accounts import views
from accounts.security.status import SessionStatus

urlpatterns = [
    path("", include("accounts.signin.urls")),
    path("security-settings/", views.SecuritySettings.as_view(), name="security_settings"),
    path("account/session/", SessionStatus.as_view(), name="session-status"),
    path("security-settings/", include("accounts.security.urls")),
    path("", include("accounts.team.urls", namespace="team")),
]
