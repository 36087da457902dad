"""Who may manage tokens: people who are signed in, never a token (decision 10)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from apitokens.ownership import may_manage


class SessionOnly(SessionAuthentication):
    """The session, with its CSRF token. Whoever sends an Authorization header as well is refused,
    whatever stands in it: a program doesn't get in beside somebody's cookie.
    """

    refused = _("Sign in: no Authorization header is accepted here.")

    def authenticate(self, request: Any) -> Any:
        if "HTTP_AUTHORIZATION" in request.META:
            raise AuthenticationFailed(self.refused)
        return super().authenticate(request)

    def enforce_csrf(self, request: Any) -> None:
        """By Django's own request, which doesn't read a JSON body in search of the token."""
        super().enforce_csrf(getattr(request, "_request", request))

    def authenticate_header(self, request: Any) -> str:
        return 'Session realm="api"'


class ManagesTokens(BasePermission):
    """The policy lets them manage the tokens of the account that they work for."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return may_manage(request.user, view.owner)
