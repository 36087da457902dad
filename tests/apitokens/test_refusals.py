"""Why a token is refused: one word for the log, with the public id once its row is known."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from apitokens import services
from apitokens.exceptions import InvalidToken
from apitokens.keyring import Keyring
from apitokens.models import APIToken, Credential
from apitokens.old_secrets import AUTHTOKEN
from apitokens.signing import (
    MAXIMUM_LENGTH,
    PREFIX,
    Claims,
    Signer,
    claims_of,
    decode_jti,
    get_signer,
    token_pattern,
)
from apitokens.verification import verify, verify_old
from tests.apitokens.conftest import forge, good_header, key, segment, sign_bytes
from tests.apitokens.old import imported
from tests.factories import make_token

HOUR = timedelta(hours=1)
JTI = UUID("00112233-4455-6677-8899-aabbccddeeff")
SECRET = {"kid": "k", "alg": "HS256", "state": "active", "secret": "s" * 40}
OWN = Claims(kid="k", jti=JTI, issued_at=1_795_000_000, expires_at=1_795_000_600)


def refusal(act, *arguments):
    with pytest.raises(InvalidToken) as caught:
        act(*arguments)
    return caught.value


# The row -------------------------------------------------------------------------------------
def delete(token, admin):
    token.delete()


def suspend(token, admin):
    services.suspend_token(token=token, actor=admin)


def disable(token, admin):
    admin.is_active = False
    admin.save()


def close_off(token, admin):
    APIToken.objects.filter(pk=token.pk).update(allowed_networks="192.0.2.0/24")


def rotate(token, admin):
    services.rotate_token(token=token, overlap=timedelta(0), actor=admin)


def end(token, admin):
    Credential.objects.update(ends_at=token.credential.issued_at)


def age(token, admin):
    Credential.objects.update(issued_at=token.credential.issued_at - timedelta(seconds=1))


def erase(token, admin):
    Credential.objects.all().delete()


def all_of_it(*acts):
    def act(token, admin):
        for one in acts:
            one(token, admin)

    return act


ROWS = {
    "deleted": delete,
    "suspended": suspend,
    "stopped": disable,
    "address": close_off,
    "ended": rotate,
    "not-the-row": age,
}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ROWS)
def test_the_log_learns_what_is_wrong_with_the_row_and_which_it_is(
    token, jwt, admin, present, caplog, reason
):
    ROWS[reason](token, admin)
    error = refusal(verify, jwt, "203.0.113.7")
    assert (error.reason, error.public_id) == (reason, token.public_id)
    assert present(jwt).status_code == 401
    (record,) = [r for r in caplog.records if r.name == "apitokens.authentication"]
    assert record.getMessage() == f"API token refused: {reason} ({token.public_id})"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("act", "reason"),
    [(all_of_it(suspend, disable, end, age, delete), "deleted"),
     (all_of_it(suspend, end, age), "not-the-row"), (all_of_it(disable, end), "ended"),
     (all_of_it(disable, close_off, suspend), "suspended"),
     (all_of_it(disable, close_off), "address")],
)  # fmt: skip
def test_of_several_reasons_the_first_is_told(token, jwt, admin, act, reason):
    act(token, admin)
    assert refusal(verify, jwt, "203.0.113.7").reason == reason


@pytest.mark.django_db
def test_a_token_of_which_there_is_no_row_is_unknown_and_has_no_id(token, jwt, admin):
    erase(token, admin)
    error = refusal(verify, jwt)
    assert (error.reason, error.public_id) == ("unknown", None)


@pytest.mark.django_db
def test_an_end_comes_before_an_expiry_and_an_expiry_before_a_suspension(acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    token, jwt = make_token(owner=acme, user=admin, lifetime=HOUR)
    services.suspend_token(token=token, actor=admin)
    time_machine.shift(3600)
    assert refusal(verify, jwt).reason == "expired"
    Credential.objects.update(ends_at=token.credential.expires_at)
    assert refusal(verify, jwt).reason == "ended"


@pytest.mark.django_db
def test_a_good_token_has_its_credential_and_its_jti_at_hand(token, jwt, django_assert_num_queries):
    current = token.credential
    verify(jwt)  # a connection's first look-up asks PostgreSQL for the function as well
    with django_assert_num_queries(1):
        found = verify(jwt, "203.0.113.7")
        assert (found, found.presented, found.presented.token) == (token, current, found)
        assert found.presented.jti == get_signer().read(jwt).jti
        assert (found.user.email, found.owner.name) == ("admin@acme.test", "Acme Corp")


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["deleted", "suspended", "stopped", "address"])
def test_an_old_secret_is_refused_in_the_same_words(admin, reason):
    token, secret = imported(AUTHTOKEN, admin)
    ROWS[reason](token, admin)
    error = refusal(verify_old, secret, [AUTHTOKEN], "203.0.113.7")
    assert (error.reason, error.public_id) == (reason, token.public_id)


# The text ------------------------------------------------------------------------------------
def own_signer(memory=10, **changes):
    names = {"issuer": "svportal", "audience": "svportal-api"}
    return Signer(Keyring.parse([{**SECRET, **changes}]), memory=memory, **names)


def own(payload):
    """A JWT of own_signer's key over *payload*, which may say anything."""
    parts = f"{segment({'typ': 'apitoken+jwt', 'alg': 'HS256', 'kid': 'k'})}.{segment(payload)}"
    return f"{parts}.{sign_bytes(parts, SECRET['secret'])}"


