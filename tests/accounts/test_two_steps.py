"""Two-step verification without JavaScript: switching on, signing in, losing the phone."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.signin.second_factor import app_secret, use_code
from tests.accounts.codes import code_of
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

CODE, APP, CODES = "/login/code/", "/account/two-step/app/", "/account/two-step/codes/"
PASSKEY = "/account/two-step/passkeys/add/"


@pytest.fixture(autouse=True)
def no_code_was_used():
    """A used code is remembered in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def secret(admin):
    return app_secret(admin)


def is_in(client):
    return client.get("/").status_code == 200


def first_step(admin, **extra):
    client = Client()
    assert log_in(client, admin.email, **extra)["Location"] == CODE
    return client


def recovery_codes(admin):
    return admin.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit
def test_an_app_is_added_with_its_first_code_and_asked_for_from_then_on(
    admin, admin_client, mailoutbox
):
    page = admin_client.get(APP).content.decode()
    assert "<svg" in page
    assert "data:" not in page
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[1]
    refused = admin_client.post(APP, {"code": "000000"})
    assert b"This code is not right" in refused.content
    assert not Authenticator.objects.exists()
    answer = admin_client.post(APP, {"code": code_of(secret)})
    assert answer["Location"] == CODES
    assert len(re.findall(r"<code>\d{8}</code>", admin_client.get(CODES).content.decode())) == 10
    assert mailoutbox[-1].to == [admin.email]
    client = first_step(admin)
    assert not is_in(client)
    assert client.post(CODE, {"code": code_of(secret, 1)})["Location"] == "/"
    assert is_in(client)


def test_the_password_alone_opens_nothing(admin, secret):
    client = first_step(admin)
    for path in (
        "/",
        "/candidates/",
        "/security-settings/api/",
        "/account/two-step/",
        "/password/",
    ):
        assert client.get(path)["Location"].startswith("/login/"), path
    assert client.post("/account/two-step/app/remove/").status_code == 302
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "x" * 5000, "\x00", "１２３４５６", "٠٠٠٠٠٠"]
)
def test_a_wrong_code_is_refused_and_said(admin, secret, code):
    client = first_step(admin)
    page = client.post(CODE, {"code": code})
    assert page.status_code == 200
    assert page.context["form"].errors["code"]
    assert not is_in(client)


def test_a_code_works_once(admin, secret):
    code = code_of(secret)
    assert first_step(admin).post(CODE, {"code": code}).status_code == 302
    assert first_step(admin).post(CODE, {"code": code}).status_code == 200


@pytest.mark.parametrize("later", [0, 29, 31, 45, 59])
def test_a_used_code_stays_used_for_as_long_as_a_slow_clock_could_show_it_even_without_a_cache(
    admin, secret, time_machine, later
):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    code = code_of(secret, 1)  # of a clock that is a little fast
    assert first_step(admin).post(CODE, {"code": code}).status_code == 302
    cache.clear()
    time_machine.shift(later)
    assert first_step(admin).post(CODE, {"code": code}).status_code == 200
    confirm = signed_in(admin).post("/account/confirm/code/", {"code": code})
    assert confirm.status_code == 400
    assert SecurityEvent.objects.filter(kind="refused", data__reason="code").count() == 2


def test_a_code_from_before_the_last_one_that_was_used_is_refused(admin, secret):
    newer, older = code_of(secret), code_of(secret, -1)
    assert first_step(admin).post(CODE, {"code": newer}).status_code == 302
    assert first_step(admin).post(CODE, {"code": older}).status_code == 200


