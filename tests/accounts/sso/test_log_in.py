"""Signing in by a company's own identity provider: who comes in, as whom, and who doesn't."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.signin.second_factor import app_secret
from svportal.settings_signin import ACCOUNT
from tests.accounts.codes import code_of
from tests.accounts.security.conftest import listed, set_policy
from tests.accounts.sso.conftest import CALLBACK, START, ask, come_back, connect, is_in, sign_in
from tests.accounts.test_log_in import EVIL, log_in
from tests.conftest import signed_in
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

FIND = "/login/sso/"
NONE_THERE = "There is no single sign-on under this name"


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def refusals():
    return [(e.company_id, e.data["reason"], e.subject_label)
            for e in SecurityEvent.objects.filter(kind="refused")]  # fmt: skip


def test_a_person_of_the_company_signs_in_and_is_told_how(admin, provider):
    client, answer = sign_in(provider)
    assert answer["Location"] == "/"
    assert is_in(client)
    assert client.get("/account/sessions/").context["sessions"][0].method == "Single sign-on"
    event = SecurityEvent.objects.get(kind="signed-in")
    assert (event.data, event.subject_label) == ({"method": "sso"}, admin.email)
    assert (
        "By <bdi>Single sign-on</bdi>" in client.get("/security-settings/history/").content.decode()
    )
    assert not SocialToken.objects.exists()


def test_nothing_personal_is_kept_of_what_the_provider_says(admin, provider):
    provider.claims |= {"name": "Asha", "phone_number": "+91 98450 11111"}
    sign_in(provider)
    sign_in(provider)
    kept = SocialAccount.objects.get()
    assert kept.extra_data == {"id_token": {"email_verified": True, "xms_edov": None}}
    assert "subject-1" not in kept.uid


@pytest.mark.parametrize("name", ["acme", "admin@acme.test", " Admin@ACME.test ", "ACME"])
def test_the_company_is_found_by_its_name_or_a_persons_address(admin, provider, name):
    client = Client()
    state = ask(client, provider, FIND, name=name)["state"]
    assert come_back(client, state)["Location"] == "/"
    assert is_in(client)


def test_the_question_has_state_nonce_pkce_and_asks_for_the_address(provider, client):
    question = ask(client, provider)
    assert question["client_id"] == "portal"
    assert question["response_type"] == "code"
    assert question["code_challenge_method"] == "S256"
    assert set(question["scope"].split()) == {"openid", "email"}
    assert question["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert len(question["state"]) >= 16
    assert len(question["nonce"]) == 64
    assert ask(client, provider)["nonce"] != question["nonce"]


def test_nobody_adds_to_the_question(provider, client):
    page = client.post(
        f"{START}?auth_params=redirect_uri%3Dx%26prompt%3Dnone&scope=evil&process=connect"
    )
    assert b"redirect_uri=x" not in page.content
    assert b"evil" not in page.content
    assert b"prompt" not in page.content


def test_it_begins_by_a_form_with_a_csrf_token_alone(provider, client):
    page = client.get(START)
    assert page.status_code == 200
    assert b"/authorize" not in page.content
    assert provider.asked == []
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403
    assert Client(enforce_csrf_checks=True).post(FIND, {"name": "acme"}).status_code == 403
    assert client.post(CALLBACK).status_code == 405


def answers_of(path, method="post", **data):
    """What a stranger sees, but for what they typed."""
    page = getattr(Client(), method)(path, data)
    text = page.content.decode().partition("<main")[2].replace(data.get("name", "-"), "NAME")
    return page.status_code, re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", text)


def test_unknown_names_are_answered_as_companies_without_single_sign_on(
    admin, other_admin, provider
):
    answers = [
        answers_of(FIND, name=name)
        for name in ("globex", "nobody", "admin@globex.test", "nobody@acme.test", "x@nobody.test")
    ]
    assert answers[0][0] == 404
    assert NONE_THERE in answers[0][1]
    assert len(set(answers)) == 1
    for method in ("get", "post"):
        pages = {
            (status, text.replace(name, "NAME"))
            for name in ("globex", "nobody")
            for status, text in [answers_of(f"/login/sso/{name}/", method)]
        }
        assert len(pages) == 1
        assert pages.pop()[0] == 404
    backs = {
        (page.status_code, page.content.decode().partition("<main")[2])
        for name in ("globex", "nobody", "acme")
        for page in [Client().get(f"/login/sso/{name}/callback/?code=right&state=x")]
    }
    assert [status for status, _text in backs] == [401]


@pytest.mark.parametrize("how", ["switched off", "suspended"])
def test_where_it_is_off_there_is_none(acme, admin, provider, how):
    if how == "switched off":
        set_policy(acme, methods_off="sso")
    else:
        acme.is_active = False
        acme.save()
    assert Client().post(FIND, {"name": "acme"}).status_code == 404
    assert Client().post(FIND, {"name": admin.email}).status_code == 404
    assert Client().get(START).status_code == 404


def test_names_are_tried_twenty_times_a_minute_from_an_address(settings, provider, admin):
    settings.ACCOUNT_RATE_LIMITS = ACCOUNT["ACCOUNT_RATE_LIMITS"]
    tries = [Client().post(FIND, {"name": f"nobody{n}"}).status_code for n in range(10)]
    tries += [Client().post(f"/login/sso/nobody{n}/").status_code for n in range(10)]
    assert tries == [404] * 20
    refused = Client().post(FIND, {"name": "acme"})
    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert Client(REMOTE_ADDR="198.51.100.7").post(FIND, {"name": "acme"}).status_code == 200


@pytest.mark.parametrize("name", ["", " ", "x" * 300, "a\x00b"])
def test_what_is_no_name_is_said_at_the_field(name):
    page = Client().post(FIND, {"name": name})
    assert page.status_code == 400
    assert b"has-error" in page.content


# --- whom a company's provider speaks for --------------------------------------------------------
def refused_as_a_stranger(provider):
    client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert "Ask an admin of your company for an invitation" in answer.content.decode()
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    return answer


def test_a_provider_speaks_for_people_of_its_company_alone(acme, admin, other_admin, provider):
    provider.claims["email"] = other_admin.email
    provider.claims["sub"] = "of-globex"
    foreign = refused_as_a_stranger(provider).content
    provider.claims["email"] = "admin@glob3x.test"
    unknown = refused_as_a_stranger(provider).content.replace(b"glob3x", b"globex")
    assert foreign.partition(b"<main")[2] == unknown.partition(b"<main")[2]
    assert refusals() == [
        (acme.pk, "stranger", other_admin.email), (acme.pk, "stranger", "admin@glob3x.test"),
    ]  # fmt: skip


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}])
def test_it_never_speaks_for_those_who_run_the_portal(acme, admin, provider, flags):
    staff = StaffFactory(email="ops@svportal.test")
    provider.claims["email"] = staff.email
    refused_as_a_stranger(provider)
    User.objects.filter(pk=admin.pk).update(**flags)
    provider.claims["email"] = admin.email
    refused_as_a_stranger(provider)


def test_nobody_is_made(admin, provider):
    provider.claims["email"] = "new@acme.test"
    refused_as_a_stranger(provider)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "false"},
        {"email_verified": 1}, {"email": None}, {"email": ""}, {"email": ["admin@acme.test"]},
        {"email": "admın@acme.test"}, {"email": "admin@acme.test\x00"},
    ],
)  # fmt: skip
def test_an_address_counts_only_where_it_is_verified(admin, provider, claims):
    provider.claims |= claims
    client, answer = sign_in(provider)
    assert answer.status_code in (401, 403)
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_an_address_in_the_userinfo_alone_counts_too_of_the_same_person(admin, provider):
    provider.claims = {}
    provider.userinfo = {"sub": "subject-1", "email": admin.email, "email_verified": True}
    assert sign_in(provider)[1]["Location"] == "/"
    for other in (
        {**provider.userinfo, "sub": "subject-2"}, {**provider.userinfo, "sub": None},
        {"email": admin.email, "email_verified": True}, [1], "x", None,
    ):  # fmt: skip
        provider.userinfo = other
        client, answer = sign_in(provider)
        assert (answer.status_code, is_in(client)) == (401, False), other


def test_the_userinfo_overrules_no_id_token(admin, hr, provider):
    provider.userinfo = {"sub": "subject-1", "email": hr.email, "email_verified": True}
    client, _answer = sign_in(provider)
    assert client.get("/").wsgi_request.user == admin
    assert "/userinfo" not in provider.asked


# --- once known, the same person for ever --------------------------------------------------------
def test_a_changed_address_at_the_provider_moves_nobody_to_another_person(admin, hr, provider):
    sign_in(provider)
    provider.claims["email"] = hr.email
    client, answer = sign_in(provider)
    assert answer["Location"] == "/"
    assert client.get("/").wsgi_request.user == admin


def test_an_address_that_is_given_to_somebody_else_there_opens_nobodys_account(
    acme, admin, provider
):
    sign_in(provider)
    provider.claims["sub"] = "subject-2"
    client, answer = sign_in(provider)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert refusals() == [(acme.pk, "identity", admin.email)]
    assert SocialAccount.objects.count() == 1


def test_an_address_changed_here_leaves_who_is_known_who_they_are(admin, provider):
    sign_in(provider)
    admin.email = "asha@acme.test"
    admin.save()
    client, answer = sign_in(provider)
    assert answer["Location"] == "/login/e-mail/"  # the new address is confirmed first
    assert not is_in(client)


def test_who_moved_to_another_company_is_known_no_more(admin, globex, provider):
    sign_in(provider)
    User.objects.filter(pk=admin.pk).update(company=globex)
    client, answer = sign_in(provider)
    assert (answer.status_code, is_in(client)) == (403, False)


def test_who_is_known_needs_a_verified_address_all_the_same(admin, provider):
    sign_in(provider)
    provider.claims["email_verified"] = False
    client, answer = sign_in(provider)
    assert (answer.status_code, is_in(client)) == (403, False)


@pytest.mark.parametrize("subject", ["x" * 255, "ünïcödé \U0001f511", "'; DROP--", " "])
def test_subjects_may_be_of_any_kind(admin, hr, provider, subject):
    provider.claims["sub"] = subject
    assert sign_in(provider)[1]["Location"] == "/"
    provider.claims |= {"sub": "other", "email": hr.email}
    client, _answer = sign_in(provider)
    assert client.get("/").wsgi_request.user == hr


def test_two_companies_may_have_the_same_provider_and_client(
    acme, globex, admin, other_admin, provider
):
    connect(globex, provider.url)
    sign_in(provider)
    provider.claims["email"] = other_admin.email
    client = Client()
    state = ask(client, provider, "/login/sso/globex/")["state"]
    assert come_back(client, state).status_code == 401  # not the company that was asked for
    state = ask(client, provider, "/login/sso/globex/")["state"]
    answer = come_back(client, state, path="/login/sso/globex/callback/")
    assert answer["Location"] == "/"
    assert client.get("/").wsgi_request.user == other_admin


# --- every rule acts ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"only_domains": True, "domains": listed("acme.example")}, "domain"),
        ({"networks": "203.0.113.0/24"}, "network"),
    ],
)
def test_a_rule_of_the_company_refuses_and_says_why(acme, admin, provider, rule, reason):
    set_policy(acme, **rule)
    client, answer = sign_in(provider)
    assert answer["Location"] == "/login/"
    assert not is_in(client)
    assert refusals() == [(acme.pk, reason, admin.email)]


def test_who_is_disabled_stays_out(admin, provider):
    User.objects.filter(pk=admin.pk).update(is_active=False)
    client, answer = sign_in(provider)
    assert answer["Location"] == "/login/"
    assert not is_in(client)


def test_switched_off_on_the_way_it_refuses_and_ends_who_came_by_it(acme, admin, provider):
    inside, _answer = sign_in(provider)
    asked = Client()
    state = ask(asked, provider)["state"]
    set_policy(acme, methods_off="sso")
    assert come_back(asked, state)["Location"] == "/login/"
    assert refusals() == [(acme.pk, "method", admin.email)]
    assert inside.get("/candidates/")["Location"] == "/login/?ended=method&next=/candidates/"
    set_policy(acme, methods_off="password")
    assert is_in(sign_in(provider)[0])


def test_a_second_factor_is_asked_for_and_then_lets_in(admin, provider):
    secret = app_secret(admin)
    client, answer = sign_in(provider)
    assert answer["Location"] == "/login/code/"
    assert not is_in(client)
    assert client.post("/login/code/", {"code": code_of(secret)})["Location"] == "/"
    assert is_in(client)
    sessions = client.get("/account/sessions/").context["sessions"]
    assert sessions[0].method == "Single sign-on and code"


def test_another_connection_between_the_two_steps_lets_nobody_in(acme, admin, provider):
    secret = app_secret(admin)
    client, _answer = sign_in(provider)
    connect(acme, "https://other.example")
    assert client.post("/login/code/", {"code": code_of(secret)})["Location"] == "/login/"
    assert not is_in(client)


def test_an_expired_password_stops_nobody_who_came_by_it(acme, admin, provider, time_machine):
    set_policy(acme, password_days=1)
    admin.password_changed_at = admin.password_changed_at.replace(year=2020)
    admin.save()
    assert is_in(sign_in(provider)[0])


def test_the_password_is_kept(admin, provider):
    sign_in(provider)
    client = Client()
    log_in(client, admin.email)
    assert is_in(client)


# --- the way there and back ---------------------------------------------------------------------
@pytest.mark.parametrize("target", EVIL)
def test_next_leads_nowhere_else(admin, provider, target):
    assert sign_in(provider, next=target)[1]["Location"] == "/"


def test_next_leads_back_into_the_portal(admin, provider):
    assert 'href="/login/sso/?next=/team/"' in Client().get("/login/?next=/team/").content.decode()
    assert sign_in(provider, next="/candidates/")[1]["Location"] == "/candidates/"


def test_an_answer_to_no_question_of_this_browser_signs_nobody_in(admin, provider):
    asked, other = Client(), Client()
    state = ask(asked, provider)["state"]
    for client, answer in [(other, state), (asked, "made-up"), (asked, "")]:
        assert (come_back(client, answer).status_code, is_in(client)) == (401, False)


def test_an_answer_is_taken_once(admin, provider):
    client = Client()
    state = ask(client, provider)["state"]
    come_back(client, state)
    client.post("/logout/")
    assert come_back(client, state).status_code == 401
    assert not is_in(client)


def test_who_stops_on_the_way_is_told_that_nothing_has_changed(provider, client):
    state = ask(client, provider)["state"]
    answer = client.get(CALLBACK, {"state": state, "error": "access_denied"}, follow=True)
    assert b"You stopped signing in" in answer.content


def test_a_stolen_code_is_of_no_use_to_another_browser(admin, provider):
    """PKCE: the provider takes the code from the browser's own question alone."""
    ask(Client(), provider)
    thief = Client()
    state = ask(thief, provider)["state"]
    ask(Client(), provider)
    assert (come_back(thief, state).status_code, is_in(thief)) == (401, False)


def test_the_session_key_changes_and_whoever_was_in_is_out(admin, hr, provider):
    client = signed_in(hr)
    state = ask(client, provider)["state"]
    before = client.session.session_key
    come_back(client, state)
    assert client.session.session_key != before
    assert client.get("/").wsgi_request.user == admin


def test_the_addresses_of_google_lead_to_no_company(acme, admin, provider):
    """They leave the signature to TLS: good enough for providers of the portal's own alone."""
    for path in (f"/login/with/sso-{acme.pk}/", f"/login/with/sso-{acme.pk}/callback/"):
        assert Client().post(path).status_code == 404
        assert Client().get(f"{path}?code=right&state=x").status_code in (404, 405)
    assert provider.asked == []
