"""The compiled query and its plain fallback give the same instances."""

from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.models import DateTimeField
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from apitokens.compiled import _compiled, forget, get_compiled, get_plain
from apitokens.compiled.readers import Reader
from apitokens.models import APIToken, Credential
from apitokens.verification import _query
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def both(jti, related=(), unread=("user__phone",)):
    def build():
        return _query(related, unread)

    compiled = get_compiled(("test", related, unread), build, "jti", uuid4(), jti)
    return compiled, get_plain(build(), "jti", jti)


def columns(instance):
    """What the row brought; deferred columns aren't there."""
    return {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if field.attname not in instance.get_deferred_fields()
    }


def test_every_column_of_every_joined_row_is_the_same(token, django_assert_num_queries):
    jti = token.credential.jti
    compiled, plain = both(jti)
    with django_assert_num_queries(0):
        for path in ("", "token", "token.owner", "token.user"):
            one, two = compiled, plain
            for name in filter(None, path.split(".")):
                one, two = getattr(one, name), getattr(two, name)
            assert one == two
            assert columns(one) == columns(two)
            assert one.get_deferred_fields() == two.get_deferred_fields()
            assert one._state.db == two._state.db
            assert one._state.adding is False


def test_a_null_join_is_none_on_both(token, admin, django_assert_num_queries):
    admin.delete()
    compiled, plain = both(token.credential.jti)
    with django_assert_num_queries(0):
        assert compiled.token.user is None
        assert plain.token.user is None


def test_an_unknown_value_is_none_on_both(db):
    assert both(uuid4()) == (None, None)


def test_a_query_with_a_value_of_its_own_beside_the_one_asked_for_is_refused(db):
    with pytest.raises(TypeError, match="one parameter, not 2"):
        get_compiled("two", lambda: Credential.objects.filter(kid="x"), "jti", uuid4(), uuid4())


def test_the_compiled_instances_can_be_saved(token):
    compiled, _ = both(token.credential.jti)
    compiled.token.name = "Changed"
    compiled.token.save(update_fields=["name"])
    assert APIToken.objects.get().name == "Changed"


def test_each_call_reads_the_database_anew(token, django_assert_num_queries):
    jti = token.credential.jti
    both(jti)
    Credential.objects.update(kid="other")
    with django_assert_num_queries(2):
        compiled, plain = both(jti)
    assert compiled.kid == plain.kid == "other"


def test_instances_are_not_shared_between_calls(acme, admin):
    first, _ = make_token(owner=acme, user=admin, name="one")
    second, _ = make_token(owner=acme, user=admin, name="two")
    one, _ = both(first.credential.jti)
    two, _ = both(second.credential.jti)
    assert (one.token.name, two.token.name) == ("one", "two")
    assert one.token.user is not two.token.user


def test_the_sql_survives_a_reconnect(token):
    jti = token.credential.jti
    assert both(jti)[0].token == token
    if connection.vendor != "sqlite":  # closing an in-memory database would lose it
        connection.ensure_connection()
    assert both(jti)[0].token == token


def test_deferred_columns_load_when_asked_for(token, django_assert_num_queries):
    jti = token.credential.jti
    compiled, _ = both(jti)
    with django_assert_num_queries(2):
        assert compiled.jti == jti
        assert compiled.token.user.phone == token.user.phone


