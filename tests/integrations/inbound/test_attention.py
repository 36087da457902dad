"""Whoever waits: found, tried again all at once by the worker, dismissed and brought back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Package
from integrations.inbound import editing
from integrations.inbound.importing import take
from integrations.inbound.leases import LEASE
from integrations.inbound.retrying import AT_ONCE
from integrations.inbound.worker import sweep
from integrations.models import Connection, ImportedRecord
from tests.integrations.inbound.conftest import due_now, make_connection, records
from tests.integrations.inbound.stubs import GreytHRStub, answer, running
from tests.integrations.inbound.test_importing import somebody
from tests.integrations.inbound.test_pages import text

pytestmark = pytest.mark.django_db
ATTENTION, ENDED = "/integrations/attention/", "/integrations/attention/ended/"
JOINS = "2030-01-01"
RETRY_ALL = "/integrations/attention/retry/"


def wait(connection, *keys, **fields):
    return [take(connection, somebody(key, **{"phone": "080", **fields})) for key in keys]


def names(response):
    rows = response.context["rows"] if "rows" in response.context else response.context["page"]
    return [(row[0] if isinstance(row, tuple) else row).external_id for row in rows]


# Found --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("meera", ["77"]), ("IYER", ["77"]), ("meera@", ["77"]), ("77", ["77"]), ("7", ["77"]),
        ("अनन्या", ["8"]), ("retyped", ["9"]), ("nobody", []), ("%", []), ("_", []),
        ("", ["9", "8", "77"]), ("\0", ["9", "8", "77"]), ("x" * 500, ["9", "8", "77"]),
    ],
)  # fmt: skip
def test_somebody_is_found_by_name_mail_or_id(admin_client, connection, asked, found):
    wait(connection, "77", name="Meera Iyer", email="meera@x.in")
    wait(connection, "8", name="अनन्या", email="b@x.in")
    [row] = wait(connection, "9", name="Somebody Else", email="c@x.in")
    editing.edit(row.pk, {"name": "Retyped Here"})
    assert names(admin_client.get(ATTENTION, {"q": asked})) == found


def test_nobody_of_another_company_is_found(other_admin_client, connection):
    wait(connection, "77", name="Meera Iyer")
    assert names(other_admin_client.get(ATTENTION, {"q": "Meera"})) == []


def test_the_next_page_keeps_what_was_searched(admin_client, connection):
    wait(connection, *map(str, range(30)), name="Meera Iyer")
    wait(connection, "x", name="Another")
    page = admin_client.get(ATTENTION, {"q": "meera"})
    assert len(names(page)) == 25
    following = admin_client.get(page.context["next_url"])
    assert len(names(following)) == 5
    assert "x" not in names(following)


# Tried again, all ---------------------------------------------------------------------------


def test_all_are_tried_again_by_the_worker_and_not_in_the_request(
    admin_client, connection, talentlyft
):
    wait(connection, "1", "2", "3")
    talentlyft.people = [talentlyft.person(1), talentlyft.person(2)]
    page = admin_client.post(RETRY_ALL, follow=True)
    assert "3 are tried again in a moment." in text(page)
    assert text(page).count("Is tried again") == 3
    assert talentlyft.asked == []
    Connection.objects.update(next_poll_at=None)
    assert sweep().added == 2
    assert [row.state for row in records()] == ["added", "added", "dismissed"]  # 3 is gone there
    jobs = [path for path in talentlyft.asked if path.startswith("/v2/jobs")]
    assert len(jobs) == 1  # one connector for all of them
    assert not records(retry_at__isnull=False)


def test_only_those_of_the_filter_are_tried(admin_client, connection):
    wait(connection, "1", name="Meera Iyer")
    wait(connection, "2", name="Rohan Gupta")
    page = admin_client.get(ATTENTION, {"q": "rohan", "reason": "phone"})
    assert "Retry these" in text(page)
    assert '<input type="hidden" name="q" value="rohan">' in text(page)
    admin_client.post(RETRY_ALL, {"q": "rohan", "reason": "phone"})
    assert [row.external_id for row in records(retry_at__isnull=False)] == ["2"]


def test_nobody_else_is_tried(admin_client, other_admin_client, connection):
    wait(connection, "1", "2")
    ImportedRecord.objects.filter(external_id="2").update(state="dismissed", reason="")
    other_admin_client.post(RETRY_ALL)
    assert not records(retry_at__isnull=False)
    admin_client.post(RETRY_ALL)
    assert [row.external_id for row in records(retry_at__isnull=False)] == ["1"]


def test_a_sweep_tries_so_many_and_the_next_the_rest(
    admin_client, connection, talentlyft, monkeypatch
):
    assert AT_ONCE == 200
    monkeypatch.setattr("integrations.inbound.retrying.AT_ONCE", 2)
    wait(connection, "1", "2", "3")
    talentlyft.people = [talentlyft.person(n) for n in (1, 2, 3)]
    Connection.objects.update(next_poll_at=None)
    admin_client.post(RETRY_ALL)
    assert [sweep().added for _ in range(3)] == [2, 1, 0]


def test_a_system_that_is_down_is_asked_once_and_whoever_waits_goes_on_waiting(
    admin_client, connection, talentlyft
):
    wait(connection, "1", "2", "3")
    Connection.objects.update(next_poll_at=None)
    admin_client.post(RETRY_ALL)
    talentlyft.break_next(answer({}, 401))
    sweep()
    assert len(talentlyft.asked) == 1
    assert [row.waits for row in records()] == [True] * 3
    assert not records(retry_at__isnull=False)


def test_a_system_that_asks_to_wait_is_asked_again_then(admin_client, connection, talentlyft):
    wait(connection, "1", "2")
    Connection.objects.update(next_poll_at=None)
    admin_client.post(RETRY_ALL)
    talentlyft.break_next(answer({}, 429, **{"Retry-After": "300"}))
    sweep()
    for row in records():
        left = row.retry_at - timezone.now()
        assert timedelta(seconds=290) < left <= timedelta(seconds=300)


def test_what_a_killed_worker_had_is_due_again(admin_client, connection, talentlyft, monkeypatch):
    wait(connection, "1")
    talentlyft.people = [talentlyft.person(1)]
    Connection.objects.update(next_poll_at=None)
    admin_client.post(RETRY_ALL)

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("integrations.inbound.retrying.retry", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep()
    assert sweep().added == 0  # it is the other worker's for two minutes
    assert timedelta(minutes=2) == LEASE
    ImportedRecord.objects.update(retry_at=timezone.now())
    assert sweep().added == 1


def test_a_fault_in_one_stops_no_other_company(
    admin_client, admin, other_admin, connection, talentlyft, monkeypatch, foreign_subtype
):
    other = make_connection(
        other_admin, name="Theirs", mapping={"stages": {"name:offer": foreign_subtype.pk}}
    )
    wait(connection, "1")
    wait(other, "1")
    Connection.objects.update(next_poll_at=None)
    editing.retry_all(ImportedRecord.objects.all())
    tried = []

    def broken(row, connector):
        tried.append(row.connection_id)
        raise ValueError("somebody's name")

    monkeypatch.setattr("integrations.inbound.retrying.retry", broken)
    sweep()
    assert tried == [connection.pk, other.pk]


def test_whoever_waits_for_credits_costs_a_system_that_is_down_one_call_a_sweep(
    connection, subtype, talentlyft
):
    Package.objects.update(credits=0)
    for key in ("1", "2", "3"):
        take(connection, somebody(key, email=f"a{key}@x.in", phone=f"987654321{key}"))
    assert {row.reason for row in records()} == {"credits"}
    Package.objects.update(credits=10)
    Connection.objects.update(next_poll_at=None)
    talentlyft.break_next(answer({}, 401))
    assert sweep().added == 0
    assert len(talentlyft.asked) == 1
    talentlyft.people = [talentlyft.person(key) for key in (1, 2, 3)]
    assert sweep().added == 3
    assert len([path for path in talentlyft.asked if "jobs" in path]) == 1


def test_whoever_came_by_messages_is_tried_without_the_credentials(
    admin_client, admin, subtype, settings
):
    connection = make_connection(
        admin, "greenhouse", mapping={"stages": {"hired": subtype.pk}, "default": subtype.pk}
    )
    row = take(connection, somebody(stages=("hired",), phone=""))
    ImportedRecord.objects.update(edits={"phone": "9876543210"})
    settings.MFA_SECRET_KEYS = ["another-" + "n" * 40]
    admin_client.post(RETRY_ALL)
    assert sweep().added == 1
    row.refresh_from_db()
    assert row.candidate is not None


# Dismissed and solved -----------------------------------------------------------------------


def dismissed(connection, key="1"):
    [row] = wait(connection, key)
    return editing.dismiss(row.pk)


def test_of_whoever_was_dismissed_the_number_is_listed(admin_client, connection):
    dismissed(connection, "4711")
    page = text(admin_client.get(ENDED))
    assert "4711" in page
    assert "Dismissed" in page
    assert "Ananya" not in page


def test_whoever_was_put_right_is_listed_and_whoever_came_at_once_is_not(admin_client, connection):
    [row] = wait(connection, "1")
    editing.edit(row.pk, {"phone": "9876543210"})
    take(connection, somebody("2", email="b@x.in", phone="9876543211"))
    assert Candidate.objects.count() == 2
    page = admin_client.get(ENDED)
    assert names(page) == ["1"]
    assert "Ananya Krishnan" in text(page)


def test_the_list_is_searched_and_paged_with_as_many_queries(
    admin_client, connection, django_assert_max_num_queries
):
    for number in range(30):
        dismissed(connection, f"{number:03}")
    with django_assert_max_num_queries(12):
        page = admin_client.get(ENDED)
    assert len(names(page)) == 25
    assert len(names(admin_client.get(page.context["next_url"]))) == 5
    assert names(admin_client.get(ENDED, {"q": "017", "reason": "phone"})) == ["017"]
    assert names(admin_client.get(ENDED, {"connection": connection.public_id, "q": "9"})) == []
    assert admin_client.get(ENDED, {"after": "x"}).status_code == 400


def test_brought_back_they_are_read_anew(admin_client, connection, talentlyft):
    row = dismissed(connection)
    talentlyft.people = [talentlyft.person(1)]
    response = admin_client.post(reverse("connections:back", args=[row.pk]), follow=True)
    assert "Ananya Krishnan is added." in text(response)
    assert Candidate.objects.count() == 1


def test_brought_back_while_the_system_is_down_they_wait(admin_client, connection, talentlyft):
    row = dismissed(connection)
    talentlyft.break_next(answer({}, 503))
    response = admin_client.post(reverse("connections:back", args=[row.pk]), follow=True)
    assert "does not answer" in text(response)
    assert names(admin_client.get(ATTENTION)) == ["1"]
    assert "what was known of them had been forgotten" in text(admin_client.get(ATTENTION))


def test_brought_back_whoever_is_no_longer_there_is_said_so(admin_client, connection, talentlyft):
    row = dismissed(connection)
    response = admin_client.post(reverse("connections:back", args=[row.pk]), follow=True)
    assert "1 is not to be imported any more" in text(response)
    row.refresh_from_db()
    assert row.state == "dismissed"


def test_brought_back_where_nobody_can_be_asked_for_the_next_poll_takes_them(
    admin_client, admin, subtype
):
    with running(GreytHRStub()) as greythr:
        greythr.people = [greythr.person(1, JOINS, mobile="080")]
        connection = make_connection(admin, "greythr", mapping={"stages": {"joiner": subtype.pk}})
        sweep()
        [row] = records()
        editing.dismiss(row.pk)
        greythr.people = [greythr.person(1, JOINS)]
        due_now()
        sweep()
        assert not Candidate.objects.exists()
        assert Connection.objects.get().cursor
        response = admin_client.post(reverse("connections:back", args=[row.pk]), follow=True)
        assert "still waits" in text(response)
        due_now(connection)
        sweep()
    assert Candidate.objects.count() == 1


def test_brought_back_and_typed_they_are_added(admin_client, admin, subtype):
    connection = make_connection(
        admin, "greenhouse", mapping={"stages": {"hired": subtype.pk}, "default": subtype.pk}
    )
    row = take(connection, somebody(stages=("hired",), phone=""))
    editing.dismiss(row.pk)
    admin_client.post(reverse("connections:back", args=[row.pk]))
    values = {"name": "Ananya", "email": "a1@example.in", "phone": "9876543210",
              "subtype": subtype.pk}  # fmt: skip
    admin_client.post(reverse("connections:edit", args=[row.pk]), values)
    assert Candidate.objects.get().name == "Ananya"


def test_only_whoever_is_dismissed_is_brought_back(admin_client, connection):
    [waiting] = wait(connection, "1")
    added = take(connection, somebody("2"))
    for row in (waiting, added):
        response = admin_client.post(reverse("connections:back", args=[row.pk]))
        assert response.status_code == 404
        assert editing.bring_back(row.pk).state == row.state


def test_another_companys_are_neither_listed_nor_brought_back(other_admin_client, connection):
    row = dismissed(connection)
    page = other_admin_client.get(ENDED)
    assert names(page) == []
    assert "Berlin office" not in text(page)
    assert other_admin_client.post(reverse("connections:back", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.state == "dismissed"
