"""Rules and the real log-in together: an identity provider, an authenticator app, a mailed link."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.security.models import SecurityEvent
from tests.accounts.codes import code_of
from tests.accounts.identity_provider import identity_provider
from tests.accounts.security.conftest import listed
from tests.accounts.security.test_passwords import aged
from tests.accounts.test_log_in import log_in
from tests.accounts.test_providers import providers, sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

APP = "/account/two-step/app/"


def is_in(client):
    return client.get("/candidates/").status_code == 200


@pytest.fixture
def google(settings):
    """An identity provider that knows the Admin, in Google's place."""
    with identity_provider() as server:
        settings.SOCIALACCOUNT_PROVIDERS = providers(server.url)
        server.claims = {"email": "admin@acme.test", "email_verified": True}
        yield server


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def test_google_is_refused_where_it_is_off_and_let_in_where_the_password_is(admin, rules, google):
    rules(methods_off="google")
    client, answer = sign_in()
    assert "doesn’t let people sign in this way" in client.get(answer["Location"]).content.decode()
    assert not is_in(client)
    assert SecurityEvent.objects.get(kind="refused").data == {"reason": "method"}
    rules(methods_off="password passkey")
    client, _answer = sign_in()
    assert is_in(client)
    assert SecurityEvent.objects.get(kind="signed-in").data == {"method": "google"}
    client = Client()
    log_in(client, admin.email)
    assert not is_in(client)


@pytest.mark.parametrize(
    "rule", [{"only_domains": True, "domains": listed("acme.example")}, {"networks": "::1/128"}]
)
def test_an_identity_provider_is_no_way_round_domains_and_networks(admin, rules, google, rule):
    rules(**rule)
    client, _answer = sign_in()
    assert not is_in(client)
    assert "_auth_user_id" not in client.session
    assert not SecurityEvent.objects.filter(kind="signed-in").exists()


def test_who_came_by_google_is_not_asked_for_a_new_password(admin, rules, google):
    rules(password_days=30)
    aged(admin, 31)
    client, _answer = sign_in()
    assert is_in(client)


def test_a_required_second_factor_is_set_up_on_the_way_in(admin, rules):
    rules(grace_days=0, second_factor_from=timezone.now())
    client = Client()
    log_in(client, admin.email)
    assert client.get("/candidates/")["Location"] == "/account/two-step/"
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", client.get(APP).content.decode())[1]
    assert client.post(APP, {"code": code_of(secret)}).status_code == 302
    assert is_in(client)
    again = Client()
    assert log_in(again, admin.email)["Location"] == "/login/code/"
    assert not is_in(again)


def test_the_step_before_the_code_opens_nothing_though_the_rules_would_let_it(admin, rules):
    client = Client()
    log_in(client, admin.email)
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", client.get(APP).content.decode())[1]
    client.post(APP, {"code": code_of(secret)})
    half = Client()
    log_in(half, admin.email)
    assert half.get("/account/two-step/").status_code == 302
    assert half.get("/account/session/").status_code == 401


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit
def test_a_mailed_link_gives_no_former_password_back(admin, mailoutbox):
    client = Client()
    client.post("/password/reset/", {"email": admin.email})
    link = re.search(r"https?://testserver(/password/reset/\S+)", mailoutbox[-1].body)[1]
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else link
    refused = client.post(address, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert "last 5" in refused.content.decode()
    new = "a brand new passphrase"
    client.post(address, {"new_password1": new, "new_password2": new})
    assert User.objects.get(pk=admin.pk).check_password(new)
