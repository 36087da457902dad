"""Tabs of the security settings; "API" is apitokens' own."""

from django.urls import path

from accounts.security.views import (
    auto_logout,
    domains,
    expiry,
    history,
    login_methods,
    networks,
    single_sign_on,
)

app_name = "security"

urlpatterns = [
    path("login-methods/", login_methods.LoginMethods.as_view(), name="login-methods"),
    path("password-expiry/", expiry.PasswordExpiry.as_view(), name="password-expiry"),
    path("domain-whitelist/", domains.DomainWhitelist.as_view(), name="domains"),
    path("auto-logout/", auto_logout.AutoLogout.as_view(), name="auto-logout"),
    path("allowed-networks/", networks.AllowedNetworks.as_view(), name="networks"),
    path("custom-sso/", single_sign_on.CustomSSO.as_view(), name="custom-sso"),
    path("custom-sso/disconnect/", single_sign_on.Disconnect.as_view(), name="sso-disconnect"),
    path("history/", history.SecurityHistory.as_view(), name="history"),
    path("history/csv/", history.SecurityHistoryExport.as_view(), name="history-csv"),
]
