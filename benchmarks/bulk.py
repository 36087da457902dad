"""A file of 1,000 candidates: how long it is read, checked and written (`make bench-bulk`).

python -m benchmarks.bulk [--rows N] [--runs N] [--others N]

Checked: the file as XLSX through the pages, from its upload to the page that shows what is wrong.
Written: the transaction of the worker, with cases, checks, credits and log. Links go out after it.
"""

import argparse
import os
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.databases import each_database, run_on


def measure(*, rows: int, runs: int, others: int) -> dict[str, tuple[float, float]]:
    """Seconds, median and least of *runs*: ``read``, ``checked`` (reading among them), ``written``.

    The company has *others* candidates already.
    """
    from candidates.models import Candidate, Case, Category, Check, Package, Subtype
    from tests.factories import UserFactory

    user = UserFactory()
    company = user.company
    package = Package.objects.create(company=company, name="Standard", credits=rows * runs)
    subtype = Subtype.objects.create(package=package, name="Experienced")
    codes = ("identity", "address", "employment", "education")
    subtype.checks.set(
        [Check.objects.get_or_create(code=code, defaults={"name": code})[0] for code in codes]
    )
    category = Category.objects.create(company=company, name="Engineering")
    _fill(company, subtype, others)
    found = [_run(user, subtype, category, rows, run) for run in range(runs)]
    expected = others + rows * runs
    hold(Candidate.objects.count() == Case.objects.count() == expected, "everybody is there")
    return {
        name: (median(t[name] for t in found), min(t[name] for t in found)) for name in found[0]
    }


@contextmanager
def clocked(times, what):
    """Seconds of the clock and, on a machine that others use too, of the processor alone."""
    clock, work = time.perf_counter(), processor()
    yield
    times[what] = time.perf_counter() - clock
    times[f"{what} (processor)"] = processor() - work


def processor():
    """Seconds that this process has worked, with its children and the database's server for it."""
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system + server()


def server():
    """The same of PostgreSQL's process for this connection, where it runs on this machine."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not path.exists():
        return 0
    user, system = path.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def hold(right, what):
    """A figure of something else than it says is none."""
    if not right:
        raise SystemExit(f"Not so: {what}")


def _fill(company, subtype, others):
    from candidates.models import Candidate, Case

    people = []
    for number in range(others):
        person = Candidate(company=company, name="Meera Iyer", phone=str(7_000_000_000 + number),
                           email=f"other{number}@example.in")  # fmt: skip
        person.claim_identity()
        people.append(person)
    Candidate.objects.bulk_create(people)
    Case.objects.bulk_create(Case(candidate=p, company=company, subtype=subtype) for p in people)


def _run(user, subtype, category, rows, run):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse

    from candidates.models import BulkImport
    from candidates.services.bulk_work import add_all, take
    from candidates.tables import read_table
    from tests.candidates.bulk import HEADINGS, columns_of, person
    from tests.candidates.workbooks import xlsx

    client = Client()
    client.force_login(user)
    content = xlsx([HEADINGS, *(person(run * rows + number) for number in range(rows))])
    file = SimpleUploadedFile("joiners.xlsx", content)
    times = {}

    with clocked(times, "read"):
        read_table(file)

    file.seek(0)
    https = {"secure": True}
    with clocked(times, "checked"):
        client.post(reverse("candidates:bulk"), {"file": file}, **https)
        bulk = BulkImport.objects.latest("created_at")
        form = columns_of(bulk, subtype, category=category.pk)
        client.post(reverse("candidates:bulk-columns", args=[bulk.pk]), form, **https)
        client.get(reverse("candidates:bulk-review", args=[bulk.pk]), **https)
    hold(bulk.rows.filter(state="ready").count() == rows, "every row is ready")

    answer = client.post(reverse("candidates:bulk-confirm", args=[bulk.pk]), **https)
    hold("progress" in answer["Location"], "it is confirmed")
    bulk = take(str(bulk.pk))
    with clocked(times, "written"):
        add_all(bulk)
    BulkImport.objects.filter(pk=bulk.pk).update(state="done", uninvited=[])
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--others", type=int, default=20_000)
    options = vars(parser.parse_args())
    print("{rows} rows, median (least) of {runs}, {others} others before".format(**options))
    for name, url in each_database():
        times = run_on(url, measure, environment={"TASK_WORKER": "database"}, **options)
        print(
            name, ", ".join(f"{what} {m:.2f} ({least:.2f}) s" for what, (m, least) in times.items())
        )


if __name__ == "__main__":
    main()