def test_the_code_that_added_the_app_signs_nobody_in(admin, admin_client):
    page = admin_client.get(APP).content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[1]
    code = code_of(secret)
    assert admin_client.post(APP, {"code": code})["Location"] == CODES
    assert first_step(admin).post(CODE, {"code": code}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_two_who_give_the_same_code_at_once_one_comes_in(admin, secret):
    code, start = code_of(secret), Barrier(4)

    def give(_number):
        start.wait()
        try:
            return use_code(admin, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(give, range(4))) == [False, False, False, True]


def test_an_old_code_is_refused(admin, secret):
    assert first_step(admin).post(CODE, {"code": code_of(secret, -3)}).status_code == 200


def test_next_is_kept_over_both_steps_and_leads_nowhere_else(admin, secret):
    client = first_step(admin, next="/candidates/")
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/candidates/"
    client = first_step(admin, next="https://evil.example/")
    assert client.post(CODE, {"code": code_of(secret, 1)})["Location"] == "/"


def test_the_session_key_changes_at_the_second_step(admin, secret):
    client = first_step(admin)
    before = client.session.session_key
    client.post(CODE, {"code": code_of(secret)})
    assert client.session.session_key != before


def test_a_recovery_code_signs_in_once(admin, secret):
    code = recovery_codes(admin)[0]
    assert b"recovery code" in first_step(admin).get(f"{CODE}?recover").content
    assert first_step(admin).post(CODE, {"code": code})["Location"] == "/"
    assert first_step(admin).post(CODE, {"code": code}).status_code == 200
    assert len(recovery_codes(admin)) == 9


def test_new_recovery_codes_end_the_old_ones(admin, secret):
    old = recovery_codes(admin)
    client = signed_in(admin)
    assert client.post("/account/two-step/codes/new/")["Location"] == CODES
    assert not set(old) & set(recovery_codes(admin))
    text = client.get("/account/two-step/codes/download/")
    assert text.content.decode().split() == recovery_codes(admin)
    assert "no-store" in text["Cache-Control"]


def test_disabled_between_the_steps_is_out(admin, secret):
    client = first_step(admin)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_who_has_no_second_factor_is_not_asked(admin):
    assert log_in(Client(), admin.email)["Location"] == "/"


def test_the_second_step_is_not_there_without_the_first(client, admin, secret):
    assert client.get(CODE)["Location"] == "/login/"
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/login/"
    assert not is_in(client)


def test_signing_in_as_someone_else_forgets_the_first_step(admin, secret):
    client = first_step(admin)
    assert client.get("/login/")["Location"] == CODE
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/login/").status_code == 200
    assert client.get(CODE)["Location"] == "/login/"


def test_removing_the_app_takes_the_recovery_codes_too(admin, secret):
    client = signed_in(admin)
    assert b"Remove the authenticator app?" in client.get(f"{APP}remove/").content
    assert client.post(f"{APP}remove/")["Location"] == "/account/two-step/"
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("path", [f"{APP}remove/", CODES, f"{CODES}new/", PASSKEY])
def test_an_old_sign_in_proves_itself_before_second_factors_change(
    admin, secret, time_machine, path
):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    client = signed_in(admin)
    assert client.get(path).status_code == 200
    time_machine.shift(15 * 60 + 1)
    assert client.get(path)["Location"] == f"/account/confirm/?next={quote(path, safe='')}"
    client.post("/account/confirm/", {"password": PASSWORD, "next": path})
    assert client.get(path).status_code == 200


def test_a_removal_waits_for_the_confirmation_and_then_is_done(admin, secret, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    client = signed_in(admin)
    time_machine.shift(15 * 60 + 1)
    path = f"{APP}remove/"
    assert client.post(path)["Location"].startswith("/account/confirm/?next=")
    client.post("/account/confirm/", {"password": "wrong", "next": path})
    assert Authenticator.objects.count() == 2
    client.post("/account/confirm/", {"password": PASSWORD, "next": path})
    assert not Authenticator.objects.exists()


def test_a_code_confirms_like_the_password_and_for_tokens_too(
    admin, secret, time_machine, settings
):
    settings.APITOKENS_REAUTH_AGE = 600
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    client = signed_in(admin)
    time_machine.shift(3600)
    generate = "/security-settings/api/generate/"
    token = {"name": "Sync", "kind": "unending", "request_id": "0" * 32}
    assert client.post(generate, token)["Location"].startswith("/account/confirm/")
    assert b"/account/confirm/code/" in client.get("/account/confirm/").content
    wrong = client.post("/account/confirm/code/", {"code": "000000"})
    assert wrong.status_code == 400
    assert client.post(generate, token)["Location"].startswith("/account/confirm/")
    right = client.post("/account/confirm/code/", {"code": code_of(secret), "next": "/candidates/"})
    assert right["Location"] == "/candidates/"
    assert client.post(generate, token).status_code != 302
    assert client.get(f"{APP}remove/").status_code == 200


def test_pages_with_secrets_are_not_kept(admin, secret):
    client = signed_in(admin)
    pages = [client.get(CODES), first_step(admin).get(CODE)]
    Authenticator.objects.all().delete()
    for page in (*pages, client.get(APP)):
        assert "no-store" in page["Cache-Control"]


def test_nobody_sees_or_touches_anothers_passkey(admin, other_admin):
    key = Authenticator.objects.create(
        user=other_admin, type="webauthn", data={"name": "Theirs", "credential": {}}
    )
    client = signed_in(admin)
    assert b"Theirs" not in client.get("/account/two-step/").content
    for path in (
        f"/account/two-step/passkeys/{key.pk}/",
        f"/account/two-step/passkeys/{key.pk}/remove/",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize("credential", ["", "x", "{}", "[]", "null", '{"id": 1}', "[" * 5000])
def test_a_made_up_passkey_signs_nobody_in(client, admin, credential):
    client.get("/login/passkey/", HTTP_ACCEPT="application/json")
    answer = client.post("/login/passkey/", {"credential": credential})
    assert answer["Location"] == "/login/"
    assert not is_in(client)


def test_the_app_of_a_person_without_company_works_too(db):
    staff = UserFactory(company=None, access_level="", is_staff=True)
    secret = app_secret(staff)
    client = first_step(staff)
    assert client.post(CODE, {"code": code_of(secret)})["Location"] == "/"
