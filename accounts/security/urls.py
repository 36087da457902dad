"""Tabs of the security settings; "API" is apitokens' own."""

from django.urls import path

from accounts.security.views import domains, expiry

app_name = "security"

urlpatterns = [
    path("password-expiry/", expiry.PasswordExpiry.as_view(), name="password-expiry"),
    path("domain-whitelist/", domains.DomainWhitelist.as_view(), name="domains"),
]
