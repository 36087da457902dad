"""What a keyring may be made of."""

import json
import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from apitokens.exceptions import KeyringError
from apitokens.keyring import Key, Keyring, get_keyring

pytestmark = pytest.mark.django_db  # Django 6.1 looks at the database in its checks

GOOD = {"kid": "a", "alg": "HS256", "state": "active", "secret": "s" * 32}
OTHER = {"kid": "b", "alg": "HS256", "state": "verify", "secret": "o" * 32}


def test_keys_come_as_a_list_or_as_its_json():
    for source in ([GOOD, OTHER], json.dumps([GOOD, OTHER])):
        keyring = Keyring.parse(source)
        assert keyring.active.kid == "a"
        assert set(keyring.verifying) == {"a", "b"}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (None, "missing"),
        ([], "missing"),
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("{}", "missing"),
        (["x"], "must be an object"),
        ([{**GOOD, "kid": ""}], "kid"),
        ([{**GOOD, "kid": "k" * 65}], "kid"),
        ([{**GOOD, "kid": "é"}], "kid"),
        ([{**GOOD, "kid": 7}], "kid"),
        ([{**GOOD, "alg": "none"}], "alg"),
        ([{**GOOD, "alg": "ES256"}], "alg"),
        ([{**GOOD, "alg": "PS256"}], "alg"),
        ([{**GOOD, "alg": "RS256"}], "deterministic"),
        ([{**GOOD, "alg": None}], "alg"),
        ([{**GOOD, "kid": "a\n"}], "printable"),
        ([{**GOOD, "published_at": "2026-11-24T10:00:00"}], "published_at"),
        ([{**GOOD, "published_at": 7}], "published_at"),
        ([{**GOOD, "secret": "ssh-ed25519 " + "A" * 40}], "no PEM or SSH"),
        ([{**GOOD, "secret": "-----BEGIN PUBLIC KEY-----" + "A" * 40}], "no PEM or SSH"),
        ([{**GOOD, "alg": "EdDSA", "secret": "s" * 42}], "Ed25519 seed"),
        ([{**GOOD, "alg": "EdDSA", "secret": "s" * 42 + "B"}], "Ed25519 seed"),
        ([{**GOOD, "alg": "EdDSA", "secret": "s" * 42 + "="}], "Ed25519 seed"),
        ([GOOD, {**OTHER, "secret": GOOD["secret"]}], "same secret"),
        ([{**GOOD, "state": "on"}], "state"),
        ([{**GOOD, "secret": "s" * 31}], "32 bytes"),
        ([{**GOOD, "secret": None}], "32 bytes"),
        ([GOOD, {**OTHER, "kid": "a"}], "same kid"),
        ([GOOD, {**OTHER, "state": "active"}], "exactly one"),
        ([{**GOOD, "state": "verify"}], "exactly one"),
    ],
)
def test_an_unusable_keyring_is_refused_and_the_fault_named(source, fault):
    with pytest.raises(KeyringError, match=fault):
        Keyring.parse(source)


PARTS = "each key must be an object with kid, alg, state and secret"
KID = "a key's kid must be 1 to 64 ASCII characters"
ALG = (
    "key a: alg must be one of EdDSA, HS256 (copying a token signs it again, so the algorithm must "
    "be deterministic; ES256 and PS256 are not)"
)
INSTANT = "key a: published_at must be an ISO 8601 instant with its zone"
SEED = "key a: an EdDSA secret is the 32-byte Ed25519 seed as 43 characters of base64url"
EXTRA = (
    "key a: EdDSA needs the package cryptography: install the extra eddsa "
    "(svportal-apitokens[eddsa])"
)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "THE_SETTING is missing or empty"),
        ([], "THE_SETTING is missing or empty"),
        ({}, "THE_SETTING is missing or empty"),
        ("{", "THE_SETTING is not valid JSON"),
        (b"\xff", "THE_SETTING is not valid JSON"),
        ([7], PARTS),
        ([{**GOOD, "kid": ""}], KID),
        ([{**GOOD, "kid": "k" * 65}], KID),
        ([{"secret": "s" * 32}], KID),
        ([{**GOOD, "kid": "a\n"}], "a key's kid must be printable"),
        ([{**GOOD, "alg": "none"}], ALG),
        ([{**GOOD, "state": "on"}], "key a: state must be one of active, next, retired, verify"),
        ([{**GOOD, "published_at": ""}], INSTANT),
        ([{**GOOD, "published_at": 7}], INSTANT),
        ([{**GOOD, "published_at": "2026-11-24T10:00:00"}], INSTANT),
        ([{**GOOD, "secret": "s" * 31}], "key a: secret must be at least 32 bytes"),
        ([{**GOOD, "secret": b"s" * 32}], "key a: secret must be at least 32 bytes"),
        ([{"kid": "a"}], "key a: secret must be at least 32 bytes"),
        ([{**GOOD, "alg": "EdDSA"}], SEED),
        ([GOOD, {**OTHER, "kid": "a"}], "two keys have the same kid"),
        ([GOOD, {**OTHER, "secret": "s" * 32}], "two keys have the same secret"),
        ([{**GOOD, "state": "next"}], "exactly one key must be active, not 0"),
        ([GOOD, {**OTHER, "state": "active"}], "exactly one key must be active, not 2"),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_these_words(source, words):
    with pytest.raises(KeyringError) as caught:
        Keyring.parse(source, "THE_SETTING")
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "form",
    ["-----BEGIN ", "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp",
     "-cert-v01@openssh.com"],
)  # fmt: skip
def test_no_form_of_a_public_key_is_an_hmac_secret_wherever_it_stands(form):
    for secret in (form + "s" * 40, "s" * 40 + form, f"{'s' * 20}{form}{'s' * 20}"):
        with pytest.raises(KeyringError) as caught:
            Keyring.parse([{**GOOD, "secret": secret}])
        assert str(caught.value) == "key a: an HS256 secret is random text, no PEM or SSH key"


