"""Databases made for one run, and processes that work on one of them."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


def each_database(*, keep: bool = False) -> Iterator[tuple[str, str]]:
    """("sqlite", URL), then ("postgresql", URL) if a server answers. Dropped again unless *keep*.

    The server is DATABASE_URL's, or else the one at 127.0.0.1. Raises OperationalError when
    DATABASE_URL names a server that doesn't answer.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that they are dropped then too
    with sqlite_file(keep) as url:
        yield "sqlite", url
    if reachable(server()):
        with postgresql_database(server(), keep) as url:
            yield "postgresql", url
    else:
        print("PostgreSQL: no server at 127.0.0.1:5432, so left out. Name one in DATABASE_URL.")


@contextmanager
def sqlite_file(keep: bool) -> Iterator[str]:
    folder = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
    url = f"sqlite:///{Path(folder.name) / 'bench.sqlite3'}"
    if keep:
        folder._finalizer.detach()  # kept: delete= is only known to Python 3.12
    try:
        yield url
    finally:
        print(f"Kept: {url}") if keep else folder.cleanup()


@contextmanager
def postgresql_database(address: str, keep: bool) -> Iterator[str]:
    name = f"bench_{uuid4().hex[:12]}"
    execute(address, f'CREATE DATABASE "{name}"')
    url = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    try:
        yield url
    finally:
        if keep:
            print(f"Kept: database {name}")
        else:
            execute(address, f'DROP DATABASE "{name}" WITH (FORCE)')


def server() -> str:
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else DEFAULT_SERVER


def reachable(address: str) -> bool:
    import psycopg

    try:
        execute(address, "SELECT 1")
    except psycopg.OperationalError:
        if address != DEFAULT_SERVER:
            raise
        return False
    return True


def execute(address: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        connection.execute(sql)


def run_on(
    url: str,
    function: Callable[..., Any],
    *,
    environment: dict[str, str] | None = None,
    **arguments: Any,
) -> Any:
    """What *function* returns in a fresh process with Django set up on the migrated *url*."""
    with process_on(url, environment) as process:
        return process.apply(function, kwds=arguments)


@contextmanager
def process_on(url: str, environment: dict[str, str] | None = None) -> Iterator[Any]:
    """A process with Django set up on the migrated *url*; ``apply`` runs a function there."""
    initial = ({"DATABASE_URL": url} | (environment or {}),)
    with get_context("spawn").Pool(1, initializer=_set_up, initargs=initial) as pool:
        yield pool


def _set_up(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
