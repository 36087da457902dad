"""What authenticating a request costs beside a bare DRF view: ours and the peers (`make bench`).

python -m benchmarks.authentication [--json FILE] [--rounds N] [--query-counts-only]
"""

import argparse
import json
import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.databases import each_database, postgresql_database, reachable, run_on, server

TOKENS = 1000
TOKENS_TO_COUNT = 100
TARGETS = {"sqlite": 0.25, "postgresql": 0.50, "postgresql_prepared": 0.32}
"""The most that ours may add to a bare view, as a share of what DRF's TokenAuthentication adds."""

PREPARED = {"DATABASE_PREPARE_THRESHOLD": "5"}

PACKAGES = [
    "django",
    "djangorestframework",
    "djangorestframework-simplejwt",
    "pyjwt",
    "django-rest-knox",
    "djangorestframework-api-key",
    "psycopg",
]
COLUMNS = [
    ("median µs", "median_us", 1),
    ("over bare", "over_bare_us", 1),
    ("random token", "random_over_bare_us", 1),
    ("queries", "queries", 0),
    ("writes", "writes", 0),
    ("cache calls", "cache_calls", 0),
]
EXACT = {"queries": 1, "writes": 0, "cache_calls": 0}


def each_run() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, URL and environment of each run: the portal's settings, then prepared statements."""
    for database, url in each_database():
        yield database, url, {}
    if reachable(server()):
        with postgresql_database(server(), keep=False) as url:
            yield "postgresql_prepared", url, PREPARED


def measure(rounds: int) -> dict[str, Any]:
    """Everything on the database of this process. No times if *rounds* is 0."""
    from django.db import connection

    from benchmarks.contenders import contenders
    from benchmarks.measuring import counts, times

    everyone = contenders(TOKENS if rounds else TOKENS_TO_COUNT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    used = last_uses()
    found = {contender.name: counts(contender) for contender in everyone}
    if rounds:
        for name, taken in times(everyone, rounds).items():
            found[name] |= taken
    if last_uses() != used:
        raise AssertionError("last used was written during the measurement")
    return {"found": found, "server": server_version(connection)}


def last_uses() -> list[Any]:
    from apitokens.models import Credential

    return list(Credential.objects.order_by("pk").values_list("last_used_at", flat=True))


def server_version(connection: Any) -> str:
    if connection.vendor == "sqlite":
        return sqlite3.sqlite_version
    connection.ensure_connection()
    return ".".join(map(str, divmod(connection.pg_version, 10000)))


def versions(servers: dict[str, str]) -> dict[str, str]:
    installed = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **installed, **servers}


def wrong_counts(database: str, found: dict[str, dict[str, float]]) -> list[str]:
    """Where ours makes anything but one query, in words."""
    return [
        f"{database}: {name} makes {found[name][what]:g} {what} a request, not {exact}"
        for name in ("apitokens", "apitokens_plain_query")
        for what, exact in EXACT.items()
        if found[name][what] != exact
    ]


def ratio(found: dict[str, dict[str, float]], kind: str = "over_bare_us") -> float:
    return found["apitokens"][kind] / found["authtoken"][kind]


def table(database: str, found: dict[str, dict[str, float]]) -> str:
    columns = [
        (title, key, places)
        for title, key, places in COLUMNS
        if any(key in row for row in found.values())
    ]
    lines = [f"{database:24}" + "".join(f"{title:>14}" for title, _, _ in columns)]
    for name, row in found.items():
        cells = "".join(f"{row[key]:14.{places}f}" for _, key, places in columns)
        lines.append(f"{name:24}{cells}")
    return "\n".join(lines)


def verdict(database: str, found: dict[str, dict[str, float]]) -> str:
    """The ratio that counts (one hot token), beside the one for random tokens."""
    reached, target = ratio(found), TARGETS[database]
    word = "PASS" if reached <= target else "MISS"
    anyone = ratio(found, "random_over_bare_us")
    return (
        f"{word}: ours adds {reached:.2f} of what authtoken adds, at most {target:.2f} is wanted"
        f" ({anyone:.2f} with a random token on each call)"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--query-counts-only", action="store_true", help="no times; 1 if wrong")
    options = parser.parse_args()
    rounds = 0 if options.query_counts_only else options.rounds
    results: dict[str, Any] = {}
    servers: dict[str, str] = {}
    wrong: list[str] = []
    for database, url, environment in each_run():
        measured = run_on(url, measure, environment=environment, rounds=rounds)
        results[database], servers[database] = measured["found"], measured["server"]
        print(table(database, measured["found"]))
        if rounds:
            print(verdict(database, measured["found"]))
        print()
        wrong += wrong_counts(database, measured["found"])
    servers.pop("postgresql_prepared", None)
    results["versions"] = versions(servers)
    print(", ".join(f"{name} {number}" for name, number in results["versions"].items()))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