def test_the_setting_is_named_unless_a_file_is():
    with pytest.raises(KeyringError, match=r"\AAPITOKENS_KEYS is missing or empty\Z"):
        Keyring.parse(None)


def test_a_key_is_hs256_and_active_unless_it_says_otherwise():
    key = Key.parse({"kid": "a", "secret": "s" * 32})
    assert (key.kid, key.algorithm, key.state, key.secret) == ("a", "HS256", "active", "s" * 32)
    assert (key.published_at, key.pair()) == (None, ("s" * 32, "s" * 32))


def test_a_key_keeps_what_it_says():
    seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
    entry = {"kid": "k" * 64, "alg": "EdDSA", "state": "next", "secret": seed}
    key = Key.parse({**entry, "published_at": "2026-11-24T10:00:00+05:30"})
    assert (key.kid, key.algorithm, key.state, key.secret) == tuple(entry.values())
    assert key.published_at.isoformat() == "2026-11-24T10:00:00+05:30"
    private, public = key.pair()
    assert private.public_key() == public


def test_bytes_are_counted_and_not_characters():
    assert Key.parse({**GOOD, "secret": "é" * 16}).secret == "é" * 16
    assert Key.parse({**GOOD, "secret": "\ud800" * 11}).secret == "\ud800" * 11


def test_a_retired_key_is_known_by_its_kid_and_verifies_nothing():
    ring = Keyring.parse([GOOD, {**OTHER, "state": "retired"}, {**OTHER, "kid": "c",
                                 "secret": "c" * 32, "state": "next"}])  # fmt: skip
    assert (list(ring.by_kid), list(ring.verifying)) == (["a", "b", "c"], ["a", "c"])


def test_secret_key_is_never_a_signing_key(settings):
    with pytest.raises(KeyringError, match="SECRET_KEY"):
        Keyring.parse([{**GOOD, "secret": settings.SECRET_KEY}])


def test_other_secrets_of_the_host_are_never_signing_keys(settings):
    settings.SECRET_KEY_FALLBACKS = ["f" * 40]
    settings.SIMPLE_JWT = {"SIGNING_KEY": "l" * 40}
    for secret, name in {"f" * 40: "SECRET_KEY_FALLBACKS", "l" * 40: "SIMPLE_JWT"}.items():
        with pytest.raises(KeyringError, match=name):
            Keyring.parse([{**GOOD, "secret": secret}])


def test_eddsa_without_cryptography_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    with pytest.raises(KeyringError) as caught:
        Keyring.parse([{**GOOD, "alg": "EdDSA", "secret": "A" * 43}])
    assert str(caught.value) == EXTRA


def test_no_error_carries_a_secret():
    for entry in ({**GOOD, "alg": "none"}, {**GOOD, "alg": "EdDSA"}):
        with pytest.raises(KeyringError) as caught:
            Keyring.parse([entry])
        assert GOOD["secret"] not in str(caught.value)
    with pytest.raises(KeyringError) as caught:
        Keyring.parse(GOOD["secret"])
    assert caught.value.__cause__ is None
    assert GOOD["secret"] not in str(caught.value)


def test_a_key_does_not_show_its_secret():
    assert GOOD["secret"] not in repr(Key.parse(GOOD))


def test_the_system_check_reports_an_unusable_keyring(settings):
    settings.APITOKENS_KEYS = [{**GOOD, "alg": "ES256"}]
    assert [e.id for e in run_checks() if e.id.startswith("apitokens")] == ["apitokens.E001"]
    with pytest.raises(SystemCheckError, match="alg must be one of EdDSA, HS256"):
        call_command("check")


@pytest.mark.parametrize("path", ["nowhere.Policy", "apitokens.models.APIToken"])
def test_the_system_check_reports_a_policy_that_is_none(settings, path):
    settings.APITOKENS_POLICY = path
    assert [e.id for e in run_checks() if e.id.startswith("apitokens")] == ["apitokens.E002"]


def test_the_system_check_warns_when_another_class_stands_before_ours(settings):
    settings.REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "rest_framework.authentication.SessionAuthentication",
            "apitokens.authentication.APITokenAuthentication",
        ]
    }
    assert [e.id for e in run_checks() if e.id.startswith("apitokens")] == ["apitokens.W001"]


def test_the_settings_are_parsed_once_for_each_value_of_them(settings):
    settings.APITOKENS_KEYS = [GOOD]
    first = get_keyring()
    assert get_keyring() is first
    settings.APITOKENS_KEYS = [OTHER | {"state": "active"}]
    assert get_keyring().active.kid == "b"
