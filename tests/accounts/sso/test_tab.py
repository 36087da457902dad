"""The tab "Custom SSO": what an Admin connects, tests, replaces and disconnects."""

import time

import environ
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import SecurityEvent, SecurityPolicy, SingleSignOn, User
from svportal.settings_signin import ACCOUNT, networks
from tests.accounts.security.conftest import set_policy
from tests.accounts.sso.conftest import connect, is_in, sign_in
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

TAB = "/security-settings/custom-sso/"
DISCONNECT = f"{TAB}disconnect/"
METHODS = "/security-settings/login-methods/"


@pytest.fixture
def by_password(admin):
    client = Client()
    log_in(client, admin.email)
    return client


@pytest.fixture
def fresh(acme, provider):
    """A provider, and no connection to it."""
    SingleSignOn.objects.all().delete()
    SecurityPolicy.objects.all().delete()
    return provider


def entered(provider, **others):
    return {"issuer": provider.url, "client_id": "portal", "secret": "s3cret", **others}


def events():
    return [event.data for event in SecurityEvent.objects.filter(kind="sso").order_by("pk")]


def text_of(page):
    return page.content.decode()


def test_an_admin_connects(acme, by_password, fresh):
    page = by_password.get(TAB)
    assert "Not connected" in text_of(page)
    assert 'value="http://testserver/login/sso/acme/callback/"' in text_of(page)
    assert by_password.post(TAB, entered(fresh))["Location"] == TAB
    connection = SingleSignOn.objects.get()
    assert (connection.company, connection.connected_by.email) == (acme, "admin@acme.test")
    assert connection.secret == "s3cret"
    assert "s3cret" not in connection.encrypted_secret
    [event] = events()
    assert event["before"] is None
    assert event["after"]["issuer"] == fresh.url
    assert is_in(sign_in(fresh)[0])


