"""Old secrets of other packages: let in as their token, refused for what its JWT is refused for."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apitokens import old_secrets, services
from apitokens.models import APITokenEvent, Credential, LegacyCredential
from apitokens.old_secrets import API_KEY
from apitokens.testing import jwt_of
from tests.apitokens.legacy_urls import assert_refused
from tests.apitokens.old import SCHEMES, SECRETS, imported
from tests.factories import UserFactory, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.apitokens.legacy_urls")]

NOW = "2026-11-25T10:00:00+00:00"


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


def test_its_end_is_the_very_second_at_which_its_jwt_ends(old, send):
    with time_machine.travel(NOW, tick=False):
        Credential.objects.update(expires_at=timezone.now())
        assert_refused(send(old[1]))


def test_the_jwts_of_other_tokens_have_no_part_in_it(source, admin, acme, send):
    make_token(owner=acme, user=admin, name="Before")
    Credential.objects.update(kid="gone", expires_at=timezone.now() - timedelta(days=1))
    _token, secret = imported(source, admin)
    assert send(secret).status_code == 200


def test_nor_has_the_jwt_that_was_rotated_away(old, send, admin):
    token, secret = old
    services.rotate_token(token=token, overlap=timedelta(hours=1), actor=admin)
    Credential.objects.exclude(ends_at=None).update(kid="gone")
    assert send(secret).status_code == 200


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("ended", lambda: LegacyCredential.objects.update(ends_at=timezone.now())),
        ("stopped", lambda: Credential.objects.update(kid="gone")),
        ("expired", lambda: Credential.objects.update(expires_at=timezone.now())),
    ],
)
def test_the_log_tells_operators_why_it_was_refused(old, send, caplog, reason, change):
    caplog.set_level(logging.INFO, "apitokens.authentication")
    token, secret = old
    change()
    assert_refused(send(secret))
    assert f"API token refused: {reason} ({token.public_id})" in caplog.text


def test_cutting_ends_it_and_not_the_jwt(old, send, admin, client):
    token, secret = old
    assert services.cut_old_credentials(token=token, actor=admin) == 1
    assert_refused(send(secret))
    assert client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt_of(token)}").status_code == 200
    assert services.cut_old_credentials(token=token, actor=admin) == 0
    event = APITokenEvent.objects.get(kind="cut")
    assert event.data == {"credentials": 0, "secrets": 1}


def test_cutting_and_rotating_another_token_leaves_it(old, source, send, admin):
    other, _secret = imported(source, admin, name="Another")
    services.rotate_token(token=other, overlap=timedelta(0), actor=admin)
    third, _secret = imported(source, admin, name="A third")
    services.cut_old_credentials(token=third, actor=admin)
    assert send(old[1]).status_code == 200


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
