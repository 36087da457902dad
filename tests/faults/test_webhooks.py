"""The webhook worker with real processes: killed, told to end, two at once, without a database."""

import random
import signal
import subprocess
import sys
import time

import pytest

from tests.certificates import certificates
from tests.integrations.receiver import receiver
from tests.servers import ROOT, PostgreSQL, manage, migrated, run, wait_for

EVENTS = 150
KILLS = 4
THREADS = 4
PREPARE = """
from accounts.models import Company
from integrations.models import Endpoint
from integrations.outbound.endpoints import give_secret
acme = Company.objects.create(name="Acme Corp", slug="acme")
endpoint = Endpoint.objects.create(company=acme, url={url!r}, events="case.completed")
print(give_secret(endpoint))
"""
EVENTS_OF = """
from django.utils import timezone
from integrations.models import Delivery, Endpoint, WebhookEvent
from integrations.outbound.payload import test_body
endpoint, now = Endpoint.objects.get(), timezone.now()
events = WebhookEvent.objects.bulk_create(
    WebhookEvent(company=endpoint.company, type="webhook.test", sequence=0, body=test_body(now))
    for _ in range({count})
)
Delivery.objects.bulk_create(
    Delivery(event=event, endpoint=endpoint, next_attempt_at=now) for event in events
)
print(" ".join(event.message_id for event in events))
"""
A_MINUTE_LATER = """
from django.utils import timezone
from integrations.models import Delivery
held = Delivery.objects.filter(state="pending").exclude(lease="")
print(held.update(lease_until=timezone.now(), next_attempt_at=timezone.now()))
"""
STATES = """
from django.db.models import Count
from integrations.models import Delivery
print(dict(Delivery.objects.order_by().values_list("state").annotate(Count("pk"))),
      Delivery.objects.exclude(lease="").count())
"""


@pytest.fixture
def customer():
    with receiver() as server:
        yield server


def prepared(database_url, folder, customer):
    """(variables, secret) of a portal with one endpoint at *customer*."""
    variables = migrated(
        database_url, folder, WEBHOOK_NETWORKS="127.0.0.0/8,::1/128",
        WEBHOOK_PORTS=str(customer.server_port), REQUESTS_CA_BUNDLE=certificates()[0],
    )  # fmt: skip
    secret = run(variables, PREPARE.format(url=f"{customer.url}/")).splitlines()[-1]
    return variables, secret


def happened(variables, count=EVENTS):
    return run(variables, EVENTS_OF.format(count=count)).splitlines()[-1].split()


def worker(variables):
    command = [sys.executable, "manage.py", "deliver_webhooks", "--loop", "--threads", str(THREADS)]
    return subprocess.Popen(command, cwd=ROOT, env=variables)


def states(variables):
    return run(variables, STATES).splitlines()[-1]


def slowly(handler):
    time.sleep(0.02)  # so that a worker can be killed while it waits
    return 204, {}, b""


def test_killed_anywhere_nothing_is_lost_and_repeats_have_the_same_id(database, tmp_path, customer):
    variables, secret = prepared(database, tmp_path, customer)
    customer.answers["/"] = slowly
    ids, chance, kills = happened(variables), random.Random(7), 0
    while kills < KILLS and len(set(customer.ids())) < EVENTS:
        before, process = len(customer.got), worker(variables)
        wait_for(lambda before=before: len(customer.got) > before, 60)
        time.sleep(chance.uniform(0, 0.6))  # anywhere
        process.kill()
        process.wait()
        kills += 1
        run(variables, A_MINUTE_LATER)
    manage(variables, "deliver_webhooks")
    assert kills == KILLS
    assert sorted(set(customer.ids())) == sorted(ids)
    assert len(customer.verified(secret)) == len(customer.got)
    assert len(customer.got) - EVENTS <= kills * 2 * THREADS
    assert states(variables) == f"{{'delivered': {EVENTS}}} 0"


def test_told_to_end_it_finishes_what_it_has_and_leaves_nothing_taken(database, tmp_path, customer):
    variables, _secret = prepared(database, tmp_path, customer)
    customer.answers["/"] = 1.5
    happened(variables, 20)
    process = worker(variables)
    wait_for(lambda: len(customer.got) >= THREADS, 60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    sent = len(customer.got)
    assert sent < 20
    assert states(variables) in {
        f"{{'delivered': {sent}, 'pending': {20 - sent}}} 0",
        f"{{'pending': {20 - sent}, 'delivered': {sent}}} 0",
    }


def test_two_workers_beside_each_other_send_nothing_twice(database, tmp_path, customer):
    variables, _secret = prepared(database, tmp_path, customer)
    ids = happened(variables)
    both = [worker(variables), worker(variables)]
    try:
        wait_for(lambda: len(set(customer.ids())) == EVENTS, 120)
        time.sleep(1)  # time for a repeat
    finally:
        for process in both:
            process.terminate()
    assert [process.wait(40) for process in both] == [0, 0]
    assert sorted(customer.ids()) == sorted(ids)


def test_a_database_that_goes_away_is_waited_for(tmp_path, customer):
    engine = PostgreSQL.migrated(tmp_path)
    variables, _secret = prepared(engine.url, tmp_path, customer)
    customer.answers["/"] = slowly
    ids = happened(variables)
    process = worker(variables)
    try:
        wait_for(lambda: len(customer.got) > 20, 60)
        engine.stop()
        time.sleep(2)
        assert process.poll() is None
        engine.start()
        wait_for(lambda: run(variables, A_MINUTE_LATER) and set(customer.ids()) == set(ids), 120)
    finally:
        process.terminate()
        assert process.wait(40) == 0
        engine.close()
    assert set(customer.ids()) == set(ids)
