"""The worker: polling with a lease and a cursor, messages, trouble and what is told of it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.encryption import CONNECTIONS
from accounts.models import AccessLevel
from apitokens.attribution import Actor
from candidates.models import Candidate
from candidates.services.credits import change_credits
from integrations.inbound import worker
from integrations.inbound.connecting import disconnect, stop
from integrations.inbound.leases import Lease
from integrations.inbound.receiving import receive
from integrations.inbound.worker import sweep
from integrations.models import Connection, ImportedRecord, ReceivedMessage
from tests.factories import UserFactory
from tests.integrations.inbound.conftest import due_now, make_connection, records
from tests.integrations.inbound.stubs import GreytHRStub, answer, running

State = ImportedRecord.State


def fresh(connection):
    return Connection.objects.get(pk=connection.pk)


def test_a_sweep_brings_whoever_is_in_a_mapped_stage(connection, talentlyft):
    talentlyft.people = [
        talentlyft.person(1, "Offer"),
        talentlyft.person(2, "Applied"),
        talentlyft.person(3, "Hired"),
    ]
    assert sweep().added == 2
    row = fresh(connection)
    assert (row.error_code, row.lease_until, row.lease_key) == ("", None, "")
    assert timezone.now() + timedelta(minutes=14) < row.next_poll_at
    assert sweep().polled == 0  # not before 15 minutes have passed


def test_the_next_sweep_adds_nobody_twice(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    due_now()
    assert (sweep().added, Candidate.objects.count()) == (0, 1)


def test_whoever_was_there_at_the_start_is_left_alone_unless_asked_for(admin, subtype, talentlyft):
    mapping = {"stages": {"name:offer": subtype.pk}, "default": 0}
    connection = make_connection(admin, mapping=mapping, with_those_there=False)
    talentlyft.people = [talentlyft.person(1)]
    assert sweep().added == 0
    assert not fresh(connection).skips_those_there
    talentlyft.people.append(talentlyft.person(2))
    due_now()
    assert sweep().added == 1
    assert [row.state for row in records()] == [State.BEFORE, State.ADDED]


def test_a_first_run_cut_short_still_leaves_those_alone(admin, subtype, talentlyft):
    mapping = {"stages": {"name:offer": subtype.pk}, "default": 0}
    connection = make_connection(admin, mapping=mapping, with_those_there=False)
    talentlyft.people = [talentlyft.person(key) for key in range(1, 121)]
    talentlyft.break_next(None, None, *[answer({}, 503)] * 3)
    sweep()
    assert fresh(connection).cursor == {"page": 2}
    due_now()
    assert sweep().added == 0
    assert ImportedRecord.objects.filter(state=State.BEFORE).count() == 120


def test_a_run_that_fails_half_way_loses_nobody(connection, talentlyft):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 121)]
    talentlyft.break_next(None, None, *[answer({"Message": "down"}, 503)] * 3)
    assert sweep().added == 50
    row = fresh(connection)
    assert (row.error_code, row.error_detail, row.cursor) == (
        "unreachable", "503 down", {"page": 2},
    )  # fmt: skip
    due_now()
    assert sweep().added == 70
    row = fresh(connection)
    assert (row.error_code, row.failing_since, row.cursor) == ("", None, {})


def test_a_cursor_advances_only_after_success(admin, subtype):
    with running(GreytHRStub()) as greythr:
        connection = make_connection(
            admin, "greythr", mapping={"stages": {"joiner": subtype.pk}, "default": 0}
        )
        today = f"{timezone.localdate()}"
        greythr.people = [greythr.person(key, today) for key in range(1, 151)]
        greythr.break_next(None, None, *[answer({}, 503)] * 3)
        assert sweep().added == 100
        assert fresh(connection).cursor == {}
        due_now()
        assert sweep().added == 50
        assert "since" in fresh(connection).cursor


def test_retry_after_is_obeyed(connection, talentlyft):
    talentlyft.break_next(answer({}, 429, **{"Retry-After": "1800"}))
    sweep()
    row = fresh(connection)
    assert row.error_code == "limited"
    wait = row.next_poll_at - timezone.now()
    assert timedelta(minutes=29) < wait < timedelta(minutes=31)


def test_one_run_at_a_time(connection, talentlyft):
    lease = Lease(connection.pk)
    assert lease.taken()
    assert not Lease(connection.pk).taken()
    assert sweep().polled == 0


def test_a_lease_of_a_worker_that_died_ends(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    Lease(connection.pk).taken()
    Connection.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sweep().added == 1


def test_a_worker_that_lost_its_lease_writes_nothing_more(connection, talentlyft, monkeypatch):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 121)]
    real = worker.take

    def taken_over(*args, **kwargs):
        Connection.objects.update(lease_key="another")
        return real(*args, **kwargs)

    monkeypatch.setattr(worker, "take", taken_over)
    sweep()
    row = fresh(connection)
    assert (row.lease_key, row.cursor, row.last_success_at) == ("another", {}, None)


def test_a_fault_in_one_connection_stops_no_other(connection, admin, subtype, talentlyft, caplog):
    make_connection(admin, name="Pune", mapping={"stages": {"name:offer": subtype.pk}})
    talentlyft.people = [talentlyft.person(1)]
    Connection.objects.filter(pk=connection.pk).update(mapping={"stages": 5})
    assert sweep().added == 1
    assert fresh(connection).error_code == "internal"
    assert "a1@example.in" not in caplog.text


def test_credentials_that_no_key_opens_are_an_error_and_shown_nowhere(
    connection, talentlyft, settings
):
    settings.MFA_SECRET_KEYS = ["another-" + "n" * 40]
    sweep()
    assert fresh(connection).error_code == "unreadable"
    assert talentlyft.asked == []


def test_keys_can_be_rotated(admin, settings, subtype, talentlyft):
    settings.MFA_SECRET_KEYS = ["old-" + "o" * 40]
    connection = make_connection(admin)
    settings.MFA_SECRET_KEYS = ["new-" + "n" * 40, "old-" + "o" * 40]
    assert fresh(connection).credentials["token"] == "right"


def test_credentials_open_in_no_other_row(admin):
    one, other = make_connection(admin), make_connection(admin, name="Pune")
    other.encrypted_credentials = one.encrypted_credentials
    with pytest.raises(ValueError, match="another connection"):
        _ = other.credentials


def test_credentials_are_no_text_in_the_database(admin):
    row = make_connection(admin)
    assert "right" not in row.encrypted_credentials
    from accounts import encryption

    with pytest.raises(encryption.Unreadable):
        encryption.decrypt(row.encrypted_credentials, encryption.SINGLE_SIGN_ON)
    assert "right" in encryption.decrypt(row.encrypted_credentials, CONNECTIONS)


def test_admins_are_told_once_after_a_day_of_failure(connection, admin, acme, talentlyft):
    UserFactory(company=acme, access_level=AccessLevel.HR)
    talentlyft.break_next(*[answer({"Message": "down"}, 503)] * 3)
    sweep()
    assert mail.outbox == []
    Connection.objects.update(failing_since=timezone.now() - timedelta(hours=24))
    sweep()
    sweep()
    (sent,) = mail.outbox
    assert sent.to == ["admin@acme.test"]
    assert "TalentLyft(Berlin office)" in sent.subject
    assert "503 down" in sent.body
    assert "https://portal.test/integrations/" in sent.body


def test_a_connection_that_works_again_may_fail_anew(connection, talentlyft):
    now = timezone.now()
    Connection.objects.update(error_code="refused", failing_since=now, warned_at=now)
    sweep()
    row = fresh(connection)
    assert (row.failing_since, row.warned_at) == (None, None)


def test_whoever_waits_for_credits_is_taken_once_there_are_some(
    connection, subtype, admin, talentlyft
):
    package = subtype.package
    package.credits = 0
    package.save()
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    assert (sweep().added, records()[0].tries) == (0, 1)
    change_credits(package, 1, reason="bought", actor=Actor(admin))
    assert sweep().added == 1


def test_whoever_waits_for_a_package_is_taken_once_it_is_mapped(admin, subtype, talentlyft):
    connection = make_connection(admin, mapping={"stages": {"name:offer": 0}, "default": 0})
    talentlyft.people = [talentlyft.person(1)]
    assert sweep().added == 0
    Connection.objects.update(mapping={**connection.mapping, "default": subtype.pk})
    assert sweep().added == 1


def test_a_company_goes_with_its_connections(connection, talentlyft, acme):
    talentlyft.people = [talentlyft.person(1), talentlyft.person(2, PhoneNumbers=[])]
    sweep()
    acme.delete()
    assert not Connection.objects.exists()


def test_a_suspended_companys_connections_rest(connection, acme, talentlyft):
    acme.is_active = False
    acme.save()
    assert sweep().polled == 0


def test_a_stopped_connection_rests(connection, admin, talentlyft):
    stop(connection=connection, actor=Actor(admin))
    assert sweep().polled == 0


def test_disconnected_nothing_is_left_but_the_name(connection, admin, talentlyft):
    talentlyft.people = [talentlyft.person(1), talentlyft.person(2, PhoneNumbers=[])]
    sweep()
    disconnect(connection=connection, actor=Actor(admin))
    assert not Connection.objects.exists()
    assert not ImportedRecord.objects.exists()
    candidate = Candidate.objects.get()
    assert candidate.added_by_label == "TalentLyft(Berlin office)"
    assert candidate.added_from.is_deleted


# Messages -----------------------------------------------------------------------------------


def send(connection, stub, key, uid="message-1", topic="candidate.moved"):
    headers, body = stub.message(key, "hook", uid, topic)
    receive(connection.public_id, headers, body)


def test_a_message_is_a_hint_and_the_person_is_fetched(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1, "Hired")]
    send(connection, talentlyft, 1)
    Connection.objects.update(next_poll_at=None)
    swept = sweep()
    assert (swept.messages, swept.added, swept.polled) == (1, 1, 0)
    assert "/v2/candidates/1" in talentlyft.asked
    assert ReceivedMessage.objects.get().due_at is None


def test_a_message_about_somebody_who_is_elsewhere_by_now_adds_nobody(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1, "Applied"), talentlyft.person(2, Disqualified=True)]
    for key in (1, 2, 3):
        send(connection, talentlyft, key, f"message-{key}")
    Connection.objects.update(next_poll_at=None)
    assert sweep().added == 0


def test_a_repeat_is_looked_at_once(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    send(connection, talentlyft, 1)
    sweep()
    send(connection, talentlyft, 1)
    assert sweep().messages == 0
    assert ReceivedMessage.objects.count() == 1


def test_a_message_that_cannot_be_followed_is_tried_later(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    send(connection, talentlyft, 1)
    Connection.objects.update(next_poll_at=None)
    talentlyft.break_next(*[answer({}, 503)] * 3)
    assert sweep().added == 0
    message = ReceivedMessage.objects.get()
    assert message.due_at > timezone.now()
    ReceivedMessage.objects.update(due_at=timezone.now())
    assert sweep().added == 1


def test_a_message_is_not_tried_for_ever(connection, talentlyft):
    send(connection, talentlyft, 1)
    Connection.objects.update(next_poll_at=None)
    ReceivedMessage.objects.update(tries=worker.MOST_TRIES - 1)
    talentlyft.break_next(*[answer({}, 503)] * 3)
    sweep()
    assert ReceivedMessage.objects.get().due_at is None


def test_old_messages_and_previews_are_forgotten(connection, talentlyft):
    send(connection, talentlyft, 1)
    sweep()
    connection.last_body = {"name": "Meera"}
    connection.save()
    old = timezone.now() - timedelta(days=8)
    ReceivedMessage.objects.update(at=old)
    Connection.objects.update(last_body_at=old)
    sweep()
    assert not ReceivedMessage.objects.exists()
    assert fresh(connection).last_body is None


def test_the_command_tells_what_it_did(connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    said = StringIO()
    call_command("poll_integrations", stdout=said)
    assert said.getvalue() == "1 connections asked, 0 messages looked at, 1 candidates added.\n"
