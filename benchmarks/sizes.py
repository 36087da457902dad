"""Bytes a row of each table that grows with candidates, on PostgreSQL (`make bench-sizes`).

    python -m benchmarks.sizes [--count N] [--json FILE]

100,000 candidates with what an ordinary case brings along; tables and indexes as they are right
after being written, without the room that updates leave behind.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.databases import postgresql_database, run_on, server

LARGE = 100_000_000
PER_CANDIDATE = {
    "candidate": 1, "case": 1, "casecheck": 4, "logentry": 12, "creditentry": 1, "document": 3,
    "verificationform": 1,
}  # fmt: skip
ANSWERS = {
    "personal": {"full_name": "Ananya Krishnan", "dob": "1996-04-12", "gender": "2"},
    "address": {"address_line_1": "12, 4th Cross, Indiranagar", "city": "Bengaluru",
                "state": "Karnataka", "pin_code": "560038", "country": "India"},
    "identity": {"id_type": "PAN", "id_number": "ABCDE1234F", "name_on_document": "A Krishnan"},
    "employment": {"company_name": "Globex", "designation": "Engineer",
                   "start_date": "2020-01-06", "end_date": "2025-03-31"},
    "education": {"course_type": "UNDERGRAD"},
}  # fmt: skip
SIZES = """
    SELECT pg_table_size(%(name)s::regclass), pg_indexes_size(%(name)s::regclass),
           (SELECT count(*) FROM {name})
"""


def measure(count: int) -> dict[str, Any]:
    from django.db import connection

    from benchmarks.million import multiply, seed, unchecked_references

    seeded = seed(count)
    with unchecked_references():
        for sample, number, expressions in samples(seeded, count):
            multiply(sample, number, expressions)
            sample.delete()
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        for table in PER_CANDIDATE:
            name = f"candidates_{table}"
            cursor.execute(SIZES.format(name=name), {"name": name})
            heap, indexes, rows = cursor.fetchone()
            found[table] = {"rows": rows, "table": heap / rows, "indexes": indexes / rows}
    return found


def samples(seeded: Any, count: int) -> list[tuple[Any, int, dict[str, str]]]:
    """A row of each of the other tables, how often, and what differs from copy to copy."""
    from candidates.models import (
        Candidate,
        CaseCheck,
        Check,
        CreditEntry,
        Document,
        LogEntry,
        VerificationForm,
    )  # fmt: skip

    kinds = [
        Check.objects.create(code=f"kind-{n}", name=f"Kind {n}").pk
        for n in range(PER_CANDIDATE["casecheck"] + 1)
    ]
    one = Candidate.objects.get(pk=1)
    by = {"added_by": seeded.admin, "added_through": seeded.busy}

    def of(model: Any, column: str, **fields: Any) -> tuple[Any, int, dict[str, str]]:
        per = PER_CANDIDATE[model._meta.model_name]
        sample = model.objects.create(pk=per * count + 1, **fields)
        return sample, per * count, {"id": "n", column: f"(n - 1) / {per} + 1"}

    check = of(CaseCheck, "case_id", case=one.case, kind_id=kinds.pop(), status="verified",
               stated="PAN ABCDE1234F", found="The register agrees",
               assigned_to=seeded.admin)  # fmt: skip
    check[2]["kind_id"] = f"{kinds[0]} + n %% {len(kinds)}"
    form = VerificationForm.objects.create(
        candidate=one, answers=ANSWERS, consent_name="Ananya Krishnan",
        consent_address="203.0.113.7",
    )  # fmt: skip
    return [
        check,
        of(LogEntry, "candidate_id", candidate=one, kind="status-changed", address="203.0.113.7",
           data={"before": 3, "after": 4}, added_by=seeded.admin),
        of(CreditEntry, "candidate_id", candidate=one, company=one.company, package=seeded.package,
           change=-1, balance=4711, reason="used", **by),
        of(Document, "candidate_id", candidate=one, kind="identity", name="pan-card-front.pdf",
           file="documents/1/0123456789abcdef0123456789abcdef", content_type="application/pdf",
           size=412_345),
        (form, count, {"candidate_id": "n + 1"}),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    with postgresql_database(server(), keep=False) as url:
        found = run_on(url, measure, count=options.count)
    total = 0.0
    print(f"{'bytes a row':18}{'table':>8}{'indexes':>9}{'a candidate':>13}{'at 100 million':>16}")
    for table, size in found.items():
        each = PER_CANDIDATE[table] * (size["table"] + size["indexes"])
        total += each
        print(
            f"{table:18}{size['table']:8.0f}{size['indexes']:9.0f}{each:13.0f}"
            f"{each * LARGE / 1e9:13.0f} GB"
        )
    print(f"{'together':35}{total:13.0f}{total * LARGE / 1e9:13.0f} GB")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
