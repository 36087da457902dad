from django.contrib.auth import views as auth_views
from django.urls import include, path

from accounts import views
from accounts.forms import LogInForm
from accounts.security.status import SessionStatus

urlpatterns = [
    path(
        "login/",
        auth_views.LoginView.as_view(
            template_name="accounts/login.html",
            authentication_form=LogInForm,
            redirect_authenticated_user=True,
        ),
        name="login",
    ),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/", views.ChangePassword.as_view(), name="password_change"),
    path("account/confirm/", views.ConfirmPassword.as_view(), name="confirm-password"),
    path("security-settings/", views.SecuritySettings.as_view(), name="security_settings"),
    path("account/session/", SessionStatus.as_view(), name="session-status"),
    path("security-settings/", include("accounts.security.urls")),
]
