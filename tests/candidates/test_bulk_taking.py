"""Who works on a confirmed file: one worker, for as long as its lease, and nobody after it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone

from apitokens.attribution import Actor
from candidates import tasks
from candidates.models import BulkImport, Candidate, CreditEntry, LogEntry, Package
from candidates.services import bulk_work
from candidates.services.bulk_work import Lost, add_all, take
from candidates.services.erasure import erase
from tests.candidates.bulk import ANANYA, ROHAN, added, later, reviewed, url, work

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_nobody_takes_a_file_while_its_people_are_written(queued, monkeypatch):
    """Its lease may have ended: whoever comes then waits, and finds them there."""
    real, writing, written = bulk_work.add_candidates, Event(), Event()

    def slowly(**kwargs):
        writing.set()
        written.wait(10)
        return real(**kwargs)

    def alone(act, *args):
        try:
            return act(*args)
        finally:
            connection.close()

    monkeypatch.setattr(bulk_work, "add_candidates", slowly)
    first = take(str(queued.pk))
    later()
    with ThreadPoolExecutor(2) as pool:
        adding = pool.submit(alone, add_all, first)
        assert writing.wait(10)
        second = pool.submit(alone, take, str(queued.pk))
        with pytest.raises(TimeoutError):
            second.result(timeout=1)
        written.set()
        adding.result(timeout=20)
        assert second.result(timeout=10).state == "inviting"
    assert Candidate.objects.count() == 25


def test_a_file_that_no_worker_ever_takes_is_said_to_have_stopped(admin_client, queued):
    with time_machine.travel(timezone.now() + BulkImport.LEASE + timedelta(seconds=1)):
        text = admin_client.get(url("progress")).content.decode()
    assert "The work has stopped" in text


def test_a_worker_has_a_file_for_as_long_as_the_lease_from_when_it_took_it(queued):
    later()
    assert take(str(queued.pk))
    assert take(str(queued.pk)) is None


@pytest.mark.parametrize("state", ["columns", "review", "done"])
def test_what_is_not_at_work_is_taken_by_nobody_whatever_its_lease_says(queued, state):
    BulkImport.objects.update(state=state)
    later()
    assert take(str(queued.pk)) is None


def test_each_note_of_the_progress_lengthens_the_lease(queued, monkeypatch):
    real, leases = tasks.send_invitation, []

    def send_slowly(*args):
        leases.append(BulkImport.objects.get().lease_until > timezone.now())
        later()
        return real(*args)

    monkeypatch.setattr(tasks, "send_invitation", send_slowly)
    work(queued)
    assert leases == [number % tasks.AT_ONCE == 0 for number in range(25)]


def test_a_worker_that_loses_the_file_ends_quietly(queued, mailoutbox, monkeypatch):
    real = tasks.add_all

    def too_slow(bulk):
        later()
        take(str(bulk.pk))
        real(bulk)

    monkeypatch.setattr(tasks, "add_all", too_slow)
    work(queued)
    assert (queued.state, Candidate.objects.count(), len(mailoutbox)) == ("adding", 0, 0)


def test_nobody_is_added_a_second_time_by_the_worker_that_added_them(queued):
    mine = take(str(queued.pk))
    add_all(mine)
    with pytest.raises(Lost):
        add_all(mine)
    queued.refresh_from_db()
    assert (queued.added, len(queued.uninvited), Candidate.objects.count()) == (25, 25, 25)


@pytest.mark.django_db(transaction=True)
def test_an_error_behind_the_adding_takes_it_back(queued, subtype, monkeypatch):
    real = bulk_work.add_candidates

    def add_and_fail(**kwargs):
        real(**kwargs)
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(bulk_work, "add_candidates", add_and_fail)
    with pytest.raises(DatabaseError):
        work(queued)
    counts = {Candidate.objects.count(), CreditEntry.objects.count(), LogEntry.objects.count()}
    assert counts == {0}
    assert Package.objects.get(pk=subtype.package_id).credits == 1000
    assert queued.rows.count() == 25


def test_whoever_is_erased_before_their_link_goes_gets_none(queued, admin, mailoutbox):
    add_all(take(str(queued.pk)))
    erased = Candidate.objects.earliest("pk")
    erase(candidate=erased, actor=Actor(admin))
    later()
    work(queued)
    assert (queued.state, queued.unsent, len(mailoutbox)) == ("done", 0, 24)
    assert not erased.log.filter(kind="invited").exists()


def test_only_those_with_an_e_mail_are_counted_among_the_links(admin_client, acme, subtype):
    type(acme).objects.update(email_required=False)
    bulk = reviewed(admin_client, subtype, [[*ANANYA[:2], "", "", ""], ROHAN])
    added(admin_client, bulk)
    assert (bulk.added, bulk.total, bulk.done) == (2, 1, 1)
