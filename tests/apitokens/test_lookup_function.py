"""PostgreSQL keeps the look-up of a token as a function; without it everything goes on plainly."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection, connections, transaction
from django.utils import timezone

from apitokens.compiled import _compiled, forget, get_compiled, get_plain, install
from apitokens.compiled.function import KEPT, PREFIX
from apitokens.models import Credential
from apitokens.policy import get_policy
from apitokens.verification import _build, _query, verify
from tests.apitokens.test_compiled import columns
from tests.factories import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _compiled_anew():
    forget()
    yield
    forget()


def functions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE starts_with(proname, %s)", [PREFIX]
        )
        return [name for (name,) in cursor.fetchall()]


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def compiled_get():
    return next(iter(_compiled[connections["default"]].values()))


def test_migrate_installs_the_function_and_a_request_calls_it(jwt, token):
    assert verify(jwt) == token
    query = compiled_get()
    assert query.statement.sql == f'SELECT "{query.function.name}"(%s)'
    assert functions() == [f"{query.function.name}(uuid)"]


def test_it_reads_no_column_that_a_request_does_not_need(jwt):
    verify(jwt)
    body = compiled_get().function.body
    assert '"accounts_user"."email"' in body
    assert '"password"' not in body


def test_every_column_is_what_the_plain_query_gives(token):
    build = _build(get_policy())
    jti = token.credential.jti
    called, plain = get_compiled("same", build, "jti", uuid4(), jti), get_plain(build(), "jti", jti)
    assert compiled_get().function is not None
    for path in ("", "token", "token.owner", "token.user"):
        one, two = called, plain
        for name in filter(None, path.split(".")):
            one, two = getattr(one, name), getattr(two, name)
        assert columns(one) == columns(two)
        assert [type(value) for value in columns(one).values()] == [
            type(value) for value in columns(two).values()
        ]


def test_instants_are_the_same_without_time_zones(token, settings):
    settings.USE_TZ = False
    for name in ("timezone", "timezone_name"):
        vars(connection).pop(name, None)
    build = _build(get_policy())
    install(build, "jti", uuid4())
    jti = token.credential.jti
    called = get_compiled("naive", build, "jti", uuid4(), jti)
    assert called.issued_at.tzinfo is None
    settings.USE_TZ = True
    for name in ("timezone", "timezone_name"):
        vars(connection).pop(name, None)


def test_another_policy_goes_on_without_one(token):
    jti = token.credential.jti

    def build():
        return _query((), ("user__phone",))

    assert get_compiled("other", build, "jti", uuid4(), jti).token == token
    assert compiled_get().function is None


def test_a_query_with_a_column_of_another_kind_goes_on_without_one(token):
    """last_used_from is an inet, whose text psycopg would not give alike."""
    rows = Credential.objects.only("id", "last_used_from", "jti")
    jti = token.credential.jti
    assert get_compiled("inet", lambda: rows, "jti", uuid4(), jti).pk == token.credential.pk
    install(lambda: rows, "jti", uuid4())
    assert len(functions()) == 1


def test_a_role_that_may_not_execute_it_goes_on_without_one(jwt, token):
    for name in functions():
        execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC, CURRENT_USER")
    execute("CREATE ROLE apitokens_test_reader")
    execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO apitokens_test_reader")
    execute("SET LOCAL ROLE apitokens_test_reader")
    assert verify(jwt) == token
    assert compiled_get().function is None


def test_a_changed_type_of_a_column_changes_nothing(jwt, token):
    verify(jwt)
    execute("ALTER TABLE accounts_company ALTER COLUMN name TYPE text")
    assert verify(jwt).owner == token.owner
    assert compiled_get().function is not None


def test_the_next_request_sees_a_deletion_through_it(jwt, token):
    assert verify(jwt) == token
    token.delete()
    with pytest.raises(Exception, match="deleted"):
        verify(jwt)


@pytest.mark.django_db(transaction=True)
def test_a_function_that_went_is_done_without(acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="one")
    assert verify(jwt) == token
    for name in functions():
        execute(f"DROP FUNCTION {name}")
    assert verify(jwt) == token
    assert compiled_get().function is None


@pytest.mark.django_db(transaction=True)
def test_in_a_spoiled_transaction_one_request_fails_and_the_next_goes_on(acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="one")
    assert verify(jwt) == token
    for name in functions():
        execute(f"DROP FUNCTION {name}")
    with pytest.raises(ProgrammingError), transaction.atomic():
        verify(jwt)
    with transaction.atomic():
        assert verify(jwt) == token


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_plain_query_is_not_asked_for_twice(acme, admin):
    _, jwt = make_token(owner=acme, user=admin, name="one")
    for name in functions():
        execute(f"DROP FUNCTION {name}")
    verify(jwt)
    asked = []

    def count(execute, sql, *args):
        asked.append(sql)
        return execute(sql, *args)

    execute("ALTER TABLE apitokens_credential RENAME TO elsewhere")
    try:
        with connection.execute_wrapper(count), pytest.raises(ProgrammingError):
            verify(jwt)
    finally:
        execute("ALTER TABLE elsewhere RENAME TO apitokens_credential")
    assert len(asked) == 1


def test_a_connection_keeps_one_cursor_for_it(jwt):
    verify(jwt)
    cursor = compiled_get().statement.cursor
    verify(jwt)
    assert compiled_get().statement.cursor is cursor


def test_an_earlier_function_stays_for_a_while(time_machine):
    (first,) = functions()
    now = timezone.now()
    time_machine.move_to(now + KEPT - timedelta(days=1), tick=False)
    install(lambda: _query((), ()), "jti", uuid4())
    assert first in functions()
    time_machine.move_to(now + KEPT + timedelta(days=2), tick=False)
    install(lambda: _query((), ()), "jti", uuid4())
    assert first not in functions()
    assert len(functions()) == 1


def test_migrating_again_keeps_it_and_the_plain_query_needs_none(settings):
    before = functions()
    call_command("migrate", verbosity=0)
    assert functions() == before
    execute(f"DROP FUNCTION {before[0]}")
    settings.APITOKENS_COMPILED_QUERY = False
    call_command("migrate", verbosity=0)
    assert functions() == []


def next_request():
    """What Django does with a kept connection between two requests."""
    connection.health_check_enabled = True
    connection.close_if_unusable_or_obsolete()


def end_backend():
    """The server ends our connection, as it does when it restarts."""
    pid = connection.connection.info.backend_pid
    other = connection.copy("other")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


@pytest.fixture
def kept_connection(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    monkeypatch.setattr(connection, "close_at", None)
    yield
    connection.health_check_enabled = False


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_is_not_asked_for_a_sign_of_life_first(
    acme, admin, kept_connection, monkeypatch
):
    token, jwt = make_token(owner=acme, user=admin, name="one")
    verify(jwt)
    next_request()
    monkeypatch.setattr(connection, "is_usable", lambda: pytest.fail("a second round trip"))
    assert verify(jwt) == token


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("compiled", [True, False])
def test_a_connection_that_died_between_two_requests_is_replaced(
    acme, admin, kept_connection, settings, compiled
):
    settings.APITOKENS_COMPILED_QUERY = compiled
    token, jwt = make_token(owner=acme, user=admin, name="one")
    verify(jwt)
    end_backend()
    next_request()
    assert verify(jwt) == token


@pytest.fixture
def without_autocommit(monkeypatch):
    """A host with AUTOCOMMIT off: transactions begin of themselves."""

    def switch():
        monkeypatch.setitem(connection.settings_dict, "AUTOCOMMIT", False)
        connection.close()

    yield switch
    monkeypatch.undo()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_without_autocommit_a_connection_that_died_is_replaced_too(
    acme, admin, kept_connection, without_autocommit
):
    token, jwt = make_token(owner=acme, user=admin, name="one")
    without_autocommit()
    verify(jwt)
    end_backend()
    next_request()
    assert verify(jwt) == token


@pytest.mark.django_db(transaction=True)
def test_where_no_checks_are_asked_for_a_dead_connection_is_an_error(acme, admin, kept_connection):
    _, jwt = make_token(owner=acme, user=admin, name="one")
    verify(jwt)
    next_request()
    connection.health_check_enabled = False
    end_backend()
    with pytest.raises(OperationalError):
        verify(jwt)
    next_request()
    verify(jwt)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_down_is_asked_for_a_connection_once(
    acme, admin, kept_connection, monkeypatch
):
    _, jwt = make_token(owner=acme, user=admin, name="one")
    verify(jwt)
    next_request()
    connection.close()
    asked = []

    def down(parameters):
        asked.append(parameters)
        raise OperationalError("down")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "get_new_connection", down)
        with pytest.raises(OperationalError):
            verify(jwt)
    assert len(asked) == 1
    verify(jwt)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_after_its_check_is_an_error_once(acme, admin, kept_connection):
    _, jwt = make_token(owner=acme, user=admin, name="one")
    next_request()
    verify(jwt)
    end_backend()
    with pytest.raises(OperationalError):
        verify(jwt)
    next_request()
    verify(jwt)
