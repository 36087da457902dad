"""10,000 events to 20 endpoints, of which one hangs and one fails: how long all others take.
`make load-webhooks` (EVENTS=10000 WORKERS=2). Prints what was measured.
"""

import json
import os
import ssl
import subprocess
import sys
import time
from http.client import HTTPSConnection

import pytest

from tests.certificates import certificates
from tests.servers import ROOT, PostgreSQL, environment, manage, run, wait_for

EVENTS = int(os.environ.get("EVENTS", "10000"))
WORKERS = int(os.environ.get("WORKERS", "2"))
ENDPOINTS = 20
BOUND = 60
"""Seconds for those that work, on two cores."""
OTHERS = {"/hangs": 1, "/fails": 1}

PREPARE = """
from django.utils import timezone
from accounts.models import Company
from integrations.models import Delivery, Endpoint, WebhookEvent
from integrations.outbound.endpoints import give_secret
from integrations.outbound.payload import test_body
now = timezone.now()
paths = ["/hangs", "/fails", *(f"/{{n}}" for n in range({endpoints} - 2))]
for number, path in enumerate(paths):
    company = Company.objects.create(name=path, slug=f"company-{{number}}")
    endpoint = Endpoint.objects.create(
        company=company, url=f"https://localhost:{port}{{path}}", events="case.completed"
    )
    give_secret(endpoint)
    events = WebhookEvent.objects.bulk_create(
        WebhookEvent(company=company, type="webhook.test", sequence=0, body=test_body(now))
        for _ in range({events} // {endpoints})
    )
    Delivery.objects.bulk_create(
        Delivery(event=event, endpoint=endpoint, next_attempt_at=now) for event in events
    )
"""


@pytest.fixture
def sink():
    authority, own = certificates()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.sink", own], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    port = int(process.stdout.readline())
    context = ssl.create_default_context(cafile=authority)

    def counts():
        connection = HTTPSConnection("localhost", port, context=context, timeout=30)
        connection.request("GET", "/")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    yield port, counts
    process.terminate()
    process.wait()
    process.stdout.close()


def test_one_that_hangs_and_one_that_fails_delay_no_other(tmp_path, sink):
    port, counts = sink
    engine = PostgreSQL(tmp_path)
    variables = environment(
        engine.url, tmp_path, WEBHOOK_NETWORKS="127.0.0.0/8,::1/128", WEBHOOK_PORTS=str(port),
        REQUESTS_CA_BUNDLE=certificates()[0],
    )  # fmt: skip
    manage(variables, "migrate", "--verbosity", "0")
    run(variables, PREPARE.format(endpoints=ENDPOINTS, events=EVENTS, port=port))
    each = EVENTS // ENDPOINTS
    command = [sys.executable, "manage.py", "deliver_webhooks", "--loop"]
    started = time.monotonic()
    workers = [subprocess.Popen(command, cwd=ROOT, env=variables) for _ in range(WORKERS)]

    def arrived():
        found = counts()
        return sum(count for path, count in found.items() if path not in OTHERS)

    try:
        wait_for(lambda: arrived() >= each * (ENDPOINTS - 2), BOUND * 10)
        seconds = time.monotonic() - started
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(60)
        engine.close()
    found = counts()
    good = each * (ENDPOINTS - 2)
    load = os.getloadavg()[0]
    print(f"\n{good} messages to {ENDPOINTS - 2} endpoints by {WORKERS} workers: {seconds:.1f} s,"
          f" {good / seconds:.0f} a second; meanwhile {found.get('/hangs', 0)} to one that hangs,"
          f" {found.get('/fails', 0)} to one that fails; load average {load:.1f}")  # fmt: skip
    assert arrived() == good
    assert seconds < BOUND