NAMES = {"iss": "svportal", "aud": "svportal-api"}
GOOD = {**NAMES, "jti": "ABEiM0RVZneImaq7zN3u_w", "iat": 1_795_000_000, "exp": 1_795_000_600}
TEXTS = {
    "too-long": "a.b." + "c" * (MAXIMUM_LENGTH - 3),
    "malformed": "a.b." + "c" * (MAXIMUM_LENGTH - 5) + "=",
    "unknown-header": "a.b." + "c" * (MAXIMUM_LENGTH - 4),
    "signature-or-claims": own(GOOD)[:-2] + "AA",
    "claims": own({**GOOD, "exp": None}),
    "jti": own({**GOOD, "jti": "x"}),
    "not-canonical": own({**GOOD, "sub": "x"}),
}


@pytest.mark.parametrize("reason", TEXTS)
def test_the_log_learns_what_is_wrong_with_the_text(reason):
    error = refusal(own_signer().read, TEXTS[reason])
    assert (error.reason, error.public_id) == (reason, None)


def test_what_these_texts_were_made_of_is_a_token():
    assert own_signer().read(own(GOOD)) == OWN == claims_of("k", GOOD)
    assert own_signer().sign(OWN) == own(GOOD)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"iss": "other"}, "signature-or-claims"), ({"iss": None}, "signature-or-claims"),
     ({"aud": "other"}, "signature-or-claims"), ({"aud": ["svportal-api"]}, "signature-or-claims"),
     ({"iat": None}, "claims"), ({"iat": "1795000000"}, "claims"), ({"iat": True}, "claims"),
     ({"iat": 1.0}, "claims"), ({"exp": "1795000600"}, "claims"), ({"exp": 1.5}, "claims"),
     ({"exp": False}, "claims"), ({"jti": None}, "signature-or-claims"),
     ({"jti": ""}, "jti"), ({"jti": "ABEiM0RVZneImaq7zN3u_x"}, "not-canonical"),
     ({"nbf": 2**40}, "not-canonical"),
     ({"exp": 0}, None), ({"iat": 2**40}, None), ({"exp": -1}, None)],
    ids=str,
)  # fmt: skip
def test_claims_are_judged_by_type_and_bytes_and_left_to_the_row_by_value(change, reason):
    text = own({**GOOD, **change})
    if reason is None:
        assert own_signer().read(text) == claims_of("k", {**GOOD, **change})
    else:
        assert refusal(own_signer().read, text).reason == reason


@pytest.mark.parametrize(
    "value", [None, 7, b"x" * 22, "x" * 21, "x" * 23, "x" * 21 + "=", "é" * 22]
)
def test_a_jti_is_22_characters_of_base64url(value):
    assert refusal(decode_jti, value).reason == "jti"
    assert decode_jti("ABEiM0RVZneImaq7zN3u_w") == JTI


def test_the_header_of_a_key_that_is_no_more_is_unknown_and_so_is_its_kid():
    signer = own_signer(kid="other")
    assert refusal(signer.read, own(GOOD)).reason == "unknown-header"
    assert refusal(signer.sign, OWN).reason == "unknown-key"


def test_a_forger_of_the_settings_key_is_told_apart_the_same_way(db, token, claims):
    payload = {name: claims[name] for name in ("iss", "aud", "jti", "iat")}
    assert verify(forge(good_header(), payload)) == token
    assert refusal(verify, forge(good_header(kid="x"), payload)).reason == "unknown-header"


# The memory ----------------------------------------------------------------------------------
def numbered(number):
    return Claims(kid="k", jti=UUID(int=number), issued_at=1, expires_at=None)


def test_the_oldest_signature_is_forgotten_first_and_none_before_there_is_need():
    signer = own_signer(memory=3)
    texts = [signer.sign(numbered(n)) for n in range(5)]
    for count, text in enumerate(texts, 1):
        signer.read(text)
        assert len(signer.remembered) == min(count, 3)
    assert list(signer.remembered.values()) == [numbered(n) for n in (2, 3, 4)]
    assert list(signer.remembered) == [sha256(text.encode()).digest() for text in texts[2:]]


def test_a_memory_of_one_remembers_one():
    signer = own_signer(memory=1)
    signer.read(own(GOOD))
    assert list(signer.remembered.values()) == [OWN]


def test_a_remembered_signature_is_not_checked_again(monkeypatch):
    signer = own_signer()
    first = signer.read(own(GOOD))
    monkeypatch.setattr(signer, "_check", None)
    assert signer.read(own(GOOD)) is first


@pytest.mark.parametrize("name", ["ISSUER", "AUDIENCE", "SIGNATURE_CACHE_SIZE"])
def test_the_signer_is_made_anew_when_what_it_was_made_of_changes(settings, name):
    before = get_signer()
    assert get_signer() is before
    setattr(settings, f"APITOKENS_{name}", 7 if name == "SIGNATURE_CACHE_SIZE" else "other")
    after = get_signer()
    assert after is not before
    backend = after.by_kid[key()["kid"]]
    known = {"ISSUER": backend.issuer, "AUDIENCE": backend.audience,
             "SIGNATURE_CACHE_SIZE": after.memory}  # fmt: skip
    assert known[name] == getattr(settings, f"APITOKENS_{name}")


# The pattern ---------------------------------------------------------------------------------
def test_the_pattern_is_these_characters():
    start = "eyJpc3MiOiJzdnBvcnRhbCIsImF1ZCI6InN2cG9ydGFsLWFwaSIsImp0aSI6I"
    assert PREFIX == "eyJ0eXAiOiJhcGl0b2tlbitqd3QiLCJhbGciOi"
    assert token_pattern("svportal", "svportal-api") == (
        rf"{PREFIX}[A-Za-z0-9_-]{{8,240}}\.{start}[A-Za-z0-9_-]{{40,120}}\.[A-Za-z0-9_-]{{43,86}}"
    )
    assert json.loads(urlsafe_b64decode(start + "iJ9===")) == {**NAMES, "jti": ""}