def test_no_secret_column_is_read_by_a_request(present, jwt):
    present(jwt)
    with CaptureQueriesContext(connection) as queries:
        present(jwt)
    assert len(queries) == 1
    assert '"password"' not in queries[0]["sql"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_instants_are_the_same_in_any_time_zone(token, zone):
    before = connection.settings_dict["TIME_ZONE"]
    connection.settings_dict["TIME_ZONE"] = zone
    forget_the_time_zone()
    try:
        compiled, plain = both(token.credential.jti)
        assert compiled.issued_at == plain.issued_at
        assert compiled.issued_at.utcoffset() == plain.issued_at.utcoffset()
        assert compiled.token.created_at == plain.token.created_at == token.created_at
    finally:
        connection.settings_dict["TIME_ZONE"] = before
        forget_the_time_zone()


def forget_the_time_zone():
    for name in ("timezone", "timezone_name"):
        vars(connection).pop(name, None)
    if connection.vendor == "postgresql":
        connection.ensure_timezone()
    forget()


def test_a_receiver_of_post_init_hears_of_compiled_instances(token, request):
    heard = []

    def hear(instance, **kwargs):
        heard.append(instance)

    post_init.connect(hear, sender=APIToken)
    request.addfinalizer(lambda: post_init.disconnect(hear, sender=APIToken))
    compiled, _ = both(token.credential.jti)
    assert any(instance is compiled.token for instance in heard)  # the plain one is equal


@pytest.mark.parametrize("method", ["from_db", "__init__"])
def test_a_model_with_a_way_of_its_own_to_load_keeps_it(token, monkeypatch, method):
    jti, kid = token.credential.jti, token.credential.kid
    original = getattr(Credential, method)
    called = []

    def own(*args, **kwargs):
        called.append(method)
        return getattr(original, "__func__", original)(*args, **kwargs)

    monkeypatch.setattr(Credential, method, classmethod(own) if method == "from_db" else own)
    forget()
    compiled = get_compiled("own", lambda: _query((), ()), "jti", uuid4(), jti)
    forget()
    assert called == [method]
    assert compiled.kid == kid


def test_a_query_that_is_logged_gives_the_same(token):
    jti = token.credential.jti
    unlogged, _ = both(jti)
    with CaptureQueriesContext(connection) as queries:
        logged, _ = both(jti)
    assert logged == unlogged
    assert columns(logged) == columns(unlogged)
    assert len(queries) == 2  # the compiled one and the plain one


def test_every_row_is_read_by_the_quick_way_where_nothing_listens(token, monkeypatch):
    def slow(*args, **kwargs):
        raise AssertionError("from_db was called")

    both(token.credential.jti)
    monkeypatch.setattr(APIToken, "from_db", slow)
    reader = next(iter(_compiled[connections["default"]].values())).reader
    assert isinstance(reader, Reader)
    assert reader.is_plain
    assert both_compiled(token).token == token


def test_sqlites_placeholders_are_found_once(token, monkeypatch):
    jti, kid = token.credential.jti, token.credential.kid
    both(jti)

    def again(*args, **kwargs):
        pytest.fail("looked for again")

    monkeypatch.setattr(SQLiteCursorWrapper, "convert_query", again)
    assert get_compiled(("test", (), ("user__phone",)), None, "jti", uuid4(), jti).kid == kid


def both_compiled(token):
    jti = token.credential.jti
    return get_compiled(("test", (), ("user__phone",)), lambda: None, "jti", uuid4(), jti)


@pytest.mark.parametrize("threshold", [None, 0])
def test_prepared_statements_give_the_same_wherever_there_are_any(token, threshold, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", threshold)
    if connection.vendor == "postgresql":
        monkeypatch.setattr(connection.connection, "prepare_threshold", threshold)
    forget()
    for _ in range(2):
        compiled, plain = both(token.credential.jti)
        assert columns(compiled) == columns(plain)
        assert columns(compiled.token.user) == columns(plain.token.user)
    statement = next(iter(_compiled[connections["default"]].values())).statement
    forget()
    if connection.vendor == "postgresql":
        binds_there = type(statement.cursor).__name__ == "ServerBindingCursor"
        assert binds_there is (threshold is not None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            assert (cursor.fetchone()[0] > 0) is (threshold is not None)
            cursor.execute("DEALLOCATE ALL")


@pytest.mark.postgresql
@pytest.mark.parametrize("unread", [(), ("user__phone",)])
def test_postgresql_plans_every_join_one_way_only(token, unread):
    _, plain = both(token.credential.jti, unread=unread)
    sql = _compiled[connections["default"]][("test", (), unread)].statement.sql
    assert sql.count("JOIN LATERAL (SELECT * FROM ") == sql.count(" OFFSET 0) ") == 3
    tables = [plain, plain.token, plain.token.owner, plain.token.user]
    read = [row._meta.get_field(name) for row in tables for name in columns(row)]
    instants = [field for field in read if isinstance(field, DateTimeField)]
    assert sql.count("::text") == len(instants) > 0
