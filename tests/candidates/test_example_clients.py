"""The example clients of the docs, run as they are, also where answers get lost."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager
from email.utils import formatdate
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from candidates.models import Candidate, Package
from tests.candidates.test_pages_paging import add_many

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = settings.BASE_DIR / "docs" / "examples"
PERSON = ["Meera Krishnan", "9876543210", "meera@example.com"]


@pytest.fixture(params=["client.py", "client.mjs"])
def client(request, jwt):
    """Runs the program; what it printed."""
    if request.param.endswith(".py"):
        command = [sys.executable]
    elif (node := shutil.which("node")) is None:
        assert not os.environ.get("CI"), "CI installs node: no example goes unrun there"
        pytest.skip("node is not installed")  # a developer may be without; CI is not, see above
    else:
        command = [node]

    def run(base, token=jwt, ok=True):
        done = subprocess.run(
            [*command, EXAMPLES / request.param, *PERSON], env={"BASE": base, "TOKEN": token},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == ok, done.stderr
        return done.stdout if ok else done.stderr

    return run


@contextmanager
def faulty(base, faults):
    """A proxy before *base* that plays *faults*, one a call, and then passes everything on.

    A number is answered instead of asking, alone or with its Retry-After; "lost" asks, and loses
    the answer.
    """
    left, target = deque(faults), urlsplit(base)

    class Proxy(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = left.popleft() if left else None
            if isinstance(fault, (int, tuple)):
                status, wait = fault if isinstance(fault, tuple) else (fault, "1")
                self.send_response(status)
                self.send_header("Retry-After", wait)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            connection = HTTPConnection(target.hostname, target.port, timeout=60)
            del self.headers["Host"]
            headers = {**self.headers, "Host": target.netloc}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            content = response.read()
            connection.close()
            if fault == "lost":
                self.close_connection = True
                return
            self.send_response(response.status)
            for name in ("Content-Type", "Retry-After"):
                if name in response.headers:
                    self.send_header(name, response.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not left


def test_it_adds_somebody_and_walks_over_all(client, live_server, admin, subtype):
    others = add_many(admin, subtype, 4)
    first, *lines = client(live_server.url).splitlines()
    added = Candidate.objects.get(phone=PERSON[1])
    assert json.loads(first)["candidate_id"] == added.pk
    assert json.loads(first)["added_by"] == "API(Greenhouse sync)"
    assert lines == [f"{pk} Awaiting input" for pk in [added.pk, *others[::-1]]]


def test_lost_answers_and_busy_servers_add_nobody_twice(client, live_server, subtype):
    with faulty(live_server.url, ["lost", 429, None, "lost", 503, "lost"]) as base:
        client(base)
    assert Candidate.objects.count() == 1
    assert Package.objects.get().credits == 999


@pytest.mark.parametrize("wait", ["", "soon", "-5", "Fri, 31 Feb 2026 10:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_no_end(client, live_server, subtype, wait):
    with faulty(live_server.url, [(503, wait), (429, wait)]) as base:
        client(base)
    assert Candidate.objects.count() == 1


def test_a_retry_after_that_is_a_date_is_waited_for(client, live_server, subtype):
    began = time.time()
    then = formatdate(began + 3, usegmt=True)
    past = "Thu, 01 Jan 1970 00:00:00 GMT"
    with faulty(live_server.url, [(503, then), (503, past)]) as base:
        client(base)
    assert time.time() >= began + 2
    assert Candidate.objects.count() == 1


def test_a_refusal_is_told_at_once(client, live_server, subtype):
    Package.objects.update(credits=0)
    assert "422 No credits left." in client(live_server.url, ok=False)
    assert "401 A valid API token is needed." in client(live_server.url, token="x", ok=False)
