"""The work behind a confirmed file: whole or not at all, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apitokens.attribution import Actor
from candidates import tasks
from candidates.models import BulkImport, Candidate, CreditEntry, LogEntry, Package
from candidates.services import bulk_work
from candidates.services.bulk_work import Lost, add_all, note_invited, take
from tests.candidates.bulk import ANANYA, PEOPLE, added, later, person, reviewed, url, work
from tests.candidates.conftest import add

pytestmark = pytest.mark.django_db


def nothing_written(subtype, others=0):
    credits = Package.objects.get(pk=subtype.package_id).credits
    counts = {Candidate.objects.count(), CreditEntry.objects.count(), 1000 - credits}
    return counts == {others}


def test_a_confirmed_file_waits_for_its_worker(admin_client, queued, subtype, mailoutbox):
    assert nothing_written(subtype)
    assert "Waiting for a worker" in admin_client.get(url("progress")).content.decode()
    work(queued)
    assert (queued.state, Candidate.objects.count(), len(mailoutbox)) == ("done", 25, 25)


def test_woken_again_it_does_nothing_more(queued, mailoutbox):
    for _time in range(3):
        work(queued)
    later()
    work(queued)
    assert (Candidate.objects.count(), len(mailoutbox)) == (25, 25)


def test_a_file_that_is_not_confirmed_is_not_worked_on(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    work(bulk)
    assert (bulk.state, Candidate.objects.count()) == ("review", 0)


def test_a_second_worker_leaves_it_to_the_first(queued):
    assert take(str(queued.pk))
    assert take(str(queued.pk)) is None


def test_one_that_lost_the_file_writes_nothing(queued, subtype):
    first = take(str(queued.pk))
    later()
    second = take(str(queued.pk))
    with pytest.raises(Lost):
        add_all(first)
    assert nothing_written(subtype)
    add_all(second)
    assert Candidate.objects.count() == 25
    with pytest.raises(Lost):
        note_invited(first, 10, failed=0)


def test_an_error_in_the_middle_of_writing_leaves_nothing_and_it_begins_again(
    queued, subtype, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr("candidates.services.add.record_all", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.rows.count()) == ("adding", 25)
    assert nothing_written(subtype)
    work(queued)
    assert nothing_written(subtype)  # the lease of the one that died has not ended
    later()
    work(queued)
    assert (queued.state, Candidate.objects.count()) == ("done", 25)


def test_a_worker_that_dies_between_links_sends_the_others_when_it_begins_again(
    queued, mailoutbox, monkeypatch
):
    real, left = tasks.send_invitation, [13]

    def die(*args):
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit  # as a worker that is told to end at once
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "send_invitation", die)
        with pytest.raises(SystemExit):
            work(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.done, len(mailoutbox)) == ("inviting", 10, 13)
    later()
    work(queued)
    assert (queued.state, queued.done, queued.unsent) == ("done", 25, 0)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(row[2] for row in PEOPLE)
    assert LogEntry.objects.filter(kind="invited").count() == 25


def test_somebody_added_elsewhere_meanwhile_gives_the_whole_file_back(
    admin_client, queued, admin, subtype
):
    add(admin, subtype, email=PEOPLE[3][2])
    work(queued)
    assert nothing_written(subtype, others=1)
    assert (queued.state, queued.confirmed_at) == ("review", None)
    text = admin_client.get(url("review")).content.decode()
    assert "Some were added elsewhere by now. Nothing was added." in text
    row = queued.rows.get(state="duplicate")
    assert (row.number, row.errors) == (
        5,
        {"email": ["An unfinished case already has this e-mail"]},
    )
    added(admin_client, queued)
    work(queued)
    assert Candidate.objects.count() == 25


def test_somebody_added_in_the_same_moment_gives_it_back_too(queued, admin, subtype, monkeypatch):
    """After it was asked and before it is written: the database's constraint says so."""
    add(admin, subtype, email=PEOPLE[3][2])
    with monkeypatch.context() as patch:
        patch.setattr(bulk_work, "settle_rows", lambda company, rows: None)
        bulk_work.add_all(take(str(queued.pk)))
    queued.refresh_from_db()
    assert nothing_written(subtype, others=1)
    assert (queued.state, queued.problem) == ("review", "Some were added elsewhere by now")


def test_credits_that_went_meanwhile_give_it_back(admin_client, queued):
    Package.objects.update(credits=24)
    work(queued)
    assert (queued.state, Candidate.objects.count()) == ("review", 0)
    assert queued.problem == "The package has fewer credits by now"
    assert Package.objects.get().credits == 24
    assert admin_client.get(url("confirm")).context["missing"] == 1


@pytest.mark.parametrize("how", ["gone", "not offered"])
def test_a_package_that_went_meanwhile_gives_it_back(queued, subtype, how):
    if how == "gone":
        subtype.delete()
    else:
        Package.objects.update(is_active=False)
    work(queued)
    assert (queued.state, queued.problem) == ("review", "The package is not offered any more")
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("how", ["disabled", "elsewhere", "company"])
def test_whoever_may_not_any_more_adds_nobody(queued, admin, globex, how):
    if how == "company":
        type(admin.company).objects.filter(pk=admin.company_id).update(is_active=False)
    changes = {"disabled": {"is_active": False}, "elsewhere": {"company": globex}, "company": {}}
    type(admin).objects.filter(pk=admin.pk).update(**changes[how])
    work(queued)
    assert (queued.state, Candidate.objects.count()) == ("review", 0)
    assert queued.problem == "Who confirmed it can’t sign in any more"


