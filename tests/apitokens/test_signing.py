"""The JWT's format, frozen, and that reading accepts nothing but what signing makes."""

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from threading import Thread
from uuid import UUID

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization

from apitokens.exceptions import InvalidToken
from apitokens.keyring import Key, Keyring
from apitokens.signing import PREFIX, TYP, Claims, Signer, get_signer

GOLDEN_KEY = {"kid": "2026-11", "alg": "HS256", "state": "active", "secret": "golden-" + "g" * 40}
JTI = UUID("00112233-4455-6677-8899-aabbccddeeff")
GOLDEN_SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"  # RFC 8037, appendix A.1
EDDSA_KEY = {"kid": "ed-2026", "alg": "EdDSA", "state": "active", "secret": GOLDEN_SEED}
NEVER_ENDING = Claims(kid="2026-11", jti=JTI, issued_at=1_795_000_000, expires_at=None)
SHORT_LIVED = Claims(kid="2026-11", jti=JTI, issued_at=1_795_000_000, expires_at=1_795_000_600)


def signer(*keys, memory=10):
    return Signer(
        Keyring.parse(list(keys) or [GOLDEN_KEY]),
        issuer="svportal",
        audience="svportal-api",
        memory=memory,
    )


@pytest.mark.parametrize(
    ("claims", "golden"),
    [
        (
            NEVER_ENDING,
            "eyJ0eXAiOiJhcGl0b2tlbitqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjIwMjYtMTEifQ.eyJpc3MiO"
            "iJzdnBvcnRhbCIsImF1ZCI6InN2cG9ydGFsLWFwaSIsImp0aSI6IkFCRWlNMFJWWm5lSW1hcTd6TjN1X"
            "3ciLCJpYXQiOjE3OTUwMDAwMDB9.PwYIWYmY1xVbPopNpOFfZFrsQ46G4rkilfsw9P3e4jQ",
        ),
        (
            SHORT_LIVED,
            "eyJ0eXAiOiJhcGl0b2tlbitqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjIwMjYtMTEifQ.eyJpc3MiO"
            "iJzdnBvcnRhbCIsImF1ZCI6InN2cG9ydGFsLWFwaSIsImp0aSI6IkFCRWlNMFJWWm5lSW1hcTd6TjN1X"
            "3ciLCJpYXQiOjE3OTUwMDAwMDAsImV4cCI6MTc5NTAwMDYwMH0.3-BUgnjKua1l6c6bKwG3nSl3AMOci"
            "ok92YgCEh7NlR4",
        ),
    ],
)
def test_the_bytes_of_a_token_never_change_between_versions(claims, golden):
    assert signer().sign(claims) == golden


EDDSA_START = (
    "eyJ0eXAiOiJhcGl0b2tlbitqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6ImVkLTIwMjYifQ.eyJpc3MiOiJzdnBvcnRhb"
    "CIsImF1ZCI6InN2cG9ydGFsLWFwaSIsImp0aSI6IkFCRWlNMFJWWm5lSW1hcTd6TjN1X3ciLCJpYXQiOjE3OTUwMDAwMD"
)


@pytest.mark.parametrize(
    ("claims", "golden"),
    [
        (
            NEVER_ENDING,
            "B9.45kmWYzFcj87JiEMaAeHvT75RaHoxpORgMDcoKSkYw1BfdK-fuxyjx0A8AZJ3jzOc1isL2Piy4TUCoHPhu"
            "N_DA",
        ),
        (
            SHORT_LIVED,
            "AsImV4cCI6MTc5NTAwMDYwMH0.6RrcbLOe9viJEigjpSbvqCAf0dLsARsq5wzBEQunHHJtfDSMZkNAS4LjgwpH"
            "rQEls3YsoIhZMUE5EtU2HCuNCQ",
        ),
    ],
)
def test_the_bytes_of_an_eddsa_token_never_change_either(claims, golden):
    claims = replace(claims, kid="ed-2026")
    assert signer(EDDSA_KEY).sign(claims) == EDDSA_START + golden
    assert signer(EDDSA_KEY).read(EDDSA_START + golden) == claims


def eddsa_public_forms():
    public = Key.parse(EDDSA_KEY).pair()[1]
    formats, encodings = serialization.PublicFormat, serialization.Encoding
    yield public.public_bytes(encodings.PEM, formats.SubjectPublicKeyInfo)
    yield public.public_bytes(encodings.DER, formats.SubjectPublicKeyInfo)
    yield public.public_bytes(encodings.OpenSSH, formats.OpenSSH)
    yield public.public_bytes(encodings.Raw, formats.Raw)
    yield pyjwt.algorithms.OKPAlgorithm.to_jwk(public).encode()
    yield json.loads(pyjwt.algorithms.OKPAlgorithm.to_jwk(public))["x"].encode()


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA", "none", "HS512"])
@pytest.mark.parametrize("secret", list(eddsa_public_forms()), ids=range(6))
def test_the_public_key_of_an_eddsa_key_is_no_hmac_secret(secret, algorithm):
    good = signer(EDDSA_KEY).sign(replace(NEVER_ENDING, kid="ed-2026"))
    header = json.dumps(
        {"typ": TYP, "alg": algorithm, "kid": "ed-2026"}, separators=(",", ":")
    ).encode()
    parts = f"{urlsafe_b64encode(header).rstrip(b'=').decode()}.{good.split('.')[1]}"
    mac = hmac.digest(secret, parts.encode(), "sha256")
    forged = f"{parts}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    both = signer(EDDSA_KEY, {**GOLDEN_KEY, "state": "verify"})
    with pytest.raises(InvalidToken):
        both.read(forged)


