"""Last used: seldom written, never at a request's expense; and one query for everything else."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apitokens.models import APIToken, Credential
from apitokens.usage import note_use
from tests.apitokens.conftest import as_presented
from tests.factories import make_token

START = "2026-11-24T12:00:00Z"


def close_connection():
    """This thread's connection, really: Django keeps one to an in-memory database open."""
    connection.close()
    if connection.connection is not None:
        connection.connection.close()


@pytest.fixture
def frozen(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.mark.django_db
def test_the_first_use_is_noted_with_its_address(frozen, present, jwt, token):
    present(jwt, REMOTE_ADDR="203.0.113.7")
    token.refresh_from_db()
    assert (token.last_used_at, token.last_used_from) == (timezone.now(), "203.0.113.7")


@pytest.mark.django_db
def test_it_is_written_at_most_once_a_minute(frozen, present, jwt, token):
    first = timezone.now()
    present(jwt)
    frozen.shift(59)
    present(jwt)
    token.refresh_from_db()
    assert token.last_used_at == first
    frozen.shift(1)
    present(jwt)
    token.refresh_from_db()
    assert token.last_used_at == first + timedelta(seconds=60)


@pytest.mark.django_db
def test_it_never_goes_backwards(frozen, token):
    later = timezone.now() + timedelta(hours=1)
    stale = as_presented(token)
    Credential.objects.update(last_used_at=later)
    note_use(stale, "203.0.113.7")
    token.refresh_from_db()
    assert token.last_used_at == later


@pytest.mark.django_db
@pytest.mark.parametrize("compiled", [True, False])
def test_an_authenticated_request_costs_one_query_and_no_write(
    present, jwt, settings, django_assert_num_queries, compiled
):
    settings.APITOKENS_COMPILED_QUERY = compiled
    present(jwt)
    with django_assert_num_queries(1) as queries:
        from django.test import RequestFactory

        from apitokens.authentication import APITokenAuthentication

        request = RequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {jwt}")
        user, token = APITokenAuthentication().authenticate(request)
        assert (token.owner.name, user.email) == ("Acme Corp", "admin@acme.test")
    assert queries[0]["sql"].startswith("SELECT")


@pytest.mark.django_db
def test_a_refused_request_writes_nothing(present, jwt, token):
    token.delete()
    present(jwt)
    token.refresh_from_db()
    assert token.last_used_at is None


HELD = {
    "credential": lambda token: Credential.objects.filter(token=token).update(kid="held"),
    "token": lambda token: APIToken.objects.filter(pk=token.pk).update(name="held"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held", HELD)
def test_a_row_that_somebody_holds_costs_the_request_nothing(frozen, transactional_db, held):
    token, _ = make_token()
    row = as_presented(token)
    results = []

    def use():
        try:
            results.append(note_use(row, "203.0.113.7"))
        finally:
            close_connection()

    with transaction.atomic():
        HELD[held](token)
        thread = Thread(target=use)
        thread.start()
        thread.join(timeout=5)
        waits = thread.is_alive()
    thread.join()
    assert not waits
    assert len(results) == 1
    assert held == "token" or not results[0]


@pytest.mark.django_db(transaction=True)
def test_how_long_statements_wait_is_as_it_was_afterwards(frozen):
    asking = {
        "sqlite": "PRAGMA busy_timeout",
        "mysql": "SELECT @@SESSION.innodb_lock_wait_timeout",
        "postgresql": "SHOW lock_timeout",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(asking)
        before = cursor.fetchone()
        assert note_use(as_presented(make_token()[0]), "203.0.113.7")
        cursor.execute(asking)
        assert cursor.fetchone() == before


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_at_once_at_most_one_writes_and_none_fails():
    token, _ = make_token()
    # Read before the threads start: in memory SQLite refuses reads beside a write, and reading is
    # not what is tried here.
    seen = [as_presented(token) for _ in range(20)]
    written, failed = [], []

    def use(own):
        try:
            written.append(note_use(own, "203.0.113.7"))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
            failed.append(error)
        finally:
            close_connection()

    threads = [Thread(target=use, args=[own]) for own in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sum(written) <= 1
    assert len(written) == 20


@pytest.mark.django_db
def test_a_database_that_refuses_writes_costs_the_request_nothing(present, jwt, token, monkeypatch):
    def read_only(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            from django.db import OperationalError

            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(read_only):
        assert present(jwt).status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("depth", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "9.9.9.9, 198.51.100.1", "198.51.100.1"),
        (2, "9.9.9.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "198.51.100.1"),
        (1, "", "203.0.113.7"),
        (1, "nonsense", None),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_a_forwarded_address_is_believed_only_as_deep_as_configured(
    present, jwt, token, settings, depth, forwarded, expected
):
    settings.APITOKENS_PROXY_DEPTH = depth
    present(jwt, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=forwarded)
    token.refresh_from_db()
    assert token.last_used_from == expected


def test_a_token_that_was_deleted_meanwhile_keeps_its_last_use(token):
    in_hand = as_presented(token)
    token.delete()
    assert note_use(in_hand, "203.0.113.7") is False
    assert Credential.objects.get().last_used_at is None
