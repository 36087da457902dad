"""Secrets of second factors: unreadable in the database, readable through every key in force."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client

from accounts.signin.second_factor import SecondFactorAdapter, app_secret
from tests.accounts.codes import code_of
from tests.accounts.test_log_in import log_in

OLD, NEW = "old-" + "o" * 40, "new-" + "n" * 40


def stored():
    return json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def test_neither_the_apps_secret_nor_a_recovery_code_stands_in_the_database(admin):
    secret = app_secret(admin)
    codes = admin.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()
    assert secret not in stored()
    assert not any(code in stored() for code in codes)


@pytest.mark.parametrize("name", ["MFA_SECRET_KEYS", "SECRET_KEY"])
def test_a_new_key_reads_what_the_old_one_wrote_while_that_stays_behind_it(settings, name):
    def use(*keys):
        if name == "MFA_SECRET_KEYS":
            settings.MFA_SECRET_KEYS = list(keys)
        else:
            settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = keys

    adapter, secret = SecondFactorAdapter(), generate_totp_secret()
    use(OLD)
    written = adapter.encrypt(secret)
    use(NEW, OLD)
    assert adapter.decrypt(written) == secret
    assert adapter.decrypt(adapter.encrypt(secret)) == secret
    use(NEW)
    assert adapter.decrypt(written) != secret


def test_the_same_secret_is_never_written_twice_alike():
    adapter = SecondFactorAdapter()
    assert adapter.encrypt("same") != adapter.encrypt("same")


def test_where_the_key_is_lost_no_code_is_right_and_nothing_breaks(admin, settings, caplog):
    settings.MFA_SECRET_KEYS = [OLD]
    secret = app_secret(admin)
    settings.MFA_SECRET_KEYS = [NEW]
    client = Client()
    log_in(client, admin.email)
    for code in (code_of(secret), code_of("A" * 32), code_of(""), "00000000"):
        assert client.post("/login/code/", {"code": code}).status_code == 200
    assert "MFA_SECRET_KEYS" in caplog.text
    assert secret not in caplog.text
