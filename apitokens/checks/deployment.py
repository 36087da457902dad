"""What is fine on a desk and not in production: ``check --deploy``."""

from typing import Any

from django.core.checks import CheckMessage, Warning

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring

DEVELOPMENT_KID = "development"

MUCH_MEMORY = 1_000_000
"""Remembered signatures, of about half a kilobyte each, in every process."""

PER_PROCESS = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)


def check_development_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W002: a key made for development verifies tokens."""
    try:
        verifying = get_keyring().verifying
    except KeyringError:
        return []  # E001 says so
    message = f"The signing key {DEVELOPMENT_KID} is made for development, not for production"
    return [Warning(message, id="apitokens.W002")] if DEVELOPMENT_KID in verifying else []


def check_proxy_depth(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W003: a proxy is believed about https, but not about who calls."""
    if not conf.behind_proxy or conf.raw("PROXY_DEPTH"):
        return []
    message = "SECURE_PROXY_SSL_HEADER is set but APITOKENS_PROXY_DEPTH is 0"
    hint = "All clients seem to call from the proxy's address: count your proxies."
    return [Warning(message, hint=hint, id="apitokens.W003")]


def check_counting_cache(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W004: refused tokens are counted by each process for itself.

    On SQLite there is one machine with few processes, and nothing is said.
    """
    if conf.on_sqlite or conf.cache_backend not in PER_PROCESS or conf.raw("FAILURE_LIMIT") == 0:
        return []
    message = f"APITOKENS_FAILURE_LIMIT counts in the cache {conf.cache!r}, which isn't shared"
    hint = "Each process allows so many. Use Redis or Memcached, or set the limit to 0."
    return [Warning(message, hint=hint, id="apitokens.W004")]


def check_signature_memory(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W005: so many remembered signatures fill the memory."""
    size = conf.raw("SIGNATURE_CACHE_SIZE")
    if not isinstance(size, int) or size <= MUCH_MEMORY:
        return []
    message = f"APITOKENS_SIGNATURE_CACHE_SIZE is {size}: about {size // 2000} MB a process"
    return [Warning(message, hint="10000 is enough for most.", id="apitokens.W005")]
