"""50 programs add candidates beside each other for SECONDS: nobody is lost or doubled.

4 workers behind one PostgreSQL and one Redis, as `make serve WORKERS=4` has them; one company, so
all of them take their credits from one row. `make load` (SECONDS=60) prints the waiting times.
"""

import json
import os
import time
from collections import Counter
from http.client import HTTPConnection
from statistics import quantiles
from threading import Thread
from uuid import uuid4

import pytest

from tests.servers import PostgreSQL, Redis, manage, portal, prepared, run

SECONDS = float(os.environ.get("SECONDS", "60"))
CLIENTS, TOKENS, WORKERS = 50, 5, 4
CREDITS = 1_000_000
REPEAT_EACH, TWIN_EACH, AGAIN_EACH = 7, 11, 13
"""Each so many candidates: the same key again, the same key twice at once, the person again."""

CATALOGUE = f"""
from accounts.models import Company
from apitokens.attribution import Actor
from candidates.models import Check, CreditEntry, Package, Subtype
from candidates.services.credits import change_credits
package = Package.objects.create(company=Company.objects.get(slug="acme"), name="Standard")
change_credits(package, {CREDITS}, reason=CreditEntry.Reason.OPENING, actor=Actor())
subtype = Subtype.objects.create(package=package, name="All", friendly_name="All")
subtype.checks.set(Check.objects.create(code=str(n), name=str(n), position=n) for n in range(5))
print(subtype.pk)
"""
LEFT = """
import json
from django.db.models import Sum
from candidates.models import Candidate, CaseCheck, CreditEntry, LogEntry, Package
package = Package.objects.get()
print(json.dumps({
    "candidates": list(Candidate.objects.values_list("pk", "email")),
    "adders": sorted({c.added_by_label for c in Candidate.objects.with_adder()[:2000]}),
    "credits": package.credits,
    "ledger": int(CreditEntry.objects.aggregate(sum=Sum("change"))["sum"]),
    "used": CreditEntry.objects.filter(change=-1).values("candidate").distinct().count(),
    "checks": CaseCheck.objects.count(),
    "lines": LogEntry.objects.filter(kind="added").count(),
}))
"""


class Program:
    """Adds one candidate after the other with *jwt* until the time is over."""

    def __init__(self, number, port, jwt, subtype):
        self.number, self.port, self.subtype = number, port, subtype
        self.headers = {"Authorization": f"Bearer {jwt}", "Content-Type": "application/json"}
        self.added = {}
        self.statuses, self.waits, self.wrong = Counter(), [], []

    def work(self, until):
        number = 0
        while time.monotonic() < until:
            number += 1
            try:
                self.one_more(number)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must hear of it
                self.wrong.append(repr(error))

    def one_more(self, number):
        person, key = self.person(number), str(uuid4())
        twin = number % TWIN_EACH == 0 and Twin(self, person, key)
        status, answer = self.add(person, key)
        if status != 200:
            return self.wrong.append((status, answer))
        self.added[person["email"]] = answer["data"]["candidate_id"]
        if twin:
            self.expect((200, answer), twin.answer())
        if number % REPEAT_EACH == 0:
            self.expect((200, answer), self.add(person, key))
        if number % AGAIN_EACH == 0:
            status, again = self.add(person, str(uuid4()))
            known = {error.get("candidate_id") for error in again.get("errors", ())}
            self.expect((409, {answer["data"]["candidate_id"]}), (status, known))

    def expect(self, wanted, found):
        if wanted != found:
            self.wrong.append((wanted, found))

    def person(self, number):
        return {
            "name": "Ananya Krishnan",
            "email": f"p{self.number}.{number}@example.in",
            "phone": f"9{self.number:02}{number:07}",
        }

    def add(self, person, key):
        body = {"candidate": person, "package": {"subtype_id": self.subtype}}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        begun = time.monotonic()
        try:
            headers = {**self.headers, "Idempotency-Key": key}
            connection.request(
                "POST", "/external/v1/candidate/add", json.dumps(body), headers=headers
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        self.waits.append(time.monotonic() - begun)
        self.statuses[answer.status] += 1
        return answer.status, json.loads(text)


class Twin(Thread):
    """The same request at the same time."""

    def __init__(self, program, person, key):
        super().__init__()
        self.arguments, self.program, self.got = (person, key), program, None
        self.start()

    def run(self):
        self.got = self.program.add(*self.arguments)

    def answer(self):
        self.join()
        return self.got


@pytest.fixture
def house(tmp_path):
    postgresql, redis = PostgreSQL.migrated(tmp_path), Redis(tmp_path)
    variables = prepared(postgresql.url, tmp_path, CACHE_URL=redis.url)
    with portal(variables, workers=WORKERS) as port:
        yield variables, port
    redis.close()
    postgresql.close()


def test_programs_beside_each_other_lose_and_double_nobody(house, capsys):
    variables, port = house
    subtype = int(run(variables, CATALOGUE).splitlines()[-1])
    names = [f"Program {number}" for number in range(TOKENS)]
    command = ["apitokens_create", "--user", "admin@acme.test", "--name"]
    jwts = [manage(variables, *command, name) for name in names]
    programs = [Program(n, port, jwts[n % TOKENS], subtype) for n in range(CLIENTS)]
    until = time.monotonic() + SECONDS
    threads = [Thread(target=program.work, args=[until]) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [error for program in programs for error in program.wrong] == []
    added = {email: key for program in programs for email, key in program.added.items()}
    left = json.loads(run(variables, LEFT).splitlines()[-1])
    assert sorted(left["candidates"]) == sorted([key, email] for email, key in added.items())
    assert left["credits"] == left["ledger"] == CREDITS - len(added)
    assert left["used"] == left["lines"] == len(added)
    assert left["checks"] == 5 * len(added)
    assert set(left["adders"]) <= {f"API({name})" for name in names}
    with capsys.disabled():
        report(programs, len(added))


def report(programs, added):
    waits = [1000 * wait for program in programs for wait in program.waits]
    cut = quantiles(waits, n=100)
    statuses = sum((program.statuses for program in programs), Counter())
    print(f"\n{added} candidates by {CLIENTS} programs in {SECONDS:.0f} s, {dict(statuses)}: "
          f"p50 {cut[49]:.0f} ms, p95 {cut[94]:.0f} ms, p99 {cut[98]:.0f} ms")  # fmt: skip
    assert not any(status >= 500 for status in statuses)
