"""The page of one token: what it shows in each state, and what its buttons do."""

from datetime import timedelta

import pytest
from django.test import Client

from apitokens import services
from apitokens.models import APITokenEvent, Credential
from candidates.services.add import add_candidate
from tests.conftest import bearer
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
ME = "/external/v1/me"
SCOPES = {"candidates:read": "Read candidates", "candidates:write": "Add candidates"}


def url_of(token, action=""):
    return f"{LIST}{token.public_id}/{action + '/' if action else ''}"


def shown(client, token):
    return client.get(url_of(token)).content.decode()


def make_leaver(token, level="hr"):
    """*token*'s person is no Admin any more, so it has stopped."""
    token.user.access_level = level
    token.user.save()


@pytest.fixture
def leaver(acme):
    return UserFactory(company=acme, name="Priya Nair")


@pytest.fixture
def stopped(acme, leaver):
    token, jwt = make_token(owner=acme, user=leaver, name="HRMS nightly export")
    make_leaver(token)
    token.jwt = jwt
    return token


def test_the_name_in_the_list_leads_to_the_page(admin_client, token):
    assert f'<a class="at-name" href="{url_of(token)}">' in admin_client.get(LIST).content.decode()
    page = shown(admin_client, token)
    assert page.count("<h1") == 1
    assert token.public_id in page
    assert "by <bdi>Asha Rao</bdi>" in page


def test_the_way_back_is_shown(admin_client, token):
    page = shown(admin_client, token)
    assert f'<a href="{LIST}">API</a></li><li aria-current="page"><bdi>Greenhouse sync' in page


def test_the_page_never_shows_the_jwt_or_its_id(admin_client, token, jwt):
    page = shown(admin_client, token)
    assert jwt not in page
    assert str(token.credential.jti) not in page
    assert token.credential.jti.hex not in page


def test_both_credentials_are_shown_with_who_made_them(admin_client, token, jwt, acme):
    bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.9")
    colleague = UserFactory(company=acme, name="Vikram Shah")
    services.rotate_token(token=token, overlap=timedelta(hours=24), actor=colleague)
    Credential.objects.filter(token=token, ends_at=None).update(
        issued_at=token.created_at + timedelta(minutes=30)
    )
    page = shown(admin_client, token)
    assert "Rotated by <bdi>Vikram Shah</bdi>" in page
    assert "By <bdi>Asha Rao</bdi>" in page
    assert "2 work now" in page
    assert "Ends in 24 h" in page
    assert "Nothing has used the old one since" in page
    Credential.objects.filter(token=token).exclude(ends_at=None).update(
        last_used_at=token.created_at + timedelta(hours=1)
    )
    assert "A program at <code>203.0.113.9</code> still uses it" in shown(admin_client, token)


def test_an_old_credential_that_has_ended_is_not_shown(admin_client, token, admin):
    services.rotate_token(token=token, overlap=timedelta(0), actor=admin)
    page = shown(admin_client, token)
    assert "1 works now" in page
    assert url_of(token, "cut") not in page


def test_what_it_added_and_how_it_is_shown(admin_client, token, admin, subtype):
    from apitokens.attribution import Actor

    assert "Nothing yet" in shown(admin_client, token)
    add_candidate(
        company=token.owner, actor=Actor(user=admin, token=token), subtype=subtype,
        name="Ananya Krishnan", email="a@example.in", phone="9845012346",
    )  # fmt: skip
    page = shown(admin_client, token)
    assert f'<a href="/candidates/?added_by={token.public_id}">1 candidate</a>' in page
    assert "<bdi>API(Greenhouse sync)</bdi>" in page


def test_whom_it_works_as_and_what_they_are(admin_client, stopped):
    page = shown(admin_client, stopped)
    assert '<bdi>Priya Nair</bdi><span class="at-second">HR</span>' in page


def test_scopes_are_shown_granted_or_not(admin_client, acme, admin, settings):
    settings.APITOKENS_SCOPES = SCOPES
    token, _ = make_token(owner=acme, user=admin, name="S", scopes=["candidates:read"])
    page = shown(admin_client, token)
    assert '<code>candidates:read</code><span class="at-second">Read candidates</span>' in page
    assert "Add candidates: not allowed" in page
    assert "Rotate itself: not allowed" in page


