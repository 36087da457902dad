"""Second factors in the company's history: added, removed, renewed, given wrongly."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.security.history import Line
from accounts.signin.second_factor import app_secret
from apitokens.wording import plain
from tests.accounts.codes import code_of
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

TWO_STEP, CODE = "/account/two-step/", "/login/code/"


@pytest.fixture(autouse=True)
def no_code_was_used():
    cache.clear()


def told(company):
    """(what, its sentences, who) of *company*, oldest first, but for log-ins."""
    events = SecurityEvent.objects.for_company(company).exclude(kind="signed-in").order_by("pk")
    lines = [Line("s", event) for event in events]
    return [(line.what, "; ".join(line.sentences(plain)), line.who) for line in lines]


def add_app(client):
    page = client.get(f"{TWO_STEP}app/").content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[1]
    assert client.post(f"{TWO_STEP}app/", {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.mark.django_db(transaction=True)  # allauth tells on commit
def test_an_app_that_is_added_and_removed_and_new_codes_are_lines(hr, hr_client, acme):
    add_app(hr_client)
    hr_client.post(f"{TWO_STEP}codes/new/")
    hr_client.post(f"{TWO_STEP}app/remove/")
    who = "Joseph D’Souza"
    assert told(acme) == [
        ("Second step added", "hr@acme.test: authenticator app", who),
        ("Second step added", "hr@acme.test: recovery codes", who),
        ("New recovery codes", "hr@acme.test", who),
        ("Second step removed", "hr@acme.test: authenticator app", who),
        ("Second step removed", "hr@acme.test: recovery codes", who),
    ]
    addresses = SecurityEvent.objects.exclude(kind="signed-in").values_list("address", flat=True)
    assert set(addresses) == {"127.0.0.1"}


def test_a_passkey_that_is_removed_is_told_with_its_name(hr, hr_client, acme):
    key = Authenticator.objects.create(user=hr, type="webauthn", data={"name": "Work laptop"})
    hr_client.post(f"{TWO_STEP}passkeys/{key.pk}/remove/")
    assert told(acme) == [
        ("Second step removed", "hr@acme.test: passkey Work laptop", "Joseph D’Souza")
    ]


@pytest.mark.parametrize("by", ["its page", "the list"])
def test_one_that_staff_remove_is_told_with_their_name(hr, acme, by):
    app_secret(hr)
    app = Authenticator.objects.get(type="totp")
    client = signed_in(StaffFactory(name="Operations"))
    pages = "/admin/mfa/authenticator/"
    if by == "its page":
        client.post(f"{pages}{app.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": app.pk, "post": "yes"}
        client.post(pages, chosen)
    assert not Authenticator.objects.filter(type="totp").exists()
    assert told(acme) == [("Second step removed", "hr@acme.test: authenticator app", "Operations")]


def test_a_wrong_code_is_told_at_the_log_in_and_where_it_confirms(hr, acme):
    secret = app_secret(hr)
    client = Client()
    log_in(client, hr.email)
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"credential": '{"id": 1}'})
    client.post(CODE, {"code": code_of(secret)})
    client.post("/account/confirm/code/", {"code": "000000"})
    refused = "Refused sign-in"
    assert told(acme) == [
        (refused, "hr@acme.test: wrong code", "System"),
        (refused, "hr@acme.test: wrong passkey", "System"),
        (refused, "hr@acme.test: wrong code", "System"),
    ]
    signed = SecurityEvent.objects.get(kind="signed-in")
    assert Line("s", signed).sentences(plain) == ["By Password and code"]


def test_a_passkey_alone_that_is_wrong_is_nobodys(client, hr, acme):
    client.get("/login/passkey/", HTTP_ACCEPT="application/json")
    client.post("/login/passkey/", {"credential": '{"id": 1}'})
    assert told(acme) == []
    event = SecurityEvent.objects.get()
    assert (event.company_id, event.data) == (None, {"reason": "passkey"})


def test_who_is_disabled_is_told_so_in_the_history_whatever_their_password(hr, acme):
    User.objects.filter(pk=hr.pk).update(is_active=False)
    for password in ("wrong", None):
        log_in(Client(), hr.email, *filter(None, [password]))
    assert told(acme) == [("Refused sign-in", "hr@acme.test: account is disabled", "System")] * 2


def test_no_line_holds_a_secret(hr, acme):
    secret = app_secret(hr)
    client = Client()
    log_in(client, hr.email)
    code = code_of(secret)
    client.post(CODE, {"code": "314159"})
    client.post(CODE, {"code": code})
    kept = str(list(SecurityEvent.objects.values()))
    assert not any(text in kept for text in (secret, code, "314159"))
