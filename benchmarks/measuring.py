"""Times in interleaved rounds, and counts of queries and cache calls, of one contender's view."""

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from statistics import median
from time import perf_counter_ns
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.test import RequestFactory, override_settings

from benchmarks.contenders import Contender

CALLS = 10
"""Calls of one contender in one round: short, so that noise falls on all of them alike."""

CACHE_METHODS = [
    f"{verb}{many}"
    for verb in ("get", "set", "add", "touch", "delete", "incr", "get_or_set", "has_key")
    for many in ("", "_many")
]


def call(contender: Contender, header: str) -> int:
    """Nanoseconds from a ready request to a rendered response."""
    request = RequestFactory().get("/", HTTP_AUTHORIZATION=header)
    begun = perf_counter_ns()
    response = contender.view(request).render()
    taken = perf_counter_ns() - begun
    if response.status_code != 200:
        raise AssertionError(f"{contender.name} answered {response.status_code}")
    return taken


def block(contender: Contender, headers: list[str]) -> float:
    """The median of one call for each of *headers*, in microseconds, as timeit has it: no GC.

    Each credential is seen once before: another contender's settings have emptied our memory.
    """
    with override_settings(**contender.settings):
        for header in set(headers):
            call(contender, header)
        gc.collect()
        gc.disable()
        try:
            return median(call(contender, header) for header in headers) / 1000
        finally:
            gc.enable()


def times(contenders: list[Contender], rounds: int) -> dict[str, dict[str, float]]:
    """Median microseconds by contender: one hot credential, and a random one on each call.

    ``over_bare_us`` is the median, over the rounds, of the distance from the bare view in the
    same round.
    """
    hot: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    any_of: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    gc.collect()
    gc.freeze()  # the collections before each block then look at that block's garbage alone
    for _ in range(rounds):
        for contender in random.sample(contenders, len(contenders)):
            name, headers = contender.name, contender.headers
            hot[name].append(block(contender, headers[:1] * CALLS))
            any_of[name].append(block(contender, random.choices(headers, k=CALLS)))
    return {
        name: {
            "median_us": median(hot[name]),
            "over_bare_us": over(hot[name], hot["bare"]),
            "random_median_us": median(any_of[name]),
            "random_over_bare_us": over(any_of[name], any_of["bare"]),
        }
        for name in hot
    }


def over(mine: list[float], bare: list[float]) -> float:
    return median(a - b for a, b in zip(mine, bare, strict=True))


def counts(contender: Contender) -> dict[str, float]:
    """Queries, writes among them, and cache calls a request, over every credential once again."""
    with override_settings(**contender.settings):
        for header in contender.headers:
            call(contender, header)  # the first use from an address is noted
        with counted_queries() as queries, counted_cache_calls() as cache_calls:
            for header in contender.headers:
                call(contender, header)
    requests = len(contender.headers)
    writes = [sql for sql in queries if not sql.startswith("SELECT")]
    return {
        "queries": len(queries) / requests,
        "writes": len(writes) / requests,
        "cache_calls": len(cache_calls) / requests,
    }


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@contextmanager
def counted_cache_calls() -> Iterator[list[str]]:
    """Calls of the default cache's methods (of a method that calls another, both)."""
    seen: list[str] = []
    cache = caches["default"]

    def noting(name: str) -> Any:
        method = getattr(cache, name)

        @wraps(method)
        def noted(*args, **kwargs):
            seen.append(name)
            return method(*args, **kwargs)

        return noted

    names = [name for name in CACHE_METHODS if hasattr(cache, name)]
    vars(cache).update({name: noting(name) for name in names})
    try:
        yield seen
    finally:
        for name in names:
            delattr(cache, name)
