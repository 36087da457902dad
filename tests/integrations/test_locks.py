"""Two workers at once, on a database with locks of rows: none takes what another has."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations.inbound.contract import Limit
from integrations.inbound.limiting import take_turn
from integrations.models import Connection, Delivery
from integrations.outbound.claiming import claim
from tests.integrations.conftest import add
from tests.integrations.inbound.conftest import make_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def begun(act):
    """*act* in a transaction of another worker, which is told when it may end; that worker."""
    has_begun, may_end = Event(), Event()

    def work():
        with transaction.atomic():
            act()
            has_begun.set()
            may_end.wait(30)
        connection.close()

    worker = Thread(target=work)
    worker.start()
    assert has_begun.wait(30)
    worker.end = may_end.set
    return worker


def test_what_one_worker_is_about_to_take_no_other_takes(hook, admin, subtype):
    for number in range(3):
        add(admin, subtype, email=f"r{number}@x.in", phone=f"987654321{number}")
    mine, theirs = [], []
    worker = begun(lambda: mine.extend(claim(8, 4)))
    other = Thread(target=lambda: [theirs.extend(claim(8, 4)), connection.close()])
    other.start()
    other.join(2)  # one that waits for the rows would have them afterwards
    worker.end()
    worker.join()
    other.join()
    assert (len(mine), theirs) == (3, [])
    assert set(Delivery.objects.values_list("lease", flat=True)) == {mine[0].lease}


def test_calls_of_two_workers_count_as_two(admin):
    row, limit, started = make_connection(admin), Limit(calls=20, seconds=100), timezone.now()
    worker = begun(lambda: take_turn(row.pk, limit))
    other = Thread(target=lambda: [take_turn(row.pk, limit), connection.close()])
    other.start()
    other.join(1)
    worker.end()
    worker.join()
    other.join()
    used_until = Connection.objects.get(pk=row.pk).used_until
    assert used_until - started > timedelta(seconds=19)  # ten for each