def test_without_declared_scopes_there_is_no_word_of_them(admin_client, token, settings):
    settings.APITOKENS_SCOPES = {}
    for path in (url_of(token), url_of(token, "limits"), LIST + "generate/"):
        page = admin_client.get(path).content.decode()
        assert "Scopes" not in page
        assert 'name="scopes"' not in page
        assert "Allowed addresses" in page


def test_allowed_addresses_are_shown_with_their_last_use(admin_client, acme, admin):
    token, jwt = make_token(
        owner=acme, user=admin, name="S", networks=["203.0.113.0/28", "198.51.100.40"]
    )
    bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.7")
    networks = dict(admin_client.get(url_of(token)).context["networks"])
    assert [str(network) for network in networks] == ["203.0.113.0/28", "198.51.100.40"]
    assert [bool(used) for used in networks.values()] == [True, False]
    page = shown(admin_client, make_token(owner=acme, user=admin, name="Free")[0])
    assert "It works from anywhere" in page


def test_suspend_and_resume_from_the_page_and_from_the_row(admin_client, token, jwt):
    response = admin_client.post(url_of(token, "suspend"))
    assert response["Location"] == f"{LIST}#{token.public_id}"
    assert bearer(jwt).get(ME).status_code == 401
    page = admin_client.get(LIST).content.decode()
    assert "Suspended <bdi>Greenhouse sync</bdi>." in page
    assert 'aria-label="Resume Greenhouse sync"' in page
    for action in ("copy", "rotate", "suspend"):
        assert url_of(token, action) not in page
        assert url_of(token, action) not in shown(admin_client, token)
    response = admin_client.post(url_of(token, "resume") + "?back")
    assert response["Location"] == url_of(token)
    assert bearer(jwt).get(ME).status_code == 200


def test_a_repeated_suspension_makes_one_event(admin_client, token):
    for _ in range(2):
        assert admin_client.post(url_of(token, "suspend")).status_code == 302
    assert APITokenEvent.objects.filter(kind="suspended").count() == 1


def test_the_old_credential_is_cut_at_once(admin_client, token, admin, jwt):
    _, new = services.rotate_token(token=token, overlap=timedelta(days=7), actor=admin)
    assert bearer(jwt).get(ME).status_code == 200
    assert "Cut now" in shown(admin_client, token)
    assert admin_client.post(url_of(token, "cut") + "?back")["Location"] == url_of(token)
    assert bearer(jwt).get(ME).status_code == 401
    assert bearer(new).get(ME).status_code == 200
    page = shown(admin_client, token)
    assert "Cut now" not in page
    assert "has ended" in page


def test_a_stopped_token_says_why_and_is_taken_over(admin_client, stopped, admin):
    assert bearer(stopped.jwt).get(ME).status_code == 401
    for page in (admin_client.get(LIST).content.decode(), shown(admin_client, stopped)):
        assert "Priya Nair is no longer an Admin" in page
        assert url_of(stopped, "take-over") in page
    response = admin_client.post(url_of(stopped, "take-over"))
    assert response["Location"] == f"{LIST}#{stopped.public_id}"
    assert bearer(stopped.jwt).get(ME).status_code == 200
    stopped.refresh_from_db()
    assert stopped.user == admin
    assert url_of(stopped, "take-over") not in shown(admin_client, stopped)


def test_taking_over_is_not_offered_where_it_would_not_help(admin_client, token):
    Credential.objects.filter(token=token).update(kid="retired")
    for page in (admin_client.get(LIST).content.decode(), shown(admin_client, token)):
        assert "Its signing key is retired" in page
        assert "Take over" not in page


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_line_above_the_list_counts_the_stopped_tokens(admin_client, acme, admin, leaver, count):
    make_token(owner=acme, user=admin, name="works")
    for number in range(count):
        make_token(owner=acme, user=leaver, name=f"stopped {number}")
    leaver.is_active = False
    leaver.save()
    page = admin_client.get(LIST).content.decode()
    words = {0: "have stopped", 1: "1 token has stopped", 2: "2 tokens have stopped"}
    assert (words[count] in page) is bool(count)
    assert ("?state=stopped" in page) is bool(count)


