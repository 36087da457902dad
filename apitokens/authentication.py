"""DRF authentication: ``Authorization: Bearer <JWT>`` → ``request.user``, ``request.auth``; and
the old secrets of other packages, until they end."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from apitokens.addresses import client_address
from apitokens.conf import conf
from apitokens.deprecation import announce_end
from apitokens.exceptions import InvalidToken
from apitokens.old_secrets import API_KEY
from apitokens.signing import PREFIX
from apitokens.throttling import count_failure
from apitokens.usage import note_use
from apitokens.verification import verify, verify_old

__all__ = ["APITokenAuthentication", "LegacyTokenAuthentication", "Unavailable"]

logger = logging.getLogger("apitokens.authentication")

_PREFIX = PREFIX.encode()


class Unavailable(APIException):
    """The database can't say whether the token lives: 503 with Retry-After, never 401 or 200."""

    status_code = 503
    default_detail = _("Unavailable for a moment. Please try again.")
    default_code = "unavailable"
    wait = 2


class APITokenAuthentication(JWTAuthentication):
    """Sets ``request.user`` to the person the token acts as and ``request.auth`` to the APIToken.

    Every refusal looks the same to the client (RFC 6750 §3.1, ``invalid_token``); the log says
    why, by public id. No setting of simplejwt's has a part in it.
    """

    refused = _("A valid API token is needed.")
    code = "invalid_token"

    address = None

    @sensitive_variables()  # nor of what it calls: the report of an error shows no token
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        self.address = client_address(request)
        authenticated: tuple[Any, Any] | None = super().authenticate(request)
        if authenticated is not None:
            note_use(authenticated[1], self.address)
        return authenticated

    def get_header(self, request: Any) -> Any:
        header = request.META.get("HTTP_AUTHORIZATION")
        return header.encode("latin-1", "replace") if isinstance(header, str) else header

    def get_raw_token(self, header):
        """The credentials of a Bearer header; None leaves other schemes to the next class, and
        with ``APITOKENS_SHARE_BEARER`` other Bearer tokens too.
        """
        scheme, _, token = header.strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = token.strip(b" ")
        if conf.share_bearer and not token.startswith(_PREFIX):
            return None
        return token

    def get_validated_token(self, raw_token):
        try:
            return self.verify(raw_token)
        except InvalidToken as error:
            logger.info("API token refused: %s (%s)", error.reason, error.public_id or "unknown")
            count_failure(self.address)
            raise AuthenticationFailed(self.refused, code=self.code) from error
        except (OperationalError, InterfaceError) as error:
            logger.error("tokens can't be looked up: %s", type(error).__name__)
            raise Unavailable from error

    def verify(self, raw):
        """The person and the token behind a JWT. Raises InvalidToken."""
        return verify(raw.decode("ascii", "replace"), self.address)

    def get_user(self, validated_token):
        return validated_token.user

    def authenticate_header(self, request: Any) -> str:
        """No ``error`` when nothing was sent (RFC 6750 §3)."""
        challenge = f'Bearer realm="{self.www_authenticate_realm}"'
        if request.META.get("HTTP_AUTHORIZATION"):
            challenge += f', error="{self.code}"'
        return challenge


class LegacyTokenAuthentication(APITokenAuthentication):
    """``Authorization: Token …`` and ``Api-Key …``: secrets that ``apitokens_import`` took over.

    It sets and refuses what APITokenAuthentication does, beside which it stands. Answers to those
    whom it lets in carry ``Deprecation`` and ``Sunset``.
    """

    sources: tuple[str, ...] = ()

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        authenticated: tuple[Any, Any] | None = super().authenticate(request)
        if authenticated is not None:
            announce_end(request, authenticated[1].presented)
        return authenticated

    def get_header(self, request):
        """The secret and nothing else, by whichever header it came; None leaves what isn't ours,
        other Bearer tokens among it, to the next class.
        """
        self.sources, secret = _old_secret_in(super().get_header(request) or b"")
        if not self.sources and conf.legacy_header:
            self.sources, secret = (API_KEY,), request.META.get(conf.legacy_header, "")
            return secret.encode("latin-1", "replace") or None
        return secret

    def get_raw_token(self, header):
        return header

    def verify(self, raw):
        """The person and the token behind an old secret. Raises InvalidToken."""
        return verify_old(raw.decode("latin-1"), self.sources, self.address)


def _old_secret_in(header):
    """(packages whose scheme it has, the secret) of an Authorization header; else ((), None)."""
    scheme, _, secret = header.strip(b" ").partition(b" ")
    sources = conf.legacy_sources.get(scheme.decode("latin-1").lower(), ())
    is_jwt = scheme.lower() == b"bearer" and secret.count(b".") == 2  # no old secret has two dots
    return (sources, secret.strip(b" ")) if sources and not is_jwt else ((), None)
