"""Exporting 100,000 cases: seconds and memory, as CSV and as a workbook (`make bench-export`).

    python -m benchmarks.exports [--count N] [--json FILE]

The portal's own page answers, in a process of its own for each file, as a server would send it.
"Of ours" are the seconds in which that process itself worked: on a busy machine the rest is
waiting.
"""

import argparse
import json
import resource
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.databases import each_database, run_on

WITHIN_SECONDS = 20
WITHIN_MB = 200
KINDS = ("csv", "xlsx")


def prepare(count: int) -> None:
    from benchmarks.million import seed

    seed(count)


def export(kind: str, user: str) -> dict[str, float]:
    """One file, thrown away piece by piece: what it took, and the most memory ever in use."""
    from datetime import timedelta

    from django.test import Client
    from django.utils import timezone

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=user))
    today = timezone.localdate()
    asked = {"kind": kind, "since": today - timedelta(days=60), "until": today + timedelta(days=1)}
    before, begun, worked = peak_mb(), perf_counter(), process_time()
    response = client.post("/candidates/export/", asked)
    if response.status_code != 200:
        raise AssertionError(f"{kind} answered {response.status_code}")
    size = sum(len(part) for part in response)
    response.close()
    return {
        "seconds": perf_counter() - begun, "cpu": process_time() - worked,
        "mb": peak_mb(), "mb_before": before, "bytes": size,
    }  # fmt: skip


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    print(
        f"{options.count} cases{'seconds':>16}{'of ours':>10}"
        f"{'peak MB':>10}{'before':>10}{'file MB':>10}"
    )
    for database, url in each_database():
        run_on(url, prepare, count=options.count)
        for kind in KINDS:
            found = run_on(url, export, kind=kind, user="admin@million.test")
            results[f"{database}, {kind}"] = found
            print(
                f"{database + ', ' + kind:18}{found['seconds']:10.1f}{found['cpu']:10.1f}"
                f"{found['mb']:10.0f}{found['mb_before']:10.0f}{found['bytes'] / 1e6:10.1f}"
                f"  {verdict(found)}"
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return any(verdict(found) == "MISS" for found in results.values())


def verdict(found: dict[str, float]) -> str:
    within = found["seconds"] < WITHIN_SECONDS and found["mb"] < WITHIN_MB
    return "PASS" if within else "MISS"


if __name__ == "__main__":
    raise SystemExit(main())