def test_ends_soon_finds_overlaps_too(admin_client, acme, admin):
    rotated, _ = make_token(owner=acme, user=admin, name="rotated")
    services.rotate_token(token=rotated, overlap=timedelta(hours=1), actor=admin)
    later, _ = make_token(owner=acme, user=admin, name="later")
    services.rotate_token(token=later, overlap=timedelta(hours=24), actor=admin)
    response = admin_client.get(LIST, {"state": "ends-soon"})
    assert [token.name for token in response.context["page"]] == ["rotated"]
    assert "The old one ends in 60 min" in response.content.decode()


@pytest.mark.parametrize("state", ["expired", "suspended", "stopped"])
def test_copy_and_rotate_are_offered_only_for_what_works(
    admin_client, acme, admin, leaver, state, time_machine
):
    time_machine.move_to("2026-11-24T12:00:00Z")
    user = leaver if state == "stopped" else admin
    lifetime = timedelta(seconds=600) if state == "expired" else None
    token, _ = make_token(owner=acme, user=user, name="T", lifetime=lifetime)
    assert url_of(token, "rotate") in shown(admin_client, token)
    if state == "expired":
        time_machine.shift(601)
    elif state == "suspended":
        services.suspend_token(token=token, actor=admin)
    else:
        make_leaver(token)
    for page in (admin_client.get(LIST).content.decode(), shown(admin_client, token)):
        assert url_of(token, "rotate") not in page
        assert url_of(token, "copy") not in page
        assert state.capitalize() in page


def test_the_page_makes_as_many_queries_with_a_long_history(
    admin_client, token, admin, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        admin_client.get(url_of(token))
    for _ in range(5):
        services.rotate_token(token=token, overlap=timedelta(hours=24), actor=admin)
    with django_assert_num_queries(len(few)):
        admin_client.get(url_of(token))


def test_a_hostile_name_is_escaped_on_every_page_of_the_token(admin_client, acme, admin):
    token, _ = make_token(owner=acme, user=admin, name="<script>alert(1)</script>{name}")
    for response in (
        admin_client.get(url_of(token)),
        admin_client.get(url_of(token, "rotate")),
        admin_client.get(url_of(token, "limits")),
        admin_client.post(url_of(token, "suspend"), follow=True),
        admin_client.post(url_of(token, "resume") + "?back", follow=True),
        admin_client.post(url_of(token, "take-over"), follow=True),
    ):
        assert response.status_code == 200
        assert "<script>alert(1)" not in response.content.decode()


def test_the_way_back_leads_nowhere_else(admin_client, token):
    response = admin_client.post(url_of(token, "suspend") + "?back=https://evil.example/")
    assert response["Location"] == url_of(token)


@pytest.mark.parametrize("action", ["suspend", "resume", "cut", "take-over", "rotate", "limits"])
def test_the_new_actions_need_a_csrf_token_and_an_admin(
    action, token, admin, hr_client, other_admin_client
):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert strict.post(url_of(token, action)).status_code == 403
    assert hr_client.post(url_of(token, action)).status_code == 403
    assert other_admin_client.post(url_of(token, action)).status_code == 404
    assert [e.kind for e in APITokenEvent.objects.all()] == ["created"]


@pytest.mark.parametrize("action", ["suspend", "resume", "cut", "take-over"])
def test_a_button_is_no_link(action, token, admin_client):
    assert admin_client.get(url_of(token, action)).status_code == 405


def test_edit_from_the_page_returns_to_it(admin_client, token):
    response = admin_client.post(url_of(token, "edit") + "?back", {"name": "Lever"})
    assert response["Location"] == url_of(token)
    assert "Renamed to <bdi>Lever</bdi>." in shown(admin_client, token)
