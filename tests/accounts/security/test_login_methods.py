"""Login methods: what is off is refused and ends, one stays on, and nobody locks themselves out."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.security import login_services, services
from accounts.security.models import SecurityEvent, SecurityPolicy
from accounts.security.rules import Visit
from tests.accounts.security.conftest import set_policy
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/login-methods/"
BY_PASSWORD = {"method": "password"}
BY_PASSKEY = {"method": "mfa", "type": "webauthn", "passwordless": True}
BY_GOOGLE = {"method": "socialaccount", "provider": "google", "uid": "1"}


def came_by(user, *steps, ago=0):
    """A browser whose session says, as allauth writes it, that *user* came by *steps*."""
    client = signed_in(user)
    session = client.session
    session["account_authentication_methods"] = [
        {**step, "at": time.time() - ago} for step in steps
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.fixture
def google(settings):
    """The portal knows Google besides password and passkey."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [{
            "provider_id": "google", "name": "Google", "client_id": "x", "secret": "x",
            "settings": {"server_url": "https://idp.test"},
        }]},
    }  # fmt: skip


def save(client, *on, was="password passkey", **data):
    return client.post(PAGE, {**{f"use_{name}": "on" for name in on}, "was_on": was, **data})


def off(acme):
    return SecurityPolicy.objects.get(company=acme).methods_off


def test_a_method_that_is_off_is_refused_and_only_who_proved_themselves_is_told(hr, rules):
    rules(methods_off="password")
    client = Client()
    page = log_in(client, hr.email)
    page = client.get(page["Location"]) if page.status_code == 302 else page
    assert "doesn’t let people sign in this way" in page.content.decode()
    assert client.get("/candidates/").status_code == 302
    wrong = log_in(Client(), hr.email, "wrong").content.decode()
    assert "doesn’t let people" not in wrong
    assert "method" in [e.data["reason"] for e in SecurityEvent.objects.filter(kind="refused")]


def test_sessions_end_by_the_method_they_began_with(hr, rules):
    rules(methods_off="password")
    assert came_by(hr, BY_PASSKEY).get("/candidates/").status_code == 200
    assert came_by(hr, BY_GOOGLE).get("/candidates/").status_code == 200
    assert came_by(hr, BY_PASSWORD).get("/candidates/").status_code == 302
    assert signed_in(hr).get("/candidates/").status_code == 302  # one that doesn't say how
    code = {"method": "mfa", "type": "totp"}
    assert came_by(hr, BY_PASSWORD, code).get("/candidates/").status_code == 302
    rules(methods_off="google passkey")
    assert came_by(hr, BY_PASSWORD, code).get("/candidates/").status_code == 200
    assert came_by(hr, BY_GOOGLE).get("/candidates/").status_code == 302
    assert came_by(hr, BY_PASSKEY).get("/candidates/").status_code == 302


def test_switching_one_off_ends_its_sessions_at_their_next_request(admin, hr, acme, google):
    client, theirs = came_by(admin, BY_PASSWORD), came_by(hr, BY_GOOGLE)
    assert theirs.get("/candidates/").status_code == 200
    response = save(client, "password", "passkey", was="password google passkey")
    assert response.status_code == 302
    assert theirs.get("/candidates/")["Location"] == "/login/?ended=method&next=/candidates/"
    event = SecurityEvent.objects.get(kind="login-methods")
    assert event.data == {"before": [], "after": ["google"]}
    assert save(client, "password", "google", "passkey", was="password passkey").status_code == 302
    assert off(acme) == ""


def test_the_last_one_stays_on(admin, acme):
    response = save(came_by(admin, BY_PASSWORD))
    assert response.status_code == 400
    assert "At least one method has to stay on" in response.content.decode()
    assert not SecurityPolicy.objects.exists()


def test_an_admin_can_not_switch_off_what_they_came_by(admin, acme):
    reproved = {**BY_PASSKEY, "passwordless": False, "reauthenticated": True}
    response = save(came_by(admin, BY_PASSWORD, reproved), "passkey")
    assert response.status_code == 400
    assert "You signed in by a method that would be off" in response.content.decode()
    assert not SecurityPolicy.objects.exists()
    assert save(came_by(admin, BY_PASSKEY), "passkey").status_code == 302
    assert off(acme) == "password"


