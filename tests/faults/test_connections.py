"""The worker of connections, killed again and again: nobody is lost and nobody is added twice."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time

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


def test_a_worker_that_is_killed_anywhere_loses_nobody_and_adds_nobody_twice(tmp_path):
    chance = random.Random(7)
    file = tmp_path / "portal.sqlite3"
    with running(TalentLyftStub()) as stub:
        stub.people = [stub.person(key) for key in range(1, PEOPLE_THERE + 1)]
        variables = prepared(
            f"sqlite:///{file}", tmp_path, INTEGRATION_NETWORKS="127.0.0.0/8,::1/128",
            INTEGRATION_ADDRESSES=json.dumps(stub.addresses),
            REQUESTS_CA_BUNDLE=certificates()[0],
        )  # fmt: skip
        run(variables, SETUP)

        def ask(statement):
            with sqlite3.connect(file, timeout=30) as database:
                return database.execute(statement).fetchone()

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
            with sqlite3.connect(file, timeout=30) as database:  # two minutes have passed
                database.execute(
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