def test_the_secret_is_shown_and_written_nowhere(by_password, fresh, caplog):
    by_password.post(TAB, entered(fresh))
    pages = [by_password.get(path) for path in (TAB, DISCONNECT, METHODS)]
    pages += [
        by_password.get("/security-settings/history/"),
        by_password.post(TAB, entered(fresh, issuer="x")),
    ]
    assert not any("s3cret" in text_of(page) for page in pages)
    assert "s3cret" not in str(events()) + caplog.text
    assert 'href="http://testserver/login/sso/acme/"' in text_of(pages[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", ""), ("issuer", "http://id.acme.test"), ("issuer", "id.acme.test"),
        ("issuer", "https://"), ("issuer", "javascript:alert(1)"), ("issuer", "https://[::1"),
        ("issuer", "https://user:pw@id.acme.test"), ("issuer", "https://id.acme.test?x=1"),
        ("issuer", "https://id.acme.test#x"), ("issuer", "https://id.acme.test\x00"),
        ("issuer", "https://id.acme\u202e.test"), ("issuer", f"https://{'a' * 300}.test"),
        ("client_id", ""), ("client_id", "x" * 192), ("client_id", "a\x00"),
        ("secret", ""), ("secret", "x" * 1025), ("secret", "a\x00"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_said_at_its_field(by_password, fresh, field, value):
    page = by_password.post(TAB, entered(fresh, **{field: value}))
    assert page.status_code == 400
    assert page.context["form"].errors.keys() == {field}
    assert not SingleSignOn.objects.exists()
    assert events() == []


def test_the_address_of_the_configuration_is_understood_too(by_password, fresh):
    issuer = f"{fresh.url}/.well-known/openid-configuration"
    assert by_password.post(TAB, entered(fresh, issuer=issuer)).status_code == 302
    assert SingleSignOn.objects.get().issuer == fresh.url


def metadata(provider, **change):
    provider.metadata = lambda: {**provider.usual_metadata(), **change}


TROUBLES = {
    "another issuer": (
        lambda p: metadata(p, issuer="https://other.example"), "names another issuer",
    ),
    "no issuer": (lambda p: metadata(p, issuer=None), "names another issuer"),
    "no document": (
        lambda p: p.answers.update({"/.well-known/openid-configuration": ({}, 404)}),
        "no configuration of an identity provider",
    ),
    "a page": (
        lambda p: p.answers.update({"/.well-known/openid-configuration": (b"<html>",)}),
        "no configuration of an identity provider",
    ),
    "no https inside": (
        lambda p: metadata(p, token_endpoint="http://x"), "addresses that don’t begin with https",
    ),
    "no keys": (lambda p: p.answers.update({"/keys": ({},)}), "signing keys can’t be read"),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("act", ["test", "connect"])
def test_a_provider_that_will_not_do_is_told_in_words(by_password, fresh, trouble, act):
    spoil, words = TROUBLES[trouble]
    spoil(fresh)
    page = by_password.post(TAB, entered(fresh) | ({"test": "yes"} if act == "test" else {}))
    assert page.status_code == (200 if act == "test" else 400)
    assert "Does not work" in text_of(page)
    assert words in text_of(page)
    assert not SingleSignOn.objects.exists()


def test_a_test_says_what_works_and_saves_nothing(by_password, fresh):
    page = by_password.post(TAB, {"issuer": fresh.url, "test": "yes"})
    assert page.status_code == 200
    for words in (
        "Works",
        "Configuration read",
        "Issuer is the same",
        "1 signing key found",
        "RS256",
    ):
        assert words in text_of(page)
    assert "has-error" not in text_of(page)
    assert not SingleSignOn.objects.exists()
    assert by_password.post(TAB, {"issuer": "", "test": "yes"}).status_code == 400


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "nowhere.invalid", "[fd00::1]"])
def test_what_is_inside_is_told_as_what_does_not_answer(by_password, fresh, host):
    page = by_password.post(TAB, {"issuer": f"https://{host}", "test": "yes"})
    assert "Nothing answers there. The address has to be a public one" in text_of(page)


def test_a_certificate_that_nobody_vouches_for_is_told(by_password, fresh, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    page = by_password.post(TAB, {"issuer": fresh.url, "test": "yes"})
    assert "certificate there is not one that can be trusted" in text_of(page)


def test_tests_are_few(by_password, fresh, settings):
    settings.ACCOUNT_RATE_LIMITS = ACCOUNT["ACCOUNT_RATE_LIMITS"]
    cache.clear()
    tries = [
        by_password.post(TAB, {"issuer": "https://10.0.0.1", "test": "yes"}) for _ in range(11)
    ]
    assert [page.status_code for page in tries] == [200] * 10 + [429]


# --- who may, and how fresh the log-in has to be ------------------------------------------------
@pytest.mark.parametrize("path", [TAB, DISCONNECT])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_an_admin_sees_or_does_it(hr_client, recruiter_client, client, path, method):
    assert getattr(hr_client, method)(path).status_code == 403
    assert getattr(recruiter_client, method)(path).status_code == 403
    assert getattr(client, method)(path)["Location"].startswith("/login/")


def test_another_company_sees_and_touches_its_own_alone(acme, other_admin_client, provider):
    assert provider.url not in text_of(other_admin_client.get(TAB))
    other_admin_client.post(DISCONNECT)
    assert SingleSignOn.objects.get().company == acme


def test_every_form_needs_its_token(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(TAB).status_code == 403
    assert client.post(DISCONNECT).status_code == 403


def test_an_old_log_in_is_confirmed_first_and_what_was_typed_is_kept(admin, fresh, by_password):
    session = by_password.session
    session["apitokens_signed_in_at"] = int(time.time()) - 16 * 60
    session.save()
    answer = by_password.post(TAB, entered(fresh))
    assert answer["Location"].startswith("/account/confirm/?next=")
    assert "s3cret" not in answer["Location"]
    assert not SingleSignOn.objects.exists()
    back = f"{TAB}?issuer=https%3A%2F%2Fid.acme.test&client_id=portal"
    answer = by_password.post("/account/confirm/", {"password": PASSWORD, "next": back})
    assert answer["Location"] == back
    form = by_password.get(back).context["form"]
    assert (form["issuer"].value(), form["secret"].value()) == ("https://id.acme.test", None)
    assert by_password.post(TAB, entered(fresh))["Location"] == TAB


# --- changes ------------------------------------------------------------------------------------
def test_a_secret_is_replaced_and_nobody_is_signed_out(admin, by_password, provider):
    inside, _answer = sign_in(provider)
    before = SingleSignOn.objects.get()
    assert by_password.post(TAB, entered(provider, secret="")).status_code == 302
    assert events() == []
    assert by_password.post(TAB, entered(provider)).status_code == 302
    after = SingleSignOn.objects.get()
    assert (before.secret, after.secret) == ("a secret", "s3cret")
    assert after.connected_at == before.connected_at
    assert is_in(inside)
    assert "New client secret" in text_of(by_password.get("/security-settings/history/"))
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("change", ["issuer", "client_id"])
def test_another_issuer_or_client_is_another_connection(admin, hr, by_password, provider, change):
    """Old sessions end, and nobody is known by what the old one said."""
    inside, _answer = sign_in(provider)
    connection = SingleSignOn.objects.get()
    setattr(connection, change, "https://before.example" if change == "issuer" else "before")
    connection.save()
    assert by_password.post(TAB, entered(provider)).status_code == 302
    assert inside.get("/candidates/")["Location"].startswith("/login/?ended=method")
    assert not SocialAccount.objects.exists()
    provider.claims["email"] = hr.email
    client, _answer = sign_in(provider)
    assert client.get("/candidates/").wsgi_request.user == hr
    assert "before" in str(events()[0]["before"])


@pytest.mark.parametrize("change", ["issuer", "client_id"])
def test_no_secret_is_sent_to_whom_it_was_not_entered_for(by_password, provider, change):
    connection = SingleSignOn.objects.get()
    setattr(connection, change, "https://before.example" if change == "issuer" else "before")
    connection.save()
    page = by_password.post(TAB, entered(provider, secret=""))
    assert page.status_code == 400
    assert "Enter the secret of this client" in text_of(page)
    assert events() == []


def test_a_secret_that_no_key_opens_is_said_and_replaced(by_password, provider):
    SingleSignOn.objects.update(encrypted_secret="not what we wrote")
    page = by_password.get(TAB)
    assert "can’t be read any more" in text_of(page)
    assert "Leave empty to keep it" not in text_of(page)
    assert by_password.post(TAB, entered(provider, secret="")).status_code == 400
    assert by_password.post(TAB, entered(provider)).status_code == 302
    assert is_in(sign_in(provider)[0])


def test_disconnecting_removes_all_of_it(acme, admin, by_password, provider):
    inside, _answer = sign_in(provider)
    set_policy(acme, methods_off="passkey sso")
    page = text_of(by_password.get(DISCONNECT))
    assert "1 person has signed in by it" in page
    assert SingleSignOn.objects.exists()
    assert by_password.post(DISCONNECT)["Location"] == TAB
    assert not SingleSignOn.objects.exists()
    assert not SocialAccount.objects.exists()
    policy = SecurityPolicy.objects.get()
    assert (policy.sso_from, policy.methods_off) == (None, "passkey")
    assert not is_in(inside)
    assert events()[-1]["after"] is None
    assert "Disconnected" in text_of(by_password.get("/security-settings/history/"))
    assert by_password.post(DISCONNECT)["Location"] == TAB
    assert by_password.get(DISCONNECT)["Location"] == TAB
    assert len(events()) == 1


def test_the_only_method_that_is_on_is_not_disconnected(acme, admin, by_password, provider):
    inside, _answer = sign_in(provider)
    set_policy(acme, methods_off="passkey password")
    page = inside.post(DISCONNECT)
    assert page.status_code == 400
    assert "At least one method has to stay on" in text_of(page)
    assert SingleSignOn.objects.exists()


def test_nobody_disconnects_what_they_came_by(acme, admin, provider):
    inside, _answer = sign_in(provider)
    answer = inside.post(DISCONNECT)
    assert answer["Location"].startswith("/account/confirm/?next=")
    inside.post("/account/confirm/", {"password": PASSWORD})
    page = inside.post(DISCONNECT)
    assert page.status_code == 400
    assert "You signed in by a method that would be off" in text_of(page)
    page = inside.post(TAB, entered(provider, client_id="another"))
    assert page.status_code == 400
    assert "You signed in by a method that would be off" in text_of(page)
    assert SingleSignOn.objects.get().client_id == "portal"
    assert events() == []
    assert is_in(inside)


# --- the login methods ----------------------------------------------------------------------------
def test_its_switch_is_there_once_it_is_connected(acme, other_admin, by_password, provider):
    assert "use_sso" in by_password.get(METHODS).context["form"].fields
    assert "Single sign-on" in text_of(by_password.get(METHODS))
    assert "use_sso" not in signed_in(other_admin).get(METHODS).context["form"].fields


def test_it_is_switched_off_and_on_as_any_other(acme, admin, by_password, provider):
    inside, _answer = sign_in(provider)
    on = {"use_password": "on", "use_passkey": "on"}
    everything = "password sso passkey"
    assert by_password.post(METHODS, on | {"was_on": everything}).status_code == 302
    assert SecurityPolicy.objects.get().methods_off == "sso"
    assert not is_in(inside)
    on = {"use_sso": "on", "use_password": "on", "use_passkey": "on"}
    assert by_password.post(METHODS, on | {"was_on": "password passkey"}).status_code == 302
    assert is_in(sign_in(provider)[0])


def test_who_came_by_it_may_leave_it_as_the_only_one(acme, admin, provider):
    inside, _answer = sign_in(provider)
    kept = {"use_sso": "on", "was_on": "password sso passkey"}
    assert inside.post(METHODS, kept).status_code == 302
    assert SecurityPolicy.objects.get().methods_off == "passkey password"
    assert is_in(inside)
    client = Client()
    log_in(client, admin.email)
    assert not is_in(client)


def test_a_company_and_its_people_can_be_deleted_with_it(acme, admin, provider):
    sign_in(provider)
    acme.delete()
    assert not SingleSignOn.objects.exists()
    assert not User.objects.exists()


def test_who_connected_it_may_leave(acme, admin, hr, by_password, fresh):
    by_password.post(TAB, entered(fresh))
    admin.delete()
    assert SingleSignOn.objects.get().connected_by is None
    assert connect(acme, fresh.url)


def test_a_network_that_is_none_stops_the_start_and_is_named():
    env = environ.Env()
    env.ENVIRON = {"SSO_NETWORKS": "10.0.0.0/8,fd00::/8"}
    assert networks(env, "SSO_NETWORKS") == ["10.0.0.0/8", "fd00::/8"]
    for wrong in ("10.0.0.1/8", "inside", "0"):
        env.ENVIRON = {"SSO_NETWORKS": wrong}
        with pytest.raises(ImproperlyConfigured, match="SSO_NETWORKS"):
            networks(env, "SSO_NETWORKS")
