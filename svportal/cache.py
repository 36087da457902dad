"""A cache that can be missed: when Redis is gone, slow or full of rubbish, there is no cache.

What counts in it (throttles, used codes) then doesn't count, and nobody waits: after a failure
Redis is left alone for PAUSE seconds, so that a request waits for one time-out at most.
"""

import logging
import time

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger("svportal.cache")

WAIT = 0.1
"""Seconds for connecting, and for an answer. redis-py would try again, for seconds."""

PAUSE = 5
"""Seconds for which a Redis that failed is left alone."""


class DispensableRedisCache(RedisCache):
    """RedisCache whose every answer, while Redis fails, is that of an empty cache.

    ``incr`` raises ValueError then, as for a key that is not there; ``add`` says it added.
    """

    _paused_until = 0.0

    def __init__(self, server, params):
        once = {
            "socket_timeout": WAIT,
            "socket_connect_timeout": WAIT,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": {**params.get("OPTIONS", {}), **once}})

    def get(self, key, default=None, version=None):
        return self._tried(super().get, default, key, default, version=version)

    def add(self, *args, **kwargs):
        return self._tried(super().add, True, *args, **kwargs)

    def set(self, *args, **kwargs):
        return self._tried(super().set, None, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._tried(super().delete, False, *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._tried(super().touch, False, *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._tried(super().has_key, False, *args, **kwargs)

    def clear(self):
        return self._tried(super().clear, False)

    def incr(self, *args, **kwargs):
        count = self._tried(super().incr, None, *args, **kwargs)
        if count is None:
            raise ValueError("no such key, or no cache")
        return count

    def _tried(self, ask, otherwise, *args, **kwargs):
        if time.monotonic() < DispensableRedisCache._paused_until:
            return otherwise
        try:
            return ask(*args, **kwargs)
        except ValueError:
            return otherwise  # incr of a key that is not there
        except Exception as error:  # noqa: BLE001 - redis-py and pickle have many, none may harm
            DispensableRedisCache._paused_until = time.monotonic() + PAUSE
            logger.warning("the cache is done without: %s", type(error).__name__)
            return otherwise
