"""Google and Microsoft: off until configured, then for people who are here, by verified e-mail."""

import re
from urllib.parse import parse_qs, urlsplit

import environ
import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.signin.second_factor import app_secret
from svportal.settings_signin import identity_providers
from tests.accounts.identity_provider import CLIENT_ID, identity_provider
from tests.accounts.test_log_in import EVIL
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

START, CALLBACK = "/login/with/google/", "/login/with/google/callback/"


@pytest.fixture
def provider(settings):
    with identity_provider() as server:
        settings.SOCIALACCOUNT_PROVIDERS = providers(server.url)
        server.claims = {"email": "admin@acme.test", "email_verified": True}
        yield server


def providers(url):
    google = {
        "provider_id": "google", "name": "Google", "client_id": CLIENT_ID, "secret": "s",
        "settings": {"server_url": url, "fetch_userinfo": False},
    }  # fmt: skip
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [google]}}


def start(client, **data):
    """The question that the browser takes to the provider, as a dict."""
    page = client.post(START, data)
    assert page.status_code == 200
    link = re.search(r'<a class="btn btn-primary" href="([^"]+)"', page.content.decode())[1]
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(link).query.replace("&amp;", "&")).items()
    }


def come_back(client, state, code="right"):
    return client.get(CALLBACK, {"state": state, "code": code})


def sign_in(client=None, **data):
    client = client or Client()
    return client, come_back(client, start(client, **data)["state"])


def is_in(client):
    return client.get("/").status_code == 200


def test_both_are_off_until_they_have_a_client_id(client):
    page = client.get("/login/").content.decode()
    assert "Google" not in page
    assert "Microsoft" not in page
    for name in ("google", "microsoft", "nobody"):
        assert client.post(f"/login/with/{name}/").status_code == 404
        assert client.get(f"/login/with/{name}/callback/?code=x&state=y").status_code == 404


@pytest.mark.parametrize(
    ("environment", "on"),
    [
        ({}, []),
        ({"GOOGLE_CLIENT_ID": "a"}, ["google"]),
        ({"MICROSOFT_CLIENT_ID": "a"}, []),
        ({"MICROSOFT_CLIENT_ID": "a", "MICROSOFT_TENANT": "t"}, ["microsoft"]),
    ],
)
def test_the_environment_switches_them_on(environment, on):
    env = environ.Env()
    env.ENVIRON = environment
    apps = identity_providers(env)["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert [app["provider_id"] for app in apps] == on


def test_a_person_who_is_here_is_signed_in_and_no_link_is_kept(admin, provider):
    client, answer = sign_in()
    assert answer["Location"] == "/"
    assert is_in(client)
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()
    assert client.get("/account/sessions/").context["sessions"][0].method == "Google"


def test_the_question_carries_state_pkce_and_the_scope_for_the_address(provider, client):
    question = start(client)
    assert question["client_id"] == CLIENT_ID
    assert question["code_challenge_method"] == "S256"
    assert "email" in question["scope"].split()
    assert question["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert len(question["state"]) >= 16


def test_it_starts_by_a_form_only_and_with_a_csrf_token(provider, client):
    assert client.get(START).status_code == 405
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403


def test_the_hop_is_a_page_that_the_policy_lets_go_on(provider, client):
    page = client.post(START)
    assert f'content="0;url={provider.url}/authorize?' in page.content.decode()
    assert "form-action 'self'" in page["Content-Security-Policy"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "false"},
        {"email_verified": 2}, {"email_verified": None, "xms_edov": False},
        {"email_verified": None, "xms_edov": "0"}, {"email": ""}, {"email": None},
        {"email": "admin@acme.test.evil.example"}, {"email": "admın@acme.test"},
        {"email": ["admin@acme.test"]},
    ],
)  # fmt: skip
def test_who_is_not_found_by_a_verified_address_is_told_whom_to_ask(admin, provider, claims):
    provider.claims |= claims
    client, answer = sign_in()
    assert answer.status_code in (200, 401, 403)
    assert not is_in(client)
    assert User.objects.count() == 1


@pytest.mark.parametrize("edov", [True, 1, "1", "true"])
def test_microsofts_word_for_a_verified_address_counts(admin, provider, edov):
    provider.claims = {"email": "admin@acme.test", "xms_edov": edov}
    assert sign_in()[1]["Location"] == "/"


