"""A worker that is killed in the middle of a file, with real processes: `make test-faults`."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psycopg
import pytest

from tests.servers import ROOT, manage, prepared, run, wait_for

CONFIRMED = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from apitokens.attribution import Actor
from candidates.models import BulkRow, Check, Package, Subtype
from candidates.pages.bulk_rows import check_rows
from candidates.services.bulk import changing, confirm, start_bulk
from candidates.tasks import wake
from tests.candidates.bulk import HEADINGS, person
user = User.objects.get(email="admin@acme.test")
package = Package.objects.create(company=user.company, name="Standard", credits=5000)
subtype = Subtype.objects.create(package=package, name="Experienced")
subtype.checks.set([Check.objects.create(code=code, name=code) for code in ("identity", "address")])
rows = [(number + 2, person(number)) for number in range(1000)]
bulk = start_bulk(user=user, company=user.company, rows=rows, file_name="joiners.csv",
                  fingerprint="0", headings=HEADINGS, total=1000)
names = ["name", "phone", "email", "employee_id", "uan_number"]
with changing(bulk) as (bulk, rows):
    bulk.state, bulk.columns, bulk.subtype = "review", names, subtype
    for row in rows:
        row.values = dict(zip(names, row.cells))
    check_rows(bulk, rows)
    confirm(bulk, total=1000, actor=Actor(user), base_url="https://portal.example")
wake(bulk)
"""

STANDS = """
from candidates.models import BulkImport, Candidate, Case, CaseCheck, CreditEntry, LogEntry, Package
bulk = BulkImport.objects.get()
added = LogEntry.objects.filter(kind="added").count()
print(bulk.state, bulk.rows.count(), Candidate.objects.count(), Case.objects.count(),
      CaseCheck.objects.count() // 2, CreditEntry.objects.count(), added,
      5000 - Package.objects.get().credits, LogEntry.objects.filter(kind="invited").count())
"""

LATER = """
from datetime import timedelta
from django.utils import timezone
from candidates.models import BulkImport
BulkImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
"""


def stands(variables):
    """The file's state, its rows, and how many there are of everything that is written."""
    state, rows, *counts, invited = run(variables, STANDS).splitlines()[-1].split()
    return state, int(rows), {int(count) for count in counts}, int(invited)


def worker(variables):
    command = [sys.executable, "manage.py", "db_worker", "--interval", "0.05", "--no-startup-delay"]
    return subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)


def taken_by(url):
    """(state, attempt) as they stand, asked past Django: it is asked often."""
    query = "SELECT state, CAST(attempt AS VARCHAR(36)) FROM candidates_bulkimport"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as connection:
            return connection.execute(query).fetchone()
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_worker_that_is_killed_leaves_a_file_whole_or_not_there(request, tmp_path, engine):
    if engine == "sqlite":
        variables = prepared(f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path)
    else:
        variables = request.getfixturevalue("on_postgresql")
    variables = variables | {"EMAIL_URL": "dummymail://"}
    run(variables, CONFIRMED)
    assert stands(variables) == ("queued", 1000, {0}, 0)
    seen, url = [], variables["DATABASE_URL"]
    for pause in (0, 0.1, 0.4, 0.8, 1.2, 1.6, 2, 2.5, 3, 3.5):  # the kill falls all over the work
        before, process = taken_by(url), worker(variables)
        wait_for(lambda before=before: taken_by(url)[1] != before[1], seconds=120)
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        state, rows, counts, invited = stands(variables)
        seen.append((state, invited))
        expected = (1000, {0}, 0) if state == "adding" else (0, {1000}, invited)
        assert (rows, counts, invited) == expected
        if state == "done":
            break
        run(variables, LATER)
        manage(variables, "candidates_resume")
    manage(variables, "db_worker", "--batch", "--no-startup-delay")
    assert stands(variables) == ("done", 0, {1000}, 1000)
    print(engine, seen)
    assert seen[0] == ("adding", 0)