def test_the_key_of_one_kid_does_not_open_another_of_another_algorithm():
    token = signer().sign(NEVER_ENDING)
    same_kid = signer({**EDDSA_KEY, "kid": "2026-11"})
    with pytest.raises(InvalidToken, match="unknown-header"):
        same_kid.read(token)


def test_the_start_of_our_tokens_tells_them_from_other_jwts():
    for key in (GOLDEN_KEY, EDDSA_KEY):
        assert signer(key).sign(replace(NEVER_ENDING, kid=key["kid"])).startswith(PREFIX)
    assert not pyjwt.encode({"a": 1}, "k" * 40).startswith(PREFIX)


def test_every_token_starts_with_the_same_characters_whatever_the_key():
    other = {**GOLDEN_KEY, "kid": "other", "state": "verify", "secret": "o" * 40}
    tokens = [
        signer(GOLDEN_KEY, other).sign(Claims(kid, JTI, 1, None)) for kid in ("2026-11", "other")
    ]
    assert all(
        t.startswith("eyJ0eXAiOiJhcGl0b2tlbitqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6") for t in tokens
    )


@pytest.mark.parametrize("claims", [NEVER_ENDING, SHORT_LIVED])
def test_reading_gives_back_the_claims_that_were_signed(claims):
    assert signer().read(signer().sign(claims)) == claims


def test_signing_twice_gives_the_same_bytes():
    assert signer().sign(SHORT_LIVED) == signer().sign(SHORT_LIVED)


def test_a_token_of_another_key_with_the_same_kid_is_refused():
    other = signer({**GOLDEN_KEY, "secret": "x" * 40})
    with pytest.raises(InvalidToken):
        signer().read(other.sign(NEVER_ENDING))


def test_a_retired_key_neither_signs_nor_verifies():
    token = signer().sign(NEVER_ENDING)
    successor = {**GOLDEN_KEY, "kid": "new", "secret": "n" * 40}
    retired = signer({**GOLDEN_KEY, "state": "retired"}, successor)
    with pytest.raises(InvalidToken, match="unknown-header"):
        retired.read(token)
    with pytest.raises(InvalidToken, match="unknown-key"):
        retired.sign(NEVER_ENDING)


@pytest.mark.parametrize("state", ["verify", "next"])
def test_a_key_that_is_not_active_still_verifies(state):
    token = signer().sign(NEVER_ENDING)
    successor = {**GOLDEN_KEY, "kid": "new", "secret": "n" * 40}
    assert signer({**GOLDEN_KEY, "state": state}, successor).read(token) == NEVER_ENDING


def test_the_memory_of_signatures_is_bounded():
    bounded = signer(memory=3)
    for n in range(10):
        bounded.read(bounded.sign(Claims("2026-11", UUID(int=n), 1, None)))
    assert len(bounded.remembered) == 3


def test_the_memory_can_be_turned_off():
    forgetful = signer(memory=0)
    assert forgetful.read(forgetful.sign(NEVER_ENDING)) == NEVER_ENDING
    assert not forgetful.remembered


def test_a_refused_token_is_not_remembered():
    own = signer()
    with pytest.raises(InvalidToken):
        own.read(own.sign(NEVER_ENDING)[:-1] + "_")
    assert not own.remembered


def test_threads_may_read_at_once():
    shared, wrong = signer(memory=5), []

    def read_many():
        for n in range(200):
            claims = Claims("2026-11", UUID(int=n % 9), 1, None)
            if shared.read(shared.sign(claims)) != claims:
                wrong.append(claims)

    threads = [Thread(target=read_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(shared.remembered) <= 5


def test_a_change_of_keys_is_seen_at_once(settings):
    before = get_signer()
    settings.APITOKENS_KEYS = [GOLDEN_KEY]
    assert get_signer() is not before
    assert get_signer().by_kid.keys() == {"2026-11"}


@pytest.mark.parametrize("raw", ["\ud800", "eyJ\udfff.e30.c2ln", "a" * 10 + "\ud83d"])
def test_text_that_no_encoding_takes_is_refused_like_any_other(raw):
    with pytest.raises(InvalidToken):
        get_signer().read(raw)
