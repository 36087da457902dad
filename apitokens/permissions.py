"""DRF permissions about tokens."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission

from apitokens.models import APIToken


class IsAPIToken(BasePermission):
    """Only programs: a session isn't enough."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return isinstance(request.auth, APIToken)


class InsufficientScope(PermissionDenied):
    """403 as RFC 6750 §3.1 writes it: the token is good, its scope is too small."""

    default_code = "insufficient_scope"

    def __init__(self, scopes: list[str], realm: str = "api") -> None:
        needed = " ".join(scopes)
        super().__init__(f"The token needs the scope {needed}.")
        self.auth_header = f'Bearer realm="{realm}", error="insufficient_scope", scope="{needed}"'


class HasScope(BasePermission):
    """The token has every scope of the view's ``required_scopes``: a list, or a dict from method
    to list. People aren't limited by scopes. Raises InsufficientScope.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        needed = required_scopes(view, request.method)
        token = request.auth
        if isinstance(token, APIToken) and not all(token.has_scope(name) for name in needed):
            raise InsufficientScope(needed)
        return True


def required_scopes(view: Any, method: str) -> list[str]:
    """What *view* asks for *method*; HEAD and OPTIONS ask as GET does."""
    scopes = getattr(view, "required_scopes", [])
    if isinstance(scopes, dict):
        method = "GET" if method in {"HEAD", "OPTIONS"} else method
        scopes = scopes.get(method, [])
    return list(scopes)
