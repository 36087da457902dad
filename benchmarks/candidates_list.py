"""The candidates list at a million rows: each page as fast as the first (`make bench-list`).

    python -m benchmarks.candidates_list [--count N] [--json FILE] [--explain] [--keep]

The pages are the portal's own, fetched as a browser does; the query of their rows is then run
again by itself, because a page's time is mostly the template's.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.databases import each_database, run_on
from benchmarks.list_views import View, views

REPEATS = 30
PATIENCE = 3.0
"""Runs of one query: so many, or as many as fit into so many seconds."""

WITHIN_MS = 10
SEVERAL_WITHIN_MS = 50
WITHIN_FIRST = 2
"""Targets: the queries of every page under one filter, under several or a search (which PostgreSQL
alone has indexes for), and the last page's as a multiple of the first's.
"""

ROWS = 25

FINDING = re.compile(r'FROM "candidates_(candidate|candidate_tags|case|subtype)"')
"""What it takes to find the rows: their query, and the short ones that prepare it."""


def measure(count: int, explain: bool) -> dict[str, Any]:
    """Everything on the database of this process."""
    from django.test import Client

    from benchmarks.million import seed

    begun = perf_counter()
    seeded = seed(count)
    seconds = perf_counter() - begun
    found = {}
    for view in views(seeded):
        client = Client()
        client.force_login(view.user)
        found[view.name] = pages(client, view, explain)
    boards = {user.access_level: dashboard(user, explain) for user in (seeded.admin, seeded.hr)}
    return {"seconds": seconds, "views": found, "dashboard": boards}


def dashboard(user: Any, explain: bool) -> dict[str, Any]:
    """Database time of the first page when everything is counted anew, and from the cache."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client

    client = Client()
    client.force_login(user)
    found = {}
    for how in ("counted", "cached"):
        if how == "counted":
            cache.clear()
        sent = noted(client, "/", {})[1]
        times = [
            milliseconds(connection, *query) for query in sent if query[0].startswith("SELECT")
        ]
        found[how] = {"queries": len(sent), "database_ms": sum(times), "slowest_ms": max(times)}
        if explain:
            print(
                how, *(plan(connection, *query) for query in sent if "COUNT(" in query[0]), sep="\n"
            )
    return found


def pages(client: Any, view: View, explain: bool) -> dict[str, Any]:
    """Figures of the first, middle and last page."""
    from candidates.models import Candidate

    rows = Candidate.objects.for_company(view.user.company).filter(**view.conditions)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    after = {"first": None, "middle": keys[len(keys) // 2], "last": keys[ROWS]}
    found = {}
    for page, key in after.items():
        asked = view.filters | ({} if key is None else {"after": key})
        found[page] = one_page(client, asked, explain)
    several = len(view.filters.keys() - {"until"}) + (not view.user.is_company_admin) > 1
    within = SEVERAL_WITHIN_MS if several or "q" in view.filters else WITHIN_MS
    return {"rows": len(keys), "within": within, "pages": found}


def one_page(client: Any, asked: dict[str, Any], explain: bool) -> dict[str, Any]:
    from django.db import connection

    response, sent = noted(client, "/candidates/", asked)
    shown = set(re.findall(r'href="/candidates/(\d+)/"', response.text))
    if response.status_code != 200 or len(shown) != ROWS:
        raise AssertionError(f"{asked} answered {response.status_code} without a full page")
    finding = [query for query in sent if FINDING.search(query[0])]
    of_rows = [query for query in finding if '"candidates_candidate"."name", ' in query[0]]
    if explain:
        print(asked, *(plan(connection, *query) for query in finding), sep="\n")
    return {
        "queries": len(sent),
        "queries_of_rows": len(of_rows),
        "database_ms": sum(milliseconds(connection, *query) for query in finding),
        "page_ms": repeated(lambda: client.get("/candidates/", asked)),
    }


def noted(client: Any, path: str, asked: dict[str, Any]) -> tuple[Any, list[tuple[str, Any]]]:
    """The answer, and the queries that it took, with their parameters."""
    from django.db import connection

    sent = []

    def note(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        return client.get(path, asked), sent


def milliseconds(connection: Any, sql: str, params: Any) -> float:
    """Median time of the query with all its rows fetched."""
    with connection.cursor() as cursor:
        return repeated(lambda: (cursor.execute(sql, params), cursor.fetchall()))


def repeated(function: Callable[[], Any]) -> float:
    """Median milliseconds of *function*."""
    until, taken = perf_counter() + PATIENCE, []
    while len(taken) < REPEATS and perf_counter() < until:
        taken.append(timed(function))
    return median(taken)


def timed(function: Callable[[], Any]) -> float:
    begun = perf_counter()
    function()
    return (perf_counter() - begun) * 1000


def plan(connection: Any, sql: str, params: Any) -> str:
    kind = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN ANALYZE"
    with connection.cursor() as cursor:
        cursor.execute(f"{kind} {sql}", params)
        return "\n".join(f"    {row[-1]}" for row in cursor.fetchall())


def misses(database: str, name: str, view: dict[str, Any]) -> list[str]:
    """What is off target, in words."""
    found, searched = view["pages"], name.startswith("search")
    if searched and database == "sqlite":
        return []
    within = view["within"]
    slow = [
        f"the {page} page takes {row['database_ms']:.1f} ms"
        for page, row in found.items()
        if row["database_ms"] > within
    ]
    alone = within == WITHIN_MS
    if alone and found["last"]["database_ms"] > WITHIN_FIRST * found["first"]["database_ms"]:
        slow.append("the last page takes more than twice the first's time")
    if {row["queries_of_rows"] for row in found.values()} != {1}:
        slow.append("the rows take more than one query")
    return [f"{database}, {name}: {text}" for text in slow]


def table(database: str, measured: dict[str, Any]) -> str:
    lines = [
        f"{database}, seeded in {measured['seconds']:.0f} s\n"
        f"{'query of the rows, ms':26}{'rows':>9}{'first':>8}{'middle':>8}{'last':>8}"
        f"{'whole page':>12}{'queries':>9}"
    ]
    for name, view in measured["views"].items():
        found = view["pages"]
        times = "".join(f"{row['database_ms']:8.2f}" for row in found.values())
        page = max(row["page_ms"] for row in found.values())
        queries = "/".join(sorted({str(row["queries"]) for row in found.values()}))
        verdict = "MISS" if misses(database, name, view) else "PASS"
        lines.append(f"{name:26}{view['rows']:9}{times}{page:12.1f}{queries:>9}  {verdict}")
    for level, board in measured["dashboard"].items():
        lines += [
            f"dashboard of {level}, {how}: {row['database_ms']:.1f} ms in {row['queries']} queries,"
            f" the slowest {row['slowest_ms']:.1f}"
            for how, row in board.items()
        ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--explain", action="store_true", help="print each query's plan")
    parser.add_argument("--keep", action="store_true", help="leave the databases behind")
    options = parser.parse_args()
    results, missed = {}, []
    for database, url in each_database(keep=options.keep):
        measured = run_on(url, measure, count=options.count, explain=options.explain)
        results[database] = measured
        print(table(database, measured), end="\n\n")
        for name, view in measured["views"].items():
            missed += misses(database, name, view)
    print(*missed, sep="\n", end="\n" if missed else "")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return bool(missed)


if __name__ == "__main__":
    raise SystemExit(main())