def test_links_are_not_sent_for_whoever_left_meanwhile(queued, admin, mailoutbox):
    add_all(take(str(queued.pk)))
    type(admin).objects.filter(pk=admin.pk).update(is_active=False)
    later()
    work(queued)
    assert (queued.state, queued.unsent, mailoutbox) == ("done", 25, [])


# Begin again --------------------------------------------------------------------------------------
def test_work_that_stopped_is_said_and_begins_again_with_a_click(admin_client, queued, subtype):
    admin_client.post(url("progress"))
    assert nothing_written(subtype)  # it is not late yet: the worker may come
    later()
    page = admin_client.get(url("progress")).content.decode()
    assert "The work has stopped" in page
    assert "Begin again" in page
    assert admin_client.get(url("status")).json()["key"] == "queued-stalled"
    admin_client.post(url("progress"))
    assert Candidate.objects.count() == 25


def test_a_command_takes_up_what_stopped(queued):
    def resume():
        out = StringIO()
        call_command("candidates_resume", stdout=out)
        return out.getvalue().splitlines()[-1]

    assert resume() == "0 files go on."
    later()
    assert resume() == "1 files go on."
    assert Candidate.objects.count() == 25
    assert resume() == "0 files go on."


def test_a_file_that_nobody_confirmed_goes_after_a_week_and_one_that_is_done_after_a_year(
    admin_client, subtype
):
    def prune(**options):
        out = StringIO()
        call_command("candidates_prune", stdout=out, **options)
        return [line for line in out.getvalue().splitlines() if "files of candidates" in line]

    added(admin_client, reviewed(admin_client, subtype))
    left = reviewed(admin_client, subtype, [person(1)])
    assert prune() == ["Deleted 0 files of candidates."]
    BulkImport.objects.update(updated_at=timezone.now() - timedelta(days=8))
    assert prune(dry_run=True) == ["Would delete 1 files of candidates."]
    assert prune() == ["Deleted 1 files of candidates."]
    assert not BulkImport.objects.filter(pk=left.pk).exists()
    BulkImport.objects.update(updated_at=timezone.now() - timedelta(days=366))
    assert prune() == ["Deleted 1 files of candidates."]
    assert Candidate.objects.count() == 2


def test_work_that_stopped_is_never_pruned(queued):
    BulkImport.objects.update(updated_at=timezone.now() - timedelta(days=400))
    call_command("candidates_prune", stdout=StringIO())
    assert BulkImport.objects.get().rows.count() == 25


def test_a_company_goes_with_its_files(queued, acme):
    acme.delete()
    assert not BulkImport.objects.exists()


# Progress -----------------------------------------------------------------------------------------
def test_the_progress_counts_links_as_they_go(admin_client, queued, monkeypatch):
    seen, real = [], tasks.send_invitation

    def send(*args):
        seen.append(admin_client.get(url("status", queued)).json())
        return real(*args)

    monkeypatch.setattr(tasks, "send_invitation", send)
    work(queued)
    assert {status["key"] for status in seen} == {"inviting"}
    assert [status["done"] for status in seen] == [0] * 10 + [10] * 10 + [20] * 5
    assert {(status["total"], status["busy"], status["known"]) for status in seen} == {
        (25, True, True)
    }
    status = admin_client.get(url("status", queued)).json()
    assert (status["key"], status["busy"], status["links"]) == ("done", False, 25)


@pytest.mark.parametrize("state", ["queued", "adding", "inviting"])
def test_without_a_script_the_page_asks_anew_until_it_is_done(admin_client, queued, state):
    BulkImport.objects.update(state=state)
    busy = admin_client.get(url("progress")).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in busy
    assert f'data-bulk-status="{url("status")}"' in busy
    BulkImport.objects.update(state="done")
    done = admin_client.get(url("progress")).content.decode()
    assert "refresh" not in done
    assert "data-bulk-status" not in done


def test_asking_for_the_progress_is_no_activity(admin_client, queued):
    from accounts.security.middleware import BACKGROUND

    assert "candidates:bulk-status" in BACKGROUND
    response = admin_client.get(url("status"))
    assert "no-store" in response["Cache-Control"]


def test_what_is_queued_holds_no_personal_data(queued, settings):
    from django_tasks_db.models import DBTaskResult

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    tasks.wake(queued)
    assert DBTaskResult.objects.get().args_kwargs == {"args": [str(queued.pk)], "kwargs": {}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_parallel_workers_add_a_file_once(queued):
    def race(_number):
        try:
            tasks.add_bulk.call(str(queued.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(race, range(4)))
    assert Candidate.objects.count() == 25
    assert LogEntry.objects.filter(kind="invited").count() == 25


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_files_at_once_never_take_more_credits_than_there_are(asleep, admin_client, subtype):
    Package.objects.update(credits=30)
    files = [
        reviewed(admin_client, subtype, [person(number) for number in range(first, first + 20)])
        for first in (100, 200, 300)
    ]
    for bulk in files:
        added(admin_client, bulk)

    def race(bulk):
        try:
            tasks.add_bulk.call(str(bulk.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(race, files))
    assert Candidate.objects.count() == CreditEntry.objects.count() == 20
    assert Package.objects.get().credits == 10
    assert sorted(BulkImport.objects.values_list("state", flat=True)) == [
        "done",
        "review",
        "review",
    ]


def test_an_actor_that_can_not_be_read_stops_the_work(queued):
    """Rather than that somebody is added by nobody."""
    BulkImport.objects.update(actor=Actor().dump())
    work(queued)
    assert queued.state == "review"
    assert take(str(uuid4())) is None


def test_the_mail_of_a_file_says_what_that_of_a_single_candidate_says(queued, mailoutbox):
    work(queued)
    first = mailoutbox[0]
    assert "Acme Corp" in first.subject
    assert "http://testserver/" in first.body
    assert ANANYA[0] not in first.body
