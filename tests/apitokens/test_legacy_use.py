"""The use of old secrets: what is noted, counted and logged; and by which headers they come."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from apitokens import services
from apitokens.exceptions import TokenNotUsable
from apitokens.models import APITokenEvent, LegacyCredential
from apitokens.old_secrets import API_KEY, AUTHTOKEN, KNOX
from apitokens.testing import jwt_of
from tests.apitokens.legacy_urls import assert_refused
from tests.apitokens.old import SECRETS, imported

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.apitokens.legacy_urls")]

NOW = "2026-11-25T10:00:00+00:00"


def test_its_use_is_noted_on_its_own_row_and_in_the_history(old, send):
    token, secret = old
    assert send(secret, REMOTE_ADDR="203.0.113.7").status_code == 200
    row = LegacyCredential.objects.get()
    assert row.last_used_at is not None
    assert row.last_used_from == "203.0.113.7"
    assert token.credential.last_used_at is None
    token.refresh_from_db()
    assert token.last_used_from == "203.0.113.7"
    assert token.last_use == row
    (event,) = APITokenEvent.objects.filter(kind="new-address")
    assert (event.address, event.token_public_id) == ("203.0.113.7", token.public_id)


def test_its_use_is_written_at_most_once_a_minute(source, admin, send):
    with time_machine.travel(NOW, tick=False) as clock:
        _token, secret = imported(source, admin)
        send(secret)
        first = LegacyCredential.objects.get().last_used_at
        clock.shift(59)
        send(secret)
        assert LegacyCredential.objects.get().last_used_at == first
        clock.shift(1)
        send(secret)
        assert LegacyCredential.objects.get().last_used_at > first


def test_one_query_finds_it(old, send):
    send(old[1])
    with CaptureQueriesContext(connection) as queries:
        assert send(old[1]).status_code == 200
    assert len(queries) == 1, [query["sql"] for query in queries]


def test_a_slow_hash_becomes_a_quick_one_when_the_key_is_used(admin, client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    secret = SECRETS[API_KEY]()
    imported(API_KEY, admin, secret, hashed=make_password(secret))

    def answer(text):
        return client.get("/who", HTTP_AUTHORIZATION=f"Api-Key {text}")

    assert_refused(answer(secret[:-1] + "!"))
    assert LegacyCredential.objects.get().hashed.startswith("pbkdf2_sha256$")
    assert answer(secret).status_code == 200
    assert LegacyCredential.objects.get().hashed.startswith("sha256$$")
    assert answer(secret).status_code == 200
    assert_refused(answer(secret[:-1] + "!"))


def test_the_log_says_why_and_never_which_secret(old, send, caplog):
    caplog.set_level(logging.DEBUG)
    token, secret = old
    token.delete()
    send(secret)
    assert f"API token refused: deleted ({token.public_id})" in caplog.text
    send(secret[:-1] + "!")
    assert "API token refused: unknown (unknown)" in caplog.text
    assert secret[8:] not in caplog.text


def test_refused_secrets_are_counted_by_address(old, send, settings):
    cache.clear()
    settings.APITOKENS_FAILURE_LIMIT = 2
    _token, secret = old
    statuses = [send("x", REMOTE_ADDR="203.0.113.9").status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert send(secret, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_requests_by_it_and_by_the_jwt_are_counted_together(old, send, client, settings):
    cache.clear()
    settings.APITOKENS_TOKEN_RATE = "2/min"
    token, secret = old

    def by_jwt():
        return client.get("/throttled", HTTP_AUTHORIZATION=f"Bearer {jwt_of(token)}").status_code

    assert [by_jwt(), send(secret, page="/throttled").status_code] == [200, 200]
    assert [by_jwt(), send(secret, page="/throttled").status_code] == [429, 429]


def test_while_the_database_is_down_nobody_is_refused(old, send, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(SQLCompiler, "execute_sql", fail)
    answer = send(old[1])
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_a_request_by_it_cannot_rotate_the_token(old, send, admin):
    token, _secret = old
    services.limit_token(token=token, scopes=["tokens:rotate-self"], networks=[], actor=admin)
    LegacyCredential.objects.update(id=token.credential.pk)
    token.presented = LegacyCredential.objects.get(pk=token.credential.pk)
    with pytest.raises(TokenNotUsable):
        services.rotate_itself(token=token, overlap=timedelta(0))


# Headers of its own, and shared schemes -----------------------------------------------------


def test_a_header_of_its_own_is_read_where_it_is_set(admin, client, settings):
    _token, secret = imported(API_KEY, admin)
    assert client.get("/who", headers={"X-Api-Key": secret}).status_code == 401
    settings.APITOKENS_LEGACY_HEADER = "HTTP_X_API_KEY"
    assert client.get("/who", headers={"X-Api-Key": secret}).status_code == 200
    assert client.get("/who", HTTP_AUTHORIZATION=f"Api-Key {secret}").status_code == 200
    for wrong in (secret[:-1], f"Api-Key {secret}", "é", "a" * 4097):
        assert client.get("/who", headers={"X-Api-Key": wrong}).status_code == 401
    assert client.get("/who", headers={"X-Api-Key": ""}).status_code == 401


@pytest.mark.parametrize("source", [AUTHTOKEN, KNOX])
def test_that_header_is_for_api_keys_alone(old, client, settings, source):
    settings.APITOKENS_LEGACY_HEADER = "HTTP_X_API_KEY"
    assert client.get("/who", headers={"X-Api-Key": old[1]}).status_code == 401


@pytest.mark.parametrize("source", [KNOX])
def test_a_scheme_can_be_changed_or_left_out(old, send, settings):
    settings.APITOKENS_LEGACY_SCHEMES = {"knox": "JWT"}
    assert send(old[1], scheme="JWT").status_code == 200
    assert_refused(send(old[1], scheme="Token"))
    settings.APITOKENS_LEGACY_SCHEMES = {"knox": None}
    assert_refused(send(old[1], scheme="Token"))


@pytest.mark.parametrize("source", [AUTHTOKEN])
def test_bearer_is_shared_with_jwts(old, send, settings, admin_client):
    settings.APITOKENS_SHARE_BEARER = True
    settings.APITOKENS_LEGACY_SCHEMES = {"authtoken": "Bearer"}
    token, secret = old
    assert send(secret, scheme="Bearer").status_code == 200
    assert send(jwt_of(token), scheme="Bearer").status_code == 200
    assert_refused(send(secret[:-1], scheme="Bearer"))
    assert send(jwt_of(token), scheme="Bearer", page="/reversed").status_code == 200
    assert send("a.b.c", scheme="Bearer").status_code == 401
    left_to_the_session = admin_client.get("/who", HTTP_AUTHORIZATION="Bearer a.b.c")
    assert left_to_the_session.status_code == 403
