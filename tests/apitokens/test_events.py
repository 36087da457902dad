"""Events are kept: neither changed nor deleted, but by prune and an owner's erasure."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.utils import timezone

from apitokens import services, usage
from apitokens.models import APITokenEvent, Credential, EventsAreKept
from apitokens.models.event import unlocked_events
from apitokens.usage import note_use
from tests.apitokens.conftest import as_presented
from tests.factories import make_token

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.7"
TABLE = APITokenEvent._meta.db_table
on_postgresql = pytest.mark.postgresql


def new_addresses(token):
    events = APITokenEvent.objects.about(token).filter(kind="new-address").order_by("pk")
    return list(events.values_list("address", "actor_label"))


def bulk_update(event):
    event.kind = "copied"
    APITokenEvent.objects.bulk_update([event], ["kind"])


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.save(update_fields=["kind"]),
        lambda event: event.delete(),
        lambda event: APITokenEvent.objects.update(kind="copied"),
        lambda event: APITokenEvent.objects.all().delete(),
        lambda event: APITokenEvent._base_manager.update(kind="copied"),
        lambda event: APITokenEvent._base_manager.filter(pk=event.pk).delete(),
        bulk_update,
    ],
)
def test_an_event_is_neither_changed_nor_deleted(token, change):
    event = APITokenEvent.objects.get()
    with pytest.raises(EventsAreKept):
        change(event)
    assert APITokenEvent.objects.get().kind == "created"


@on_postgresql
@pytest.mark.parametrize("sql", [f"UPDATE {TABLE} SET kind = 'x'", f"DELETE FROM {TABLE}"])  # noqa: S608
def test_postgresql_refuses_even_raw_sql(token, sql):
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert APITokenEvent.objects.get().kind == "created"


def assert_locked():
    with pytest.raises(EventsAreKept):
        APITokenEvent.objects.update(kind="copied")
    if connection.vendor == "postgresql":
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {TABLE} SET kind = 'x'")  # noqa: S608 - our own table


def test_the_log_tells_an_event_by_ids_alone(acme, admin, caplog):
    """Names are chosen by people: they could forge lines, and are nobody's business there."""
    caplog.set_level("INFO", "apitokens.audit")
    token, _ = make_token(owner=acme, user=admin, name="Greenhouse sync")
    services.rename_token(token=token, name="Lever", actor=admin)
    token.delete()
    assert [line for line in caplog.messages if line.startswith("token ")] == [
        f"token {token.public_id} created by user {admin.pk}",
        f"token {token.public_id} renamed by user {admin.pk}",
        f"token {token.public_id} deleted by user -",
    ]


def test_prune_drops_old_addresses_and_the_rest_stays_locked(token, time_machine):
    assert token
    with unlocked_events("default"):
        APITokenEvent.objects.update(address=ADDRESS)
    now = timezone.now()
    time_machine.move_to(now + timedelta(days=364))
    assert services.prune(deleted_before=now).addresses == 0
    time_machine.move_to(now + timedelta(days=366))
    assert services.prune(deleted_before=now).addresses == 1
    assert APITokenEvent.objects.get().address is None
    assert_locked()


def test_an_owners_erasure_takes_its_events_and_no_others(token, other_admin):
    other, _ = make_token(owner=other_admin.company, user=other_admin)
    assert services.erase_history(owner=token.owner) == 1
    assert APITokenEvent.objects.get().token_public_id == other.public_id
    assert_locked()


def test_an_error_in_an_unlocked_block_locks_again(token):
    assert token
    with pytest.raises(RuntimeError), unlocked_events("default"):
        raise RuntimeError
    assert_locked()


def test_the_first_use_from_an_address_is_an_event_once(token):
    row = as_presented(token)
    assert note_use(row, ADDRESS)
    note_use(row, ADDRESS)
    usage.forget()  # as another process, or this one after its memory is full
    note_use(as_presented(token), ADDRESS)
    assert new_addresses(token) == [(ADDRESS, "API(Greenhouse sync)")]


def test_two_addresses_are_two_events_and_none_is_nothing(token):
    for address in (ADDRESS, "2001:db8::1", None):
        note_use(as_presented(token), address)
    assert [address for address, _label in new_addresses(token)] == [ADDRESS, "2001:db8::1"]


def test_a_token_that_was_deleted_meanwhile_gets_no_event(token):
    row = as_presented(token)
    token.delete()
    note_use(row, ADDRESS)
    assert new_addresses(token) == []


def test_a_database_that_only_reads_costs_the_request_nothing(present, token, jwt):
    def read_only(execute, sql, params, many, context):
        if sql.startswith(("UPDATE", "INSERT")):
            raise OperationalError("read-only")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(read_only):
        assert present(jwt, REMOTE_ADDR=ADDRESS).status_code == 200
    assert new_addresses(token) == []
    present(jwt, REMOTE_ADDR=ADDRESS)
    assert [address for address, _label in new_addresses(token)] == [ADDRESS]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_holds_is_not_waited_for(client):
    token, jwt = make_token()
    statuses = []

    def use():
        try:
            path, header = "/external/v1/me", f"Bearer {jwt}"
            statuses.append(client.get(path, HTTP_AUTHORIZATION=header).status_code)
        finally:
            connection.close()

    with transaction.atomic():
        Credential.objects.select_for_update().get(token=token)
        thread = Thread(target=use)
        thread.start()
        thread.join(timeout=5)
        assert statuses == [200]
    assert new_addresses(token) == []
