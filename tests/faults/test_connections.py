"""The worker of connections, killed again and again: nobody is lost and nobody is added twice."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psycopg

from tests.certificates import certificates
from tests.integrations.inbound.stubs import TalentLyftStub, running
from tests.servers import ROOT, prepared, run

PEOPLE_THERE = 120
KILLS = 8

SETUP = """
from apitokens.attribution import Actor
from accounts.models import User
from candidates.models import Check, Package, Subtype
from integrations.inbound.connecting import connect, set_mapping, start
admin = User.objects.get(email="admin@acme.test")
package = Package.objects.create(company=admin.company, name="Standard", credits=1000)
subtype = Subtype.objects.create(package=package, name="Freshers", friendly_name="Freshers")
subtype.checks.add(Check.objects.create(code="identity-x", name="Identity"))
actor = Actor(admin)
connection = connect(company=admin.company, actor=actor, kind="talentlyft", name="Berlin",
                     credentials={"token": "right"}, base_url="https://portal.test")
set_mapping(connection=connection, actor=actor, pointers={},
            mapping={"stages": {"name:offer": subtype.pk}, "filled_by": "hr"})
start(connection=connection, actor=actor, with_those_there=True)
"""


def worker(variables, *arguments):
    command = [sys.executable, "manage.py", "poll_integrations", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)


def connected(url):
    """A connection that writes each statement at once."""
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
    return psycopg.connect(url, autocommit=True)


def asking(url):
    """ask(statement) → the first row of what it finds, or None."""

    def ask(statement):
        with closing(connected(url)) as database:
            cursor = database.execute(statement)
            return cursor.fetchone() if cursor.description else None

    return ask


def test_a_worker_that_is_killed_anywhere_loses_nobody_and_adds_nobody_twice(database, tmp_path):
    chance, ask = random.Random(7), asking(database)
    with running(TalentLyftStub()) as stub:
        stub.people = [stub.person(key) for key in range(1, PEOPLE_THERE + 1)]
        variables = prepared(
            database, tmp_path, INTEGRATION_NETWORKS="127.0.0.0/8,::1/128",
            INTEGRATION_ADDRESSES=json.dumps(stub.addresses),
            REQUESTS_CA_BUNDLE=certificates()[0],
        )  # fmt: skip
        run(variables, SETUP)

        counts = [0]
        for _ in range(KILLS):
            process = worker(variables, "--loop", "--pause", "0.1")
            before = counts[-1]
            while ask("SELECT count(*) FROM candidates_candidate")[0] == before < PEOPLE_THERE:
                assert process.poll() is None
                time.sleep(0.02)
            time.sleep(chance.random() * 0.4)
            process.send_signal(signal.SIGKILL)
            process.wait()
            counts.append(ask("SELECT count(*) FROM candidates_candidate")[0])
            ask(  # two minutes have passed
                "UPDATE integrations_connection SET lease_until = '2026-01-01 00:00:00',"
                " next_poll_at = '2026-01-01 00:00:00'"
            )
        assert 0 < counts[1] < PEOPLE_THERE  # it was killed in the middle
        assert worker(variables).wait() == 0

        assert ask("SELECT count(*), count(DISTINCT email) FROM candidates_candidate") == (
            PEOPLE_THERE, PEOPLE_THERE,
        )  # fmt: skip
        assert ask("SELECT credits FROM candidates_package") == (1000 - PEOPLE_THERE,)
        states = ask("SELECT count(*), count(candidate_id) FROM integrations_importedrecord")
        assert states == (PEOPLE_THERE, PEOPLE_THERE)
        assert ask("SELECT error_code, lease_key FROM integrations_connection") == ("", "")
