"""Throttling: requests by token, refused tokens by address. A good token is never locked out.

Counting needs the cache; while that is down, nothing is limited (and nobody waits for it longer
than its client's time-out, once in PAUSE seconds).
"""

import logging
import time
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from django.core.cache import caches
from rest_framework.exceptions import Throttled
from rest_framework.throttling import SimpleRateThrottle

from apitokens.conf import conf
from apitokens.models import APIToken
from apitokens.rates import is_rate

__all__ = ["TokenRateThrottle", "count_failure"]

logger = logging.getLogger("apitokens.throttling")

WINDOW = 60
"""Seconds in which refused tokens are counted."""

PAUSE = 5
"""Seconds for which a cache that failed is left alone."""

_paused_until = 0.0


def count_failure(address: str | None) -> None:
    """Count a refused token from *address*. Raises Throttled over ``APITOKENS_FAILURE_LIMIT``."""
    limit = conf.failure_limit
    if not limit or address is None:
        return
    window, into = divmod(int(time.time()), WINDOW)
    count = _counted(f"apitokens:refused:{_neighbourhood(address)}:{window}")
    if count is not None and count > limit:
        raise Throttled(wait=WINDOW - into)


def _counted(key: str) -> int | None:
    """How often *key* was counted, this time included; None without a working cache."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return None
    try:
        cache = caches[conf.cache]
        cache.add(key, 0, timeout=2 * WINDOW)
        return int(cache.incr(key))
    except Exception as error:  # noqa: BLE001 - each cache has errors of its own, and none may harm
        _paused_until = time.monotonic() + PAUSE
        logger.warning("refused tokens aren't counted: %s", type(error).__name__)
        return None


def _neighbourhood(address: str) -> str:
    """An IPv6 client has a /64 to itself, so that is what is counted."""
    if ":" in address:
        return str(ip_network(f"{address}/64", strict=False).network_address)
    return address


class TokenRateThrottle(SimpleRateThrottle):
    """DRF throttle by token, ``APITOKENS_TOKEN_RATE`` as DRF writes rates (``600/min``).

    A malformed rate limits nothing: E007 and one line of the log say so.
    """

    scope = "apitokens"

    def get_rate(self):
        rate = conf.token_rate
        if rate is None or is_rate(rate):
            return rate
        _say_malformed(repr(rate))
        return None

    @property
    def cache(self):
        return caches[conf.cache]

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        token = request.auth
        if not isinstance(token, APIToken):
            return None
        return str(self.cache_format % {"scope": self.scope, "ident": token.public_id})

    def allow_request(self, request, view):
        global _paused_until
        if time.monotonic() < _paused_until:
            return True
        try:
            return super().allow_request(request, view)
        except Exception as error:  # noqa: BLE001 - as above: no cache, no limit
            _paused_until = time.monotonic() + PAUSE
            logger.warning("requests aren't counted: %s", type(error).__name__)
            return True


@lru_cache(maxsize=1)
def _say_malformed(rate: str) -> None:
    """Once, not with every request."""
    logger.error("requests aren't limited: APITOKENS_TOKEN_RATE is no rate: %s", rate)