def test_without_a_fresh_log_in_by_what_stays_the_password_is_asked_first(admin, acme):
    client = came_by(admin, BY_PASSWORD, ago=16 * 60)
    response = save(client, "password", on="on", number="7")
    where = urlsplit(response["Location"])
    assert (response.status_code, where.path) == (302, "/account/confirm/")
    assert not SecurityPolicy.objects.exists()
    back = parse_qs(where.query)["next"][0]
    response = client.post("/account/confirm/", {"password": PASSWORD, "next": back})
    assert response["Location"] == back
    form = client.get(back).context["form"]
    assert [form[name].value() for name in ("use_password", "use_passkey", "on", "number")] == [
        True, False, True, "7",
    ]  # fmt: skip
    assert save(client, "password", on="on", number="7").status_code == 302
    assert off(acme) == "passkey"


def test_a_fresh_password_proves_no_passkey(admin, rules):
    client = came_by(admin, BY_PASSKEY, ago=16 * 60)
    session = client.session
    session["account_authentication_methods"].append(
        {**BY_PASSWORD, "at": time.time(), "reauthenticated": True}
    )
    session.save()
    response = save(client, "passkey")
    assert response.status_code == 400
    assert "sign in by a method that stays on (Passkey)" in response.content.decode()


def test_a_page_from_before_turns_nothing_back_that_another_admin_changed(admin, acme, google):
    everything = "password google passkey"
    assert (
        save(came_by(admin, BY_PASSWORD), "password", "passkey", was=everything).status_code == 302
    )
    late = came_by(admin, BY_PASSWORD)
    assert save(late, "password", "google", was=everything).status_code == 302
    assert off(acme) == "google passkey"


def test_what_the_portal_has_not_is_neither_shown_nor_taken(admin, acme):
    client = came_by(admin, BY_PASSWORD)
    assert "use_google" not in client.get(PAGE).content.decode()
    assert (
        save(
            client, "password", "passkey", "google", was="password passkey google sso x"
        ).status_code
        == 302
    )
    assert not SecurityEvent.objects.filter(kind="login-methods").exists()


def test_a_method_of_no_use_here_counts_as_no_way_in(admin, acme, rules):
    rules(methods_off="passkey")
    response = save(came_by(admin, BY_PASSWORD), was="password google")
    assert "At least one method has to stay on" in response.content.decode()


def test_the_page_says_who_uses_what_and_who_only_that(admin, acme, hr, recruiter, globex, google):
    for user, method in [
        (hr, "google"),
        (recruiter, "google"),
        (recruiter, "password"),
        (hr, "google"),
    ]:
        SecurityEvent.objects.append(acme.pk, "signed-in", actor=user, subject=user, method=method)
    SecurityEvent.objects.append(globex.pk, "signed-in", subject=hr, method="passkey")
    old = SecurityEvent(company_id=acme.pk, kind="signed-in", subject_id=str(hr.pk))
    old.at, old.data = timezone.now() - timedelta(days=31), {"method": "passkey"}
    old.save()
    rows = {row["title"]: (row["users"], row["alone"]) for row in
            came_by(admin, BY_PASSWORD).get(PAGE).context["rows"]}  # fmt: skip
    assert rows == {"Password": (1, []), "Google": (2, ["Joseph D’Souza"]), "Passkey": (0, [])}


def test_a_log_in_is_kept_with_its_method(hr):
    log_in(Client(), hr.email)
    assert SecurityEvent.objects.get(kind="signed-in").data == {"method": "password"}


def switch_off(user, mine, other):
    """What became of it when *user*, who came by *mine*, switches *other* off."""
    visit = Visit(user, timezone.now(), "127.0.0.1", method=mine, seen_at=timezone.now())
    try:
        login_services.change_log_in(
            visit=visit, proven={mine}, available=["password", "passkey"],
            turn_on=[], turn_off=[other], grace_days=None,
        )  # fmt: skip
    except services.SettingRefused as error:
        return type(error).__name__
    return "done"


def in_a_thread(barrier, *given):
    barrier.wait()
    try:
        return switch_off(*given)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_switch_off_the_last_two_at_once_leave_one(acme, admin):
    """Really at once on PostgreSQL; SQLite's tests share one connection: one after the other."""
    second = UserFactory(company=acme, email="admin2@acme.test")
    acts = [(admin, "password", "passkey"), (second, "passkey", "password")]
    for _ in range(5):
        set_policy(acme, methods_off="")
        if connection.vendor == "sqlite":
            done = [switch_off(*act) for act in acts]
        else:
            barrier = Barrier(2)
            with ThreadPoolExecutor(2) as pool:
                waiting = [pool.submit(in_a_thread, barrier, *act) for act in acts]
                done = [act.result() for act in waiting]
        assert sorted(done) == ["NoMethodLeft", "done"]
        assert off(acme) in ("password", "passkey")
