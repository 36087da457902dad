"""DRF permissions about tokens."""

from rest_framework.permissions import BasePermission

from apitokens.models import APIToken


class IsAPIToken(BasePermission):
    """Only a program with a token; a person's session is not enough."""

    def has_permission(self, request, view):
        return isinstance(request.auth, APIToken)
