"""The compiled query where a host's models, fields and threads are not the usual ones."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import Error, connection, connections
from django.db.models.query_utils import DeferredAttribute

from accounts.security.models import SecurityPolicy
from apitokens.compiled import _compiled, forget, get_compiled, install
from apitokens.compiled.statements import _fetched
from apitokens.models import Credential
from apitokens.verification import verify
from tests.apitokens.test_compiled import both
from tests.factories import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _compiled_anew():
    forget()
    yield
    forget()


def got(token, rows):
    return get_compiled("edge", lambda: rows, "jti", uuid4(), token.credential.jti)


def test_a_row_that_is_joined_one_to_one_knows_its_way_back(token, django_assert_num_queries):
    SecurityPolicy.objects.create(company=token.owner)
    for row in both(token.credential.jti, ("owner__security_policy",), ()):
        with django_assert_num_queries(0):
            assert row.token.owner.security_policy.company is row.token.owner


def test_a_row_that_is_not_there_one_to_one_is_not_asked_for(token, django_assert_num_queries):
    for row in both(token.credential.jti, ("owner__security_policy",), ()):
        with django_assert_num_queries(0), pytest.raises(SecurityPolicy.DoesNotExist):
            _ = row.token.owner.security_policy


def test_a_single_column_is_read(token):
    assert got(token, Credential.objects.only("pk")).pk == token.credential.pk


def test_a_query_that_does_not_begin_with_its_columns_is_asked_as_it_is(token):
    assert got(token, Credential.objects.distinct()).kid == token.credential.kid


def test_a_column_with_a_descriptor_of_its_own_keeps_it(token, monkeypatch):
    class Loud(DeferredAttribute):
        def __set__(self, instance, value):
            instance.__dict__["kid"] = value.upper()

    monkeypatch.setattr(Credential, "kid", Loud(Credential._meta.get_field("kid")))
    assert got(token, Credential.objects.all()).kid == token.credential.kid.upper()


def test_what_a_field_makes_of_a_value_is_made_anew_each_time(token, monkeypatch):
    def boxed(self, value, expression, connection):
        return [value]

    field = Credential._meta.get_field("issued_at")
    own = type("Boxed", (type(field),), {"from_db_value": boxed})
    monkeypatch.setattr(field, "__class__", own)
    rows = Credential.objects.all()
    first, second = got(token, rows), got(token, rows)
    assert first.issued_at == second.issued_at
    assert first.issued_at is not second.issued_at


def test_an_error_while_a_row_is_fetched_is_one_of_djangos():
    """Of a closed cursor that was never used: the one thing that every driver refuses."""
    with connection.cursor() as cursor:
        pass
    with pytest.raises(Error):
        _fetched(cursor)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_its_own_connection(acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="one")
    verify(jwt)

    def elsewhere():
        try:
            return verify(jwt), connection.connection
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        found, its_connection = pool.submit(elsewhere).result()
    assert found == token
    assert its_connection is not None
    assert its_connection is not connection.connection


def test_the_setting_chooses_the_plain_query(jwt, token, settings):
    settings.APITOKENS_COMPILED_QUERY = False
    assert verify(jwt) == token
    assert connections["default"] not in _compiled
    settings.APITOKENS_COMPILED_QUERY = True
    assert verify(jwt) == token
    assert connections["default"] in _compiled


def test_what_was_compiled_is_forgotten_when_the_function_is_made(jwt):
    verify(jwt)
    install(Credential.objects.all, "jti", uuid4())
    assert connections["default"] not in _compiled
