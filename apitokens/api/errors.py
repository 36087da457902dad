"""Errors of the management API, each translated once: ``{"detail", "code"}``, or by field."""

import logging
from functools import singledispatch
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apitokens import exceptions as ours
from apitokens.authentication import Unavailable

logger = logging.getLogger("apitokens.api")


class Refusal(drf.APIException):
    """An answer other than 2xx; *more* stands beside ``detail`` and ``code``."""

    def __init__(self, detail: Any, code: str, status_code: int = 409, **more: Any) -> None:
        super().__init__(detail, code)
        self.status_code, self.more = status_code, more


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with the code beside the detail."""
    error = translated(error)
    response = exception_handler(error, context)
    if response is None or isinstance(error, drf.ValidationError):
        return response
    if isinstance(error, drf.APIException):
        more = getattr(error, "more", {})
        response.data = {"detail": error.detail, "code": error.get_codes(), **more}
    return response


@singledispatch
def translated(error: Exception) -> Exception:
    """The error as one that has a status; what nobody foresaw stays as it is: 500."""
    return error


@translated.register(Http404)
@translated.register(ours.TokenDeleted)
def _not_found(error):
    return drf.NotFound()


@translated.register
def _not_allowed(error: ours.NotAllowed):
    return drf.PermissionDenied()


@translated.register
def _not_usable(error: ours.TokenNotUsable):
    return Refusal(_("The token doesn’t work now: %s.") % error.reason, error.reason)


@translated.register
def _limit(error: ours.TokenLimitReached):
    return Refusal(_("%s tokens are allowed. Delete one first") % error, "limit_reached")


@translated.register
def _taken(error: ours.NameTaken):
    return drf.ValidationError(
        {"name": [_("There is a token with this name. Choose another")]}, "taken"
    )


@translated.register
def _lifetime(error: ours.LifetimeRefused):
    return drf.ValidationError({"lifetime": [_("Such a lifetime is not allowed here")]})


@translated.register
def _scope(error: ours.ScopeUnknown):
    return drf.ValidationError({"scopes": [_("There is no scope %s") % error.name]})


@translated.register
def _network(error: ours.NetworkInvalid):
    text = _("%s is not an IPv4 or IPv6 network, or it is one too many") % error.text
    return drf.ValidationError({"networks": [text]})


@translated.register(SuspiciousOperation)
@translated.register(UnreadablePostError)
def _malformed(error):
    return drf.ParseError(_("The request is malformed."))


@translated.register
def _met(error: IntegrityError):
    """Two requests met: a row that was checked a moment ago is gone or taken."""
    logger.warning("integrity error in the management of tokens")
    return Refusal(_("The data changed meanwhile. Please try again."), "conflict")


@translated.register(InterfaceError)
@translated.register(OperationalError)
def _unavailable(error):
    logger.error("database unavailable: %s", type(error).__name__)
    return Unavailable()
