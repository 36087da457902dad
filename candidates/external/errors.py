"""Every error of the external API in one shape, and what each error of ours becomes in HTTP.

``/external/v1`` answers ``{"message", "errors": [{"path", "msg"}]}``; a later version passes other
names for the two keys to ``handle``.
"""

import logging
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import singledispatch
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from apitokens.api.bodies import BadBody, joined
from candidates.exceptions import DuplicateCandidate, KeyInUse, KeyReused, NoCredits

logger = logging.getLogger("candidates.external")

KEYS = ("path", "msg")
INVALID = "Some fields are invalid."
NEEDS_TOKEN = "A valid API token is needed."  # noqa: S105 - a text, not a secret
NOT_FOUND = "Not found."
IDEMPOTENCY_KEY = "Idempotency-Key"
RETRY_AFTER = 2
WHOLE = api_settings.NON_FIELD_ERRORS_KEY


class Code(StrEnum):
    """``code`` of a fault, for programs: where one status has more than one reason."""

    DUPLICATE_CANDIDATE = "duplicate_candidate"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    KEY_REUSED = "idempotency_key_reused"
    KEY_IN_USE = "idempotency_key_in_use"


class Fault(NamedTuple):
    """One entry of ``errors``: where (``candidate.tags[0].id``), what, and anything more to say."""

    path: str
    msg: str
    more: dict[str, Any] = {}  # shared by all, so never written to


class Problem(drf.APIException):
    """An answer other than 2xx. *wait* seconds become ``Retry-After``."""

    def __init__(self, message: str, *faults: Fault, status: int = 400, wait: int | None = None):
        super().__init__(message)
        self.message, self.faults, self.status_code, self.wait = message, faults, status, wait


def handle(keys: tuple[str, str], error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler (status, WWW-Authenticate, Retry-After) with a body of ours."""
    error = translated(error)
    response = exception_handler(error, context)
    if response is not None:
        response.data = body(*content(error), keys)
    return response


def body(message: str, faults: Iterable[Fault], keys: tuple[str, str]) -> dict[str, Any]:
    where, what = keys
    return {"message": message, "errors": [{where: f.path, what: f.msg, **f.more} for f in faults]}


@singledispatch
def content(error: Exception) -> tuple[str, Iterable[Fault]]:
    """Message and faults of an error that DRF knows."""
    return str(error), ()


@content.register
def _(error: Problem):
    return error.message, error.faults


@content.register
def _(error: BadBody):
    return error.message, [Fault(*fault) for fault in error.faults]


@content.register
def _(error: drf.ValidationError):
    return INVALID, flat(error.detail)


@content.register(drf.NotAuthenticated)
@content.register(drf.AuthenticationFailed)
def _(error):
    return NEEDS_TOKEN, ()


@content.register
def _(error: drf.MethodNotAllowed):
    return "This address does not know the method.", ()


def flat(detail: Any, path: str = "") -> Iterator[Fault]:
    """A serializer's nested errors as a flat list."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from flat(inner, path if key == WHOLE else joined(path, key))
    else:
        yield from (Fault(path, str(message)) for message in detail)


@singledispatch
def translated(error: Exception) -> Exception:
    """The error as one that has a status; what nobody foresaw stays as it is: 500."""
    return error


@translated.register
def _(error: Http404):
    return Problem(NOT_FOUND, status=404)


@translated.register
def _(error: PermissionDenied):
    return Problem("Not allowed.", status=403)


@translated.register(BadRequest)
@translated.register(SuspiciousOperation)
@translated.register(UnreadablePostError)
def _(error):
    return Problem("The request is malformed.")


@translated.register
def _(error: DuplicateCandidate):
    faults = [
        Fault(
            f"candidate.{field}",
            "An unfinished case has the same.",
            {"candidate_id": other.pk, "code": Code.DUPLICATE_CANDIDATE},
        )
        for field, other in error.others.items()
    ]
    return Problem("The candidate was added before.", *faults, status=409)


@translated.register
def _(error: NoCredits):
    fault = Fault(
        "package.subtype_id",
        "Its package has no credits left.",
        {"code": Code.INSUFFICIENT_CREDITS},
    )
    return Problem("No credits left.", fault, status=422)


@translated.register
def _(error: KeyReused):
    fault = Fault(
        IDEMPOTENCY_KEY,
        "Send a new key with another body.",
        {"code": Code.KEY_REUSED},
    )
    return Problem("The key was sent before with another body.", fault, status=422)


@translated.register
def _(error: KeyInUse):
    fault = Fault(
        IDEMPOTENCY_KEY,
        "Send the same call again a little later.",
        {"code": Code.KEY_IN_USE},
    )
    message = "The first call with this key is still being worked on."
    return Problem(message, fault, status=409, wait=RETRY_AFTER)


@translated.register
def _(error: IntegrityError):
    """Two requests met: a row that was checked a moment ago is gone or taken."""
    logger.warning("integrity error in the external API")
    return Problem("The data changed meanwhile. Please try again.", status=409)


@translated.register(InterfaceError)
@translated.register(OperationalError)
def _(error):
    logger.error("database unavailable: %s", type(error).__name__)
    return Problem("Unavailable for a moment. Please try again.", status=503, wait=RETRY_AFTER)
