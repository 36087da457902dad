"""What other packages store of their secrets is judged as they judge it, and never weaker."""

import hashlib
import hmac

import pytest
from django.contrib.auth.hashers import make_password

from apitokens import old_secrets
from apitokens.exceptions import InvalidToken
from apitokens.old_secrets import (
    API_KEY,
    AUTHTOKEN,
    DIGESTS,
    KNOX,
    clean_secret,
    is_known_hash,
    lookup_of,
    lookups,
    matches,
    quicker,
)
from tests.apitokens.old import SECRETS, api_key_secret, knox_secret, stored

PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


@pytest.fixture
def slow(settings):
    """An API key, and its hash by one of Django's password hashers, as before 3.0."""
    settings.PASSWORD_HASHERS = [PBKDF2]
    secret = api_key_secret()
    return secret, make_password(secret)


@pytest.mark.parametrize("source", SECRETS)
def test_a_secret_matches_what_is_stored_of_it_and_no_other_does(source):
    secret, other = SECRETS[source](), SECRETS[source]()
    text = stored(source, secret).hashed
    assert is_known_hash(text)
    assert matches(text, secret)
    for wrong in (other, secret[:-1], secret + "0", secret.swapcase(), "", text):
        assert not matches(text, wrong)


def test_knox_before_5_hashed_the_bytes_behind_the_digits():
    secret = knox_secret()
    digest = hashlib.sha512(bytes.fromhex(secret)).hexdigest()
    assert matches(f"sha512-of-hex$${digest}", secret)
    assert not matches(f"sha512$${digest}", secret)
    for wrong in (secret.upper(), secret[:-1], f"{secret[:2]} {secret[2:]}", "no hexadecimal"):
        assert not matches(f"sha512-of-hex$${digest}", wrong)


def test_a_digest_that_could_not_be_made_matches_nothing():
    for text in ("sha512-of-hex$$", "sha512$$", "md5$$", "$$", "", "plain", "!unusable"):
        assert not matches(text, "no hexadecimal digits")
        assert not matches(text, "")


def test_a_slow_hash_is_judged_by_djangos_hashers_and_then_made_quick(slow):
    secret, text = slow
    assert is_known_hash(text)
    assert matches(text, secret)
    assert not matches(text, secret[:-1])
    faster = quicker(text, secret)
    assert matches(faster, secret)
    assert not matches(faster, secret[:-1])
    assert quicker(faster, secret) is None


def test_a_short_key_keeps_its_slow_hash(slow):
    assert quicker(slow[1], "AbCdEfGh." + "k" * 31) is None
    assert quicker(slow[1], "k" * 64) is None


@pytest.mark.parametrize(
    "text",
    ["md5$$" + "0" * 32, "sha1$$" + "0" * 64, "sha512$$", "sha512$$xyz", "plain", "", "rot13$a$b"],
)
def test_a_hash_of_an_unknown_or_weak_kind_is_none(text):
    assert not is_known_hash(text)


@pytest.mark.parametrize("source", SECRETS)
def test_a_secret_is_looked_up_where_its_package_put_it_and_nowhere_else(source):
    secret = SECRETS[source]()
    place = lookup_of(source, stored(source, secret).handle)
    assert place in lookups(secret, [source])
    assert place not in lookups(secret, set(SECRETS) - {source})
    assert secret not in place


def test_the_place_of_a_key_depends_on_the_case_of_its_prefix():
    assert lookup_of(API_KEY, "AbCdEfGh") != lookup_of(API_KEY, "abcdefgh")


def test_digests_are_compared_in_constant_time(monkeypatch):
    compared, by_hmac = [], hmac.compare_digest

    def compare(made, kept):
        compared.append((made, kept))
        return by_hmac(made, kept)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for source in (AUTHTOKEN, KNOX, API_KEY):
        secret = SECRETS[source]()
        assert matches(stored(source, secret).hashed, secret)
    assert len(compared) == 3


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("a" * 4097, "too-long"),
        ("", "malformed"),
        ("a b", "malformed"),
        ("a\0b", "malformed"),
        ("a\tb", "malformed"),
        ("a\n", "malformed"),
        ("é" * 40, "malformed"),
        ("a\x7f", "malformed"),
    ],
)
def test_what_no_package_makes_is_refused_before_it_is_hashed(raw, reason, monkeypatch):
    monkeypatch.setattr(old_secrets, "DIGESTS", None)
    with pytest.raises(InvalidToken) as refused:
        clean_secret(raw)
    assert refused.value.reason == reason


def test_the_longest_secret_is_let_through():
    assert clean_secret("a" * 4096) == "a" * 4096


def test_no_digest_is_weaker_than_256_bits():
    assert all(len(digest("00" * 32)) >= 64 for digest in DIGESTS.values())
