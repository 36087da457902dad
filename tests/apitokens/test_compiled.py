"""The compiled query and its plain fallback give the same instances."""

from uuid import uuid4

import pytest
from django.db import connection

from apitokens.compiled import get_compiled, get_plain
from apitokens.models import APIToken, Credential
from apitokens.verification import _query
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def both(jti, related=()):
    compiled = get_compiled(("test", related), lambda: _query(related), "jti", uuid4(), jti)
    return compiled, get_plain(_query(related), "jti", jti)


def columns(instance):
    return {f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields}


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
