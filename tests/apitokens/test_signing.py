"""The JWT's format, frozen, and that reading accepts nothing but what signing makes."""

from threading import Thread
from uuid import UUID

import pytest

from apitokens.exceptions import InvalidToken
from apitokens.keyring import Keyring
from apitokens.signing import Claims, Signer, get_signer

GOLDEN_KEY = {"kid": "2026-11", "alg": "HS256", "state": "active", "secret": "golden-" + "g" * 40}
JTI = UUID("00112233-4455-6677-8899-aabbccddeeff")
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
