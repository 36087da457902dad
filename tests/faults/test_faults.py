"""security.md E with real processes: engines that die, hang, lie or refuse to write.

`make test-faults`. The portal runs behind gunicorn, beside a Redis and a PostgreSQL of its own.
"""

import json
import os
import random
import signal
import sqlite3
import time
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from threading import Thread
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.servers import (
    PASSWORD,
    Redis,
    get,
    manage,
    me,
    portal,
    prepared,
    run,
    wait_for,
    workers_of,
)

WAIT = 0.25
"""Seconds for which an engine that doesn't answer may hold a request up."""


def new_token(variables, name):
    return manage(variables, "apitokens_create", "--user", "admin@acme.test", "--name", name)


def timed(port, jwt):
    begun = time.monotonic()
    status, headers, body = me(port, jwt)
    return status, time.monotonic() - begun, headers, body


# Redis --------------------------------------------------------------------------------------


@pytest.fixture
def redis(tmp_path):
    engine = Redis(tmp_path)
    yield engine
    engine.close()


DELETE_THE_DEAD = """
from apitokens.models import APIToken
APIToken.objects.get(name="dead").delete()
"""


@pytest.mark.parametrize("fault", ["kill", "hang", "flush", "poison"])
def test_whatever_happens_to_redis_tokens_are_judged_right_and_soon(tmp_path, redis, fault):
    variables = prepared(
        f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path,
        CACHE_URL=redis.url, APITOKENS_FAILURE_LIMIT="300", APITOKENS_TOKEN_RATE="10000/min",
    )  # fmt: skip
    good, dead = new_token(variables, "good"), new_token(variables, "dead")
    run(
        variables, "from apitokens.models import APIToken as T; T.objects.get(name='dead').delete()"
    )
    forged = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
    with portal(variables) as port:
        for jwt, status in ((good, 200), (dead, 401), (forged, 401)):
            assert me(port, jwt)[0] == status
        getattr(redis, fault)()
        slowest = 0.0
        for _ in range(4):
            for jwt, expected in ((good, 200), (dead, 401), (forged, 401)):
                status, seconds, _, _ = timed(port, jwt)
                assert status == expected
                slowest = max(slowest, seconds)
        assert slowest < WAIT


# PostgreSQL ---------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"DATABASE_PREPARE_THRESHOLD": "1"}, {"DATABASE_POOL": "on"}])
def test_a_database_that_is_down_is_503_and_back_again_200(postgresql, on_postgresql, more):
    name = f"down {sorted(more)}"
    jwt = new_token(on_postgresql, name)
    with portal(on_postgresql | more, workers=1) as port:
        for _ in range(3):
            assert me(port, jwt)[0] == 200
        postgresql.stop()
        try:
            status, headers, body = me(port, jwt)
            assert (status, headers["Retry-After"]) == (503, "2")
            assert json.loads(body).keys() == {"message", "errors"}
            forged = jwt[:-4] + "AAAA"
            assert me(port, forged)[0] == 401  # its signature is bad whatever the database says
            status, headers, body = get(port, "/login/", Cookie="sessionid=abcdefgh12345678")
            assert (status, headers["Retry-After"]) == (503, "2")
            assert b"Traceback" not in body
            assert get(port, "/healthz")[0] == 200
            assert get(port, "/readyz")[0] == 503
        finally:
            postgresql.start()
        wait_for(lambda: me(port, jwt)[0] == 200, seconds=15)


def test_on_a_read_only_database_tokens_work_and_last_use_is_dropped(postgresql, on_postgresql):
    jwt = new_token(on_postgresql, "read only")
    used = "SELECT count(*) FROM apitokens_credential WHERE last_used_at IS NOT NULL"
    with portal(on_postgresql, workers=1) as port:
        postgresql.read_only(True)
        try:
            before = count(on_postgresql, used)
            assert me(port, jwt)[0] == 200
            assert me(port, jwt[:-4] + "AAAA")[0] == 401
            assert count(on_postgresql, used) == before
        finally:
            postgresql.read_only(False)
        assert me(port, jwt)[0] == 200
        assert count(on_postgresql, used) == before + 1


def count(variables, sql):
    code = f"from django.db import connection as c; u=c.cursor(); u.execute({sql!r}); "
    return int(run(variables, code + "print(u.fetchone()[0])").splitlines()[-1])


# SIGKILL ------------------------------------------------------------------------------------


class Browser:
    """As much of one as signing in and sending a form needs."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def request(self, method, path, form=None):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            form = urlencode(form | {"csrfmiddlewaretoken": self.cookies["csrftoken"]})
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self.port}",
            }
        try:
            connection.request(method, path, form, headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return answer.status, body

    def sign_in(self):
        self.request("GET", "/login/")
        form = {"username": "admin@acme.test", "password": PASSWORD}
        assert self.request("POST", "/login/", form)[0] == 302

    def generate(self, name):
        form = {"name": name, "kind": "never-ending", "request_id": str(uuid4())}
        return self.request("POST", "/security-settings/api/generate/", form)[0]


WHOLE = """
SELECT
  (SELECT count(*) FROM apitokens_apitoken) =
  (SELECT count(*) FROM apitokens_credential) AND
  (SELECT count(*) FROM apitokens_apitoken) =
  (SELECT count(*) FROM apitokens_apitokenevent WHERE kind = 'created') AND
  (SELECT count(*) FROM apitokens_apitoken t WHERE NOT EXISTS
    (SELECT 1 FROM apitokens_credential c WHERE c.token_id = t.id) OR NOT EXISTS
    (SELECT 1 FROM apitokens_apitokenevent e WHERE e.token_public_id = t.public_id)) = 0
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_worker_killed_while_it_creates_leaves_all_rows_or_none(request, tmp_path, engine):
    if engine == "sqlite":
        variables = prepared(f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path)
    else:
        variables = request.getfixturevalue("on_postgresql")
    outcomes = {"made": 0, "cut": 0}
    with portal(variables, workers=2) as port:
        browser = Browser(port)
        browser.sign_in()
        stop = []

        def keep_generating():
            number = 0
            while not stop:
                number += 1
                try:
                    made = browser.generate(f"kill {engine} {number}") == 200
                    outcomes["made" if made else "cut"] += 1
                except (OSError, HTTPException):
                    outcomes["cut"] += 1

        thread = Thread(target=keep_generating)
        thread.start()
        for _ in range(25):
            time.sleep(random.uniform(0.02, 0.9))  # anywhere in a worker's first requests
            for pid in workers_of(port):
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: get(port, "/healthz")[0] == 200)
        stop.append(True)
        thread.join(timeout=20)
    assert outcomes["made"] > 5
    assert outcomes["cut"] > 5
    whole = f"SELECT CASE WHEN ({WHOLE}) THEN 1 ELSE 0 END"
    assert count(variables, whole) == 1
    if engine == "sqlite":
        check = sqlite3.connect(tmp_path / "db.sqlite3").execute("PRAGMA integrity_check")
        assert check.fetchone() == ("ok",)
