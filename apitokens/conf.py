"""The app's settings, each with a default; nothing else here reads ``django.conf``.

Values are read when first asked for, and anew after ``setting_changed``, so ``override_settings``
works in tests.
"""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.translation import gettext_lazy as _

MINIMUM_LIFETIME = timedelta(seconds=600)
MAXIMUM_LIFETIME = timedelta(seconds=86400)
"""Bounds of a short-lived token (product.md §1). Facts, not settings."""

ROTATE_SELF = "tokens:rotate-self"
"""The one scope of our own, offered wherever a host declares scopes; never given unasked."""

LEGACY_SCHEMES = {"authtoken": "Token", "knox": "Token", "rest_framework_api_key": "Api-Key"}
"""Package → the scheme of its Authorization header."""

WIDENING_AGE = timedelta(minutes=5)
"""How old the sign-in may be when a token's limits are widened."""


Value = TypeVar("Value")


class Conf:
    """``APITOKENS_*`` as typed properties, kept in ``__dict__`` once read."""

    def _get(self, name: str, default: Value) -> Value:
        value = getattr(settings, f"APITOKENS_{name}", None)
        return default if value is None else cast(Value, value)

    @cached_property
    def user_model(self) -> str:
        """Django's AUTH_USER_MODEL."""
        return str(settings.AUTH_USER_MODEL)

    @cached_property
    def authentication_classes(self) -> list[Any]:
        """DRF's DEFAULT_AUTHENTICATION_CLASSES as the host wrote them."""
        return list(
            getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_AUTHENTICATION_CLASSES", [])
        )

    @cached_property
    def owner_model(self) -> str:
        """Label of the model whose data a token reaches; fixed at the first migration."""
        return self._get("OWNER_MODEL", None) or self.user_model

    @cached_property
    def policy(self) -> str:
        """Dotted path of the host's ``TokenPolicy``."""
        return self._get("POLICY", "apitokens.policy.TokenPolicy")

    @cached_property
    def keys(self) -> Any:
        """The signing keys: a list of ``{"kid", "alg", "state", "secret"}``."""
        return self._get("KEYS", None)

    @cached_property
    def keys_file(self) -> Path | None:
        """A JSON file of the same list, mode 0600, instead of ``keys``; read when it changes."""
        path = self._get("KEYS_FILE", None)
        return Path(path) if path else None

    @cached_property
    def key_propagation(self) -> timedelta:
        """How long a next key is published before it may sign: until every process has it."""
        return timedelta(seconds=self._get("KEY_PROPAGATION", 300))

    @cached_property
    def host_secrets(self) -> list[tuple[str, str]]:
        """(setting, secret) of the host's own, which no signing key may equal."""
        log_in = getattr(settings, "SIMPLE_JWT", {}).get("SIGNING_KEY")
        fallbacks = [("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS]
        own = ("SECRET_KEY", str(settings.SECRET_KEY))
        return [own, *fallbacks, *([("SIMPLE_JWT's SIGNING_KEY", log_in)] if log_in else [])]

    def raw(self, name: str) -> Any:
        """``APITOKENS_<name>`` as the host wrote it, or None: for the system checks."""
        return self._get(name, None)

    @cached_property
    def issuer(self) -> str:
        """The ``iss`` claim. Changing it ends every token."""
        return self._get("ISSUER", "apitokens")

    @cached_property
    def audience(self) -> str:
        """The ``aud`` claim. Changing it ends every token."""
        return self._get("AUDIENCE", "apitokens")

    @cached_property
    def compiled_query(self) -> bool:
        """Whether to look tokens up by SQL compiled once, or by a plain ``get()``."""
        return self._get("COMPILED_QUERY", True)

    @cached_property
    def signature_cache_size(self) -> int:
        """How many checked signatures each process remembers; 0 turns it off."""
        return self._get("SIGNATURE_CACHE_SIZE", 10_000)

    @cached_property
    def scopes(self) -> dict[str, Any]:
        """Scope → sentence, as the host declares them and with our own; none declared: empty."""
        declared: dict[str, Any] = dict(self._get("SCOPES", {}))
        if not declared:
            return {}
        return {**declared, ROTATE_SELF: declared.get(ROTATE_SELF, _("Rotate itself"))}

    @cached_property
    def reauth_age(self) -> timedelta | None:
        """How old a sign-in may be for generating and copying; None: any age."""
        seconds = self._get("REAUTH_AGE", None)
        return None if seconds is None else timedelta(seconds=seconds)

    @cached_property
    def event_retention(self) -> timedelta:
        """``apitokens_prune`` drops addresses from events older than this."""
        return timedelta(days=self._get("EVENT_RETENTION", 365))

    @cached_property
    def share_bearer(self) -> bool:
        """Whether JWTs whose typ isn't ours are left to the next authentication class."""
        return self._get("SHARE_BEARER", False)

    @cached_property
    def legacy_sources(self) -> dict[str, tuple[str, ...]]:
        """Scheme of an Authorization header in lower case → packages whose secrets come by it.

        ``APITOKENS_LEGACY_SCHEMES`` names what differs from LEGACY_SCHEMES; None: not at all.
        """
        schemes = {**LEGACY_SCHEMES, **self._get("LEGACY_SCHEMES", {})}
        wanted = {name.lower() for name in schemes.values() if name}
        return {
            scheme: tuple(
                source for source, name in schemes.items() if (name or "").lower() == scheme
            )
            for scheme in wanted
        }

    @cached_property
    def legacy_header(self) -> str | None:
        """The header, as META has it (``HTTP_X_API_KEY``), in which API keys come as well."""
        return self._get("LEGACY_HEADER", None)

    @cached_property
    def failure_limit(self) -> int:
        """Refused tokens per minute and address before the answer is 429; 0: no limit."""
        return self._get("FAILURE_LIMIT", 300)

    @cached_property
    def token_rate(self) -> str | None:
        """Requests per token for TokenRateThrottle, as DRF writes rates: ``600/min``."""
        return self._get("TOKEN_RATE", None)

    @cached_property
    def cache(self) -> str:
        """Alias of the cache in which throttling counts."""
        return self._get("CACHE", "default")

    @cached_property
    def cache_backend(self) -> str:
        """Dotted path of that cache's class, as the host wrote it."""
        return str(settings.CACHES.get(self.cache, {}).get("BACKEND", ""))

    @cached_property
    def behind_proxy(self) -> bool:
        """Whether the host believes a proxy about https."""
        return bool(settings.SECURE_PROXY_SSL_HEADER)

    @cached_property
    def exact_moments(self) -> bool:
        """Whether the host's moments know their time zone: Django's USE_TZ."""
        return bool(settings.USE_TZ)

    @cached_property
    def on_sqlite(self) -> bool:
        return str(settings.DATABASES["default"].get("ENGINE", "")).endswith("sqlite3")

    @cached_property
    def last_used_interval(self) -> timedelta:
        """Last used is written at most this often for a token."""
        return timedelta(seconds=self._get("LAST_USED_INTERVAL", 60))

    @cached_property
    def proxy_depth(self) -> int:
        """How many proxies of yours append to X-Forwarded-For; 0: the header is ignored."""
        return self._get("PROXY_DEPTH", 0)

    @cached_property
    def page_size(self) -> int:
        """Tokens on one page of the list."""
        return self._get("PAGE_SIZE", 25)

    @cached_property
    def heading_level(self) -> int:
        """Level of the page's own heading: 1, or 2 where the shell has an h1 already."""
        return self._get("HEADING_LEVEL", 1)

    @cached_property
    def docs_url(self) -> str | None:
        """URL or URL name of the host's API documentation, linked from the page."""
        return self._get("DOCS_URL", None)

    @cached_property
    def base_url(self) -> str | None:
        """``https://host``, put before links in mails; None: mails without links."""
        return self._get("BASE_URL", None)

    @cached_property
    def me_url(self) -> str:
        """URL name under which the host mounted ``MeView``; the page's examples call it."""
        return self._get("ME_URL", "apitokens-me")


conf = Conf()


def forget(**kwargs: Any) -> None:
    """Read every setting anew: one of them has been changed, by a test."""
    vars(conf).clear()


setting_changed.connect(forget, dispatch_uid="apitokens.conf")
