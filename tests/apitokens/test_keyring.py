"""What a keyring may be made of."""

import json

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
