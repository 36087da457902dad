"""What a keyring may be made of."""

import json
import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from apitokens.exceptions import KeyringError
from apitokens.keyring import Key, Keyring

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
    with pytest.raises(KeyringError, match=r"svportal-apitokens\[eddsa\]"):
        Keyring.parse([{**GOOD, "alg": "EdDSA", "secret": "A" * 43}])


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
