"""Old secrets of other packages: let in as their token, refused for what its JWT is refused for."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens import old_secrets, services
from apitokens.attribution import actor_of
from apitokens.authentication import APITokenAuthentication, LegacyTokenAuthentication
from apitokens.exceptions import TokenNotUsable
from apitokens.models import APITokenEvent, Credential, LegacyCredential
from apitokens.old_secrets import API_KEY, AUTHTOKEN, KNOX
from apitokens.permissions import HasScope, IsAPIToken
from apitokens.testing import jwt_of
from apitokens.throttling import TokenRateThrottle
from tests.apitokens.old import SCHEMES, SECRETS, imported
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

NOW = "2026-11-25T10:00:00+00:00"


class WhoAmI(APIView):
    authentication_classes = [
        APITokenAuthentication, LegacyTokenAuthentication, SessionAuthentication,
    ]  # fmt: skip
    permission_classes = [IsAPIToken, HasScope]
    required_scopes = {"POST": ["candidates:write"]}

    def get(self, request):
        actor = actor_of(request)
        return Response({"email": request.user.email, "by": actor.label, "id": actor.token.pk})

    post = get


class Throttled(WhoAmI):
    throttle_classes = [TokenRateThrottle]


urlpatterns = [path("who", WhoAmI.as_view()), path("throttled", Throttled.as_view())]


@pytest.fixture(params=SECRETS)
def source(request):
    return request.param


@pytest.fixture
def old(source, admin):
    """(token, secret) of each package in turn."""
    return imported(source, admin)


@pytest.fixture
def send(client, source):
    """send(secret) → the view's response to it under the package's own scheme."""

    def send(secret, method="get", scheme=SCHEMES[source], page="/who", **extra):
        return getattr(client, method)(page, HTTP_AUTHORIZATION=f"{scheme} {secret}", **extra)

    return send


def assert_refused(response):
    assert response.status_code == 401, response.content
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert response.json() == {"detail": "A valid API token is needed."}
    assert not response.cookies
    assert not {"Deprecation", "Sunset", "Link"} & set(response.headers)


def test_an_old_secret_is_its_token(old, send, admin):
    token, secret = old
    found = {"email": admin.email, "by": token.label, "id": token.pk}
    assert send(secret).json() == found
    token = services.rename_token(token=token, name="Renamed", actor=admin)
    assert send(secret).json()["by"] == "API(Renamed)"


def test_the_jwt_of_the_same_token_works_beside_it(old, client, send):
    token, secret = old
    answer = client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt_of(token)}")
    assert answer.json() == send(secret).json()
    assert not {"Deprecation", "Sunset"} & set(answer.headers)


@pytest.mark.parametrize("scheme", ["{}", "{}  "])
def test_the_scheme_is_read_as_the_package_read_it(old, send, source, scheme):
    for written in (str.lower, str.upper):
        assert send(old[1], scheme=scheme.format(written(SCHEMES[source]))).status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "JWT", "Digest", "", "Tokens", "\0"])
def test_a_secret_under_another_scheme_lets_nobody_in(old, send, scheme):
    assert send(old[1], scheme=scheme).status_code == 401


def test_a_secret_under_the_scheme_of_another_package_is_refused(old, send, source):
    other = "Token" if source == API_KEY else "Api-Key"
    assert_refused(send(old[1], scheme=other))


def test_what_is_not_the_secret_is_refused(old, send, source):
    _token, secret = old
    row = LegacyCredential.objects.get()
    wrong = [
        "", " ", secret[:-1], secret[1:], secret + "0", f"{secret} {secret}", SECRETS[source](),
        row.hashed, row.lookup, row.hashed.partition("$$")[2], secret.partition(".")[0] + ".",
        "'; DROP TABLE x; --", "\0" * 40, secret[:20] + "\0" + secret[20:], "é" * 40, "𝟘" * 40,
    ]  # fmt: skip
    for text in wrong:
        assert_refused(send(text))


def test_a_prefix_that_is_right_before_a_secret_that_is_wrong_is_refused(admin, client):
    _token, secret = imported(API_KEY, admin)
    other = SECRETS[API_KEY]().partition(".")[2]
    for rest in (other, "", "%", secret.partition(".")[2][:-1]):
        forged = f"{secret.partition('.')[0]}.{rest}"
        assert_refused(client.get("/who", HTTP_AUTHORIZATION=f"Api-Key {forged}"))


def test_a_long_secret_is_refused_before_it_is_hashed(old, send, monkeypatch):
    monkeypatch.setattr(old_secrets, "HANDLES", None)
    assert_refused(send("a" * 4097))


@pytest.mark.parametrize("place", ["query", "body", "cookie", "x-api-key", "x-token"])
def test_a_secret_anywhere_else_lets_nobody_in(old, client, place):
    secret = old[1]
    if place == "cookie":
        client.cookies["Authorization"] = f"Token {secret}"
    query = {"token": secret, "api_key": secret} if place == "query" else {}
    headers = {place: secret} if place.startswith("x-") else {}
    answer = (
        client.post("/who", {"token": secret, "key": secret})
        if place == "body"
        else client.get("/who", query, headers=headers)
    )
    assert answer.status_code == 401


def test_a_bad_secret_beside_a_good_session_is_refused(old, admin_client):
    for scheme in ("Token", "Api-Key"):
        assert_refused(admin_client.get("/who", HTTP_AUTHORIZATION=f"{scheme} x"))


# Its token's life ---------------------------------------------------------------------------


def test_a_deleted_token_ends_its_old_secret(old, send):
    old[0].delete()
    assert_refused(send(old[1]))


def test_a_suspended_token_ends_it_until_it_is_resumed(old, send, admin):
    token, secret = old
    services.suspend_token(token=token, actor=admin)
    assert_refused(send(secret))
    services.resume_token(token=token, actor=admin)
    assert send(secret).status_code == 200


@pytest.mark.parametrize("change", [{"is_active": False}, {"access_level": "hr"}])
def test_a_person_who_may_no_longer_ends_it(old, send, admin, change):
    type(admin).objects.filter(pk=admin.pk).update(**change)
    assert_refused(send(old[1]))


def test_a_company_that_is_suspended_ends_it(old, send, acme):
    acme.is_active = False
    acme.save()
    assert_refused(send(old[1]))


def test_another_persons_token_is_taken_over_with_its_old_secret(old, send, admin, acme):
    token, secret = old
    heir = UserFactory(company=acme)
    services.take_over_token(token=token, actor=heir)
    admin.delete()
    assert send(secret).json()["email"] == heir.email


def test_networks_hold_for_it(old, send, admin):
    token, secret = old
    services.limit_token(token=token, scopes=[], networks=["192.0.2.0/24"], actor=admin)
    assert_refused(send(secret, REMOTE_ADDR="198.51.100.1"))
    assert send(secret, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_scopes_hold_for_it(admin, source, send):
    _token, secret = imported(source, admin, scopes=["candidates:read"])
    assert send(secret).status_code == 200
    refused = send(secret, "post")
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused["WWW-Authenticate"]


def test_the_sunset_ends_it_and_not_its_jwt(source, admin, send, client):
    with time_machine.travel(NOW, tick=False) as clock:
        token, secret = imported(source, admin, ends_in=timedelta(days=30))
        clock.shift(timedelta(days=30, seconds=-1))
        assert send(secret).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert_refused(send(secret))
        jwt = jwt_of(token)
        assert client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt}").status_code == 200


def test_its_own_end_in_the_other_package_ends_both(source, admin, send, client):
    with time_machine.travel(NOW, tick=False) as clock:
        end = timezone.now() + timedelta(days=3)
        token, secret = imported(source, admin, expires_at=end)
        jwt = jwt_of(token)
        clock.shift(timedelta(days=3, seconds=-1))
        assert send(secret).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert_refused(send(secret))
        assert_refused(client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt}"))


def test_a_retired_signing_key_stops_the_whole_token(old, send, settings):
    keys = [{**key, "state": "verify"} for key in settings.APITOKENS_KEYS]
    new = {"kid": "new", "alg": "HS256", "state": "active", "secret": "n" * 40}
    settings.APITOKENS_KEYS = [*keys, new]
    assert send(old[1]).status_code == 200
    settings.APITOKENS_KEYS = [new]
    assert_refused(send(old[1]))


def test_a_credential_that_was_removed_stops_the_whole_token(old, send):
    Credential.objects.all().delete()
    assert_refused(send(old[1]))


def test_an_expired_jwt_ends_it_even_if_its_row_says_longer(old, send):
    Credential.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_refused(send(old[1]))


def test_cutting_ends_it_and_not_the_jwt(old, send, admin, client):
    token, secret = old
    assert services.cut_old_credentials(token=token, actor=admin) == 1
    assert_refused(send(secret))
    assert client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt_of(token)}").status_code == 200
    assert services.cut_old_credentials(token=token, actor=admin) == 0
    event = APITokenEvent.objects.get(kind="cut")
    assert event.data == {"credentials": 0, "secrets": 1}


@pytest.mark.parametrize("overlap", [timedelta(0), timedelta(hours=1)])
def test_rotating_gives_it_the_overlap_that_the_old_jwt_gets(source, admin, send, overlap):
    with time_machine.travel(NOW, tick=False) as clock:
        token, secret = imported(source, admin)
        services.rotate_token(token=token, overlap=overlap, actor=admin)
        if overlap:
            clock.shift(overlap - timedelta(seconds=1))
            assert send(secret).status_code == 200
            clock.shift(timedelta(seconds=1))
        assert_refused(send(secret))


def test_rotating_never_lengthens_it(source, admin):
    token, _secret = imported(source, admin, ends_in=timedelta(minutes=20))
    ends_at = LegacyCredential.objects.get().ends_at
    services.rotate_token(token=token, overlap=timedelta(days=7), actor=admin)
    assert LegacyCredential.objects.get().ends_at == ends_at


# What is noted and told ---------------------------------------------------------------------


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
def test_bearer_is_shared_with_jwts(old, send, settings):
    settings.APITOKENS_SHARE_BEARER = True
    settings.APITOKENS_LEGACY_SCHEMES = {"authtoken": "Bearer"}
    token, secret = old
    assert send(secret, scheme="Bearer").status_code == 200
    assert send(jwt_of(token), scheme="Bearer").status_code == 200
    assert_refused(send(secret[:-1], scheme="Bearer"))
    assert send("a.b.c", scheme="Bearer").status_code == 401