def test_nobody_signs_up(provider, admin):
    provider.claims["email"] = "new@acme.test"
    client, answer = sign_in()
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Nobody signs in as new@acme.test here." in page
    assert "Ask an admin of your company for an invitation" in page
    assert not is_in(client)
    assert User.objects.count() == 1


def test_the_address_counts_in_any_case(admin, provider):
    provider.claims["email"] = "Admin@ACME.test"
    assert sign_in()[1]["Location"] == "/"


@pytest.mark.parametrize("change", ["disabled", "company suspended"])
def test_who_may_not_sign_in_may_not_so_either(admin, acme, provider, change):
    if change == "disabled":
        User.objects.filter(pk=admin.pk).update(is_active=False)
    else:
        acme.is_active = False
        acme.save()
    client, answer = sign_in()
    assert answer["Location"] == "/login/"
    assert not is_in(client)
    assert SecurityEvent.objects.get(kind="refused").data == {"reason": "inactive"}


def test_who_may_not_sign_in_is_not_asked_for_a_code_either(admin, provider):
    app_secret(admin)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    assert sign_in()[1]["Location"] == "/login/"


def test_a_second_factor_is_asked_for_all_the_same(admin, provider):
    app_secret(admin)
    client, answer = sign_in()
    assert answer["Location"] == "/login/code/"
    assert not is_in(client)


def test_a_confirmed_address_is_confirmed_by_google_too(admin, provider):
    admin.email = "asha@acme.test"
    admin.save()
    provider.claims["email"] = "asha@acme.test"
    assert sign_in()[1]["Location"] == "/"
    admin.refresh_from_db()
    assert admin.has_usable_password()


@pytest.mark.parametrize("target", EVIL)
def test_next_leads_nowhere_else(admin, provider, target):
    assert sign_in(next=target)[1]["Location"] == "/"


def test_next_leads_back_into_the_portal(admin, provider):
    assert sign_in(next="/candidates/")[1]["Location"] == "/candidates/"


def test_an_answer_to_no_question_of_this_browser_signs_nobody_in(admin, provider):
    asked, other = Client(), Client()
    state = start(asked)["state"]
    for client, answer in [(other, state), (asked, "made-up"), (asked, "")]:
        page = come_back(client, answer)
        assert (page.status_code, is_in(client)) == (401, False)
        assert b"Signing in didn" in page.content


def test_an_answer_is_taken_once(admin, provider):
    client = Client()
    state = start(client)["state"]
    come_back(client, state)
    client.post("/logout/")
    assert come_back(client, state).status_code == 401
    assert not is_in(client)


@pytest.mark.parametrize(
    "overrides",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}],
)
def test_an_id_token_for_others_or_of_yesterday_is_refused(admin, provider, overrides):
    provider.overrides = overrides
    client, answer = sign_in()
    assert (answer.status_code, is_in(client)) == (401, False)


def test_a_wrong_code_and_a_provider_that_is_gone_are_told_calmly(admin, provider):
    client = Client()
    assert come_back(client, start(client)["state"], "wrong").status_code == 401
    state = start(client)["state"]
    provider.metadata = lambda: {}
    assert come_back(client, state).status_code == 401
    provider.shutdown()
    provider.server_close()
    for answer in (client.post(START), come_back(client, state)):
        assert answer.status_code == 401
        assert b"Signing in didn" in answer.content
    assert not is_in(client)


def test_who_stops_on_the_way_is_told_that_nothing_has_changed(provider, client):
    state = start(client)["state"]
    answer = client.get(CALLBACK, {"state": state, "error": "access_denied"}, follow=True)
    assert b"You stopped signing in" in answer.content


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_nobody_adds_an_account_to_a_session_that_is_open(admin, hr, provider, process):
    client = signed_in(hr)
    state = start(client, process=process)["state"]
    answer = come_back(client, state)
    assert answer.status_code == 404
    assert not SocialAccount.objects.exists()


def test_the_session_key_changes(admin, provider):
    client = Client()
    state = start(client)["state"]
    before = client.session.session_key
    come_back(client, state)
    assert client.session.session_key != before
