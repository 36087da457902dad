"""Whether the number of tokens matters: ours with 1 and with 1,000,000 rows (`make bench-rows`).

python -m benchmarks.rows [--json FILE] [--rounds N] [--rows N]
"""

import argparse
import json
import random
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.databases import each_database, process_on

USED = 200
"""Tokens among all of them whose JWT is presented, one at random on each call."""

NUMBERS = {
    "postgresql": "SELECT g AS n FROM generate_series(1, {rows}) g",
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) "
    "SELECT n FROM s",
}
JTI = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


def fill(rows: int) -> None:
    """*rows* never-ending tokens of one company, each with its credential, used just now."""
    from django.db import connection
    from django.utils import timezone

    from apitokens.keyring import get_keyring
    from benchmarks.contenders import people

    person = people(1)[0]
    numbers = NUMBERS[connection.vendor].format(rows=rows)
    now = timezone.now().replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO apitokens_apitoken (public_id, name, live_name, owner_id, user_id, "
            "created_by_id, created_at, allowed_networks) "
            "SELECT 'tok_' || n, 'Token ' || n, 'token ' || n, %s, %s, %s, %s, '' "
            f"FROM ({numbers}) numbers",
            [person.company_id, person.pk, person.pk, now],
        )
        cursor.execute(
            "INSERT INTO apitokens_credential (token_id, jti, kid, issued_at, last_used_at) "
            f"SELECT id, {JTI[connection.vendor]}, %s, %s, %s FROM apitokens_apitoken",
            [get_keyring().active.kid, now, now],
        )
        # At rest before the clock runs: the server would vacuum so many new rows meanwhile.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")


def headers(rows: int) -> list[str]:
    """Authorization headers of USED tokens spread over all of them."""
    from apitokens.models import Credential
    from apitokens.signing import get_signer

    first = Credential.objects.order_by("pk").first().pk
    chosen = random.sample(range(first, first + rows), min(USED, rows))
    found = Credential.objects.filter(pk__in=chosen)
    return [f"Bearer {get_signer().sign(credential.claims)}" for credential in found]


def prepare(rows: int) -> None:
    """Fill the database of this process, and make the contenders that ``measure`` calls."""
    from apitokens.authentication import APITokenAuthentication
    from benchmarks.contenders import Contender, behind, view
    from benchmarks.measuring import counts

    fill(rows)
    jwts = headers(rows)
    ours = Contender("apitokens", behind(APITokenAuthentication), jwts)
    _contenders[:] = [Contender("bare", view([], []), jwts), ours]
    counts(ours)  # the first use from an address is noted


_contenders: list[Any] = []


def measure(rounds: int) -> dict[str, float]:
    from benchmarks.measuring import times

    return times(_contenders, rounds)["apitokens"]


def compare(few: str, many: str, rows: int, rounds: int) -> dict[int, dict[str, float]]:
    """Medians with 1 and with *rows* tokens, in turns: noise falls on both alike."""
    seen: dict[int, list[dict[str, float]]] = {1: [], rows: []}
    with process_on(few) as one, process_on(many) as other:
        one.apply(prepare, [1])
        other.apply(prepare, [rows])
        for _ in range(rounds):
            seen[1].append(one.apply(measure, [5]))
            seen[rows].append(other.apply(measure, [5]))
    return {
        size: {kind: median(turn[kind] for turn in turns) for kind in turns[0]}
        for size, turns in seen.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    print(f"{'median µs':14}{'rows':>10}{'hot':>10}{'random':>10}")
    for (database, few), (_, many) in zip(each_database(), each_database(), strict=True):
        results[database] = found = compare(few, many, options.rows, options.rounds)
        for rows, times in found.items():
            cells = f"{times['median_us']:10.1f}{times['random_median_us']:10.1f}"
            print(f"{database:14}{rows:10d}{cells}")
        for kind in ("median_us", "random_median_us"):
            change = found[options.rows][kind] / found[1][kind] - 1
            print(f"{'PASS' if abs(change) <= 0.15 else 'MISS'}: {database} {kind} {change:+.1%}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
