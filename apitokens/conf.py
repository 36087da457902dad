"""The app's settings, each with a default; nothing else here reads ``django.conf``.

Values are read when asked for, so ``override_settings`` works in tests.
"""

from datetime import timedelta
from typing import Any, TypeVar, cast

from django.conf import settings

MINIMUM_LIFETIME = timedelta(seconds=600)
MAXIMUM_LIFETIME = timedelta(seconds=86400)
"""Bounds of a short-lived token (product.md §1). Facts, not settings."""


Value = TypeVar("Value")


class Conf:
    """``APITOKENS_*`` as typed properties."""

    def _get(self, name: str, default: Value) -> Value:
        return cast(Value, getattr(settings, f"APITOKENS_{name}", default))

    @property
    def user_model(self) -> str:
        """Django's AUTH_USER_MODEL."""
        return str(settings.AUTH_USER_MODEL)

    @property
    def authentication_classes(self) -> list[Any]:
        """DRF's DEFAULT_AUTHENTICATION_CLASSES as the host wrote them."""
        return list(
            getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_AUTHENTICATION_CLASSES", [])
        )

    @property
    def owner_model(self) -> str:
        """Label of the model whose data a token reaches; fixed at the first migration."""
        return self._get("OWNER_MODEL", None) or self.user_model

    @property
    def policy(self) -> str:
        """Dotted path of the host's ``TokenPolicy``."""
        return self._get("POLICY", "apitokens.policy.TokenPolicy")

    @property
    def keys(self) -> Any:
        """The signing keys: a list of ``{"kid", "alg", "state", "secret"}``."""
        return self._get("KEYS", None)

    @property
    def secret_key(self) -> str:
        """Django's SECRET_KEY, which no signing key may equal."""
        return str(settings.SECRET_KEY)

    @property
    def issuer(self) -> str:
        """The ``iss`` claim. Changing it ends every token."""
        return self._get("ISSUER", "apitokens")

    @property
    def audience(self) -> str:
        """The ``aud`` claim. Changing it ends every token."""
        return self._get("AUDIENCE", "apitokens")

    @property
    def compiled_query(self) -> bool:
        """Whether to look tokens up by SQL compiled once, or by a plain ``get()``."""
        return self._get("COMPILED_QUERY", True)

    @property
    def signature_cache_size(self) -> int:
        """How many checked signatures each process remembers; 0 turns it off."""
        return self._get("SIGNATURE_CACHE_SIZE", 10_000)

    @property
    def last_used_interval(self) -> timedelta:
        """Last used is written at most this often for a token."""
        return timedelta(seconds=self._get("LAST_USED_INTERVAL", 60))

    @property
    def proxy_depth(self) -> int:
        """How many proxies of yours append to X-Forwarded-For; 0: the header is ignored."""
        return self._get("PROXY_DEPTH", 0)

    @property
    def page_size(self) -> int:
        """Tokens on one page of the list."""
        return self._get("PAGE_SIZE", 25)

    @property
    def heading_level(self) -> int:
        """Level of the page's own heading: 1, or 2 where the shell has an h1 already."""
        return self._get("HEADING_LEVEL", 1)

    @property
    def docs_url(self) -> str | None:
        """URL or URL name of the host's API documentation, linked from the page."""
        return self._get("DOCS_URL", None)

    @property
    def me_url(self) -> str:
        """URL name under which the host mounted ``MeView``; the page's examples call it."""
        return self._get("ME_URL", "apitokens-me")


conf = Conf()
