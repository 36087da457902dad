"""Every address of the project, asked with a session that a rule refuses: none opens."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone

from accounts.models import User
from accounts.security.middleware import WAYS_OUT, WITHOUT_SESSIONS
from tests.accounts.security.conftest import listed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

SAMPLES = {
    "public_id": "tok_000000000000", "content_type_id": "1", "app_label": "accounts",
    "connection_id": "con_00000000000000000000000000",
    "draft": "00000000-0000-4000-8000-000000000000",
    "bulk": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
FAR = timedelta(days=4000)


def addresses(patterns=None, before=""):
    """Every address that the project answers, with samples in place of its parameters."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield sample(route)


def sample(route):
    text = simplify_regex(re.sub(r"<\w+:(\w+)>", r"<\1>", route))
    return re.sub(r"<(\w+)>", lambda found: SAMPLES.get(found[1], "1"), text)


ALL = sorted(set(addresses()))
WITH_SESSIONS = [address for address in ALL if not address.startswith(WITHOUT_SESSIONS)]
WITHOUT = [address for address in ALL if address.startswith(WITHOUT_SESSIONS)]


@pytest.fixture
def person(admin):
    """Everything is open to this one: an Admin of Acme who is a superuser besides."""
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    return User.objects.get(pk=admin.pk)


def came_by_sso(client, company):
    session = client.session
    step = {"method": "socialaccount", "provider": f"sso-{company.pk}", "at": time.time() - 60}
    session["account_authentication_methods"] = [step]
    session.save()


REFUSED = {
    "domain": {"only_domains": True, "domains": listed("example.org")},
    "network": {"networks": "203.0.113.0/24"},
    "method": {"methods_off": "password"},
    "idle": {"idle_minutes": 5, "idle_from": timezone.now() - FAR},
}


def test_the_walk_reaches_the_whole_project():
    assert len(WITH_SESSIONS) > 60
    assert all(resolve(address) for address in ALL)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_that_no_rule_refuses_goes_on(person, rules, method):
    rules(password_days=365, only_domains=True, domains=listed("acme.test"))
    client = signed_in(person)
    for address in ("/", "/candidates/", "/security-settings/api/", "/admin/", "/password/"):
        assert getattr(client, method)(address).status_code in (200, 405), address


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_by_single_sign_on_that_is_off_opens_no_address(person, rules, method):
    rules(methods_off="sso", sso_from=timezone.now() - FAR)
    for address in WITH_SESSIONS:
        client = signed_in(person)
        came_by_sso(client, person.company)
        response = getattr(client, method)(address)
        if address.startswith("/api/v1/"):
            assert (response.status_code, response.json()["code"]) == (401, "method"), address
        else:
            assert response.status_code == 302, address
            assert response["Location"].partition("?")[0] == "/login/", address
        assert "_auth_user_id" not in client.session, address


@pytest.mark.parametrize("since", [None, timezone.now() + FAR])
def test_a_session_of_a_connection_that_is_no_more_opens_nothing(person, rules, since):
    """Disconnected, or connected anew after the person came."""
    rules(sso_from=since)
    client = signed_in(person)
    came_by_sso(client, person.company)
    assert client.get("/admin/")["Location"] == "/login/?ended=method&next=/admin/"


def test_a_session_by_single_sign_on_that_stands_goes_on(person, rules):
    rules(methods_off="password", sso_from=timezone.now() - FAR)
    client = signed_in(person)
    came_by_sso(client, person.company)
    assert client.get("/security-settings/api/").status_code == 200


@pytest.mark.parametrize("reason", REFUSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_that_a_rule_ends_opens_no_address(person, rules, reason, method):
    rules(**REFUSED[reason])
    for address in WITH_SESSIONS:
        client = signed_in(person)
        session = client.session
        session["accounts_seen_at"] = 0
        session.save()
        response = getattr(client, method)(address)
        if address.startswith("/api/v1/"):
            assert (response.status_code, response.json()["code"]) == (401, reason), address
        else:
            assert response.status_code == 302, address
            assert response["Location"].partition("?")[0] == "/login/", address
        assert "_auth_user_id" not in client.session, address


CONFINED = {
    "password-expired": {"password_days": 1},
    "second-factor": {"grace_days": 0, "second_factor_from": timezone.now() - FAR},
}


@pytest.fixture(params=CONFINED)
def confined(request, person, rules):
    """(reason, client): a session that opens nothing but what sets it right."""
    rules(**CONFINED[request.param])
    User.objects.filter(pk=person.pk).update(password_changed_at=timezone.now() - FAR)
    return request.param, signed_in(person)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_confined_session_opens_nothing_but_the_ways_out(confined, method):
    reason, client = confined
    page, ways_out = WAYS_OUT[reason]
    walked = [a for a in WITH_SESSIONS if resolve(a).view_name not in ways_out]
    assert len(WITH_SESSIONS) - len(walked) == len(ways_out)
    for address in walked:
        response = getattr(client, method)(address)
        if address.startswith("/api/v1/"):
            assert (response.status_code, response.json()["code"]) == (403, reason), address
        else:
            assert (response.status_code, response["Location"]) == (302, reverse(page)), address


def test_a_confined_session_has_its_page_its_status_and_the_way_out(confined):
    reason, client = confined
    page = client.get(reverse(WAYS_OUT[reason][0]))
    assert page.status_code == 200
    assert client.get("/account/session/").json() == {"seconds_left": None}
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=/"


@pytest.mark.parametrize(
    ("settings", "status", "page"),
    [
        (REFUSED["domain"], 401, "/login/?ended=domain"),
        (CONFINED["second-factor"], 403, "/account/two-step/"),
    ],
)  # fmt: skip
def test_a_pages_script_learns_where_to_lead_the_person(
    person, rules, token, settings, status, page
):
    client = signed_in(person)
    rules(**settings)
    address = f"/security-settings/api/{token.public_id}/copy/"
    response = client.post(address, headers={"accept": "application/json"})
    assert (response.status_code, response.json()["reauthenticate"]) == (status, page)
    assert "token" not in response.json()


def test_what_is_never_asked_opens_nothing_to_any_session(person):
    client = signed_in(person)
    for address in WITHOUT:
        expected = {"/healthz": 200, "/readyz": 200, "/external/": 404}.get(address, 401)
        ask = client.post if address.startswith("/integrations/in/") else client.get
        assert ask(address).status_code == expected, address


def test_an_api_token_goes_on_whatever_the_rules_say_of_its_person(api, admin, rules):
    User.objects.filter(pk=admin.pk).update(password_changed_at=timezone.now() - FAR)
    for settings in (*REFUSED.values(), *CONFINED.values()):
        rules(**settings)
        assert api.get("/external/v1/me").status_code == 200


def test_a_token_beside_a_refused_session_goes_on(jwt, admin, rules):
    rules(**REFUSED["domain"])
    client = signed_in(admin)
    response = client.get("/external/v1/me", headers={"authorization": f"Bearer {jwt}"})
    assert response.status_code == 200


def test_a_header_opens_no_page_to_a_refused_session(admin, rules, jwt):
    rules(**REFUSED["domain"])
    for header in (f"Bearer {jwt}", "Bearer x", "Basic x"):
        client = signed_in(admin)
        assert client.get("/", headers={"authorization": header}).status_code == 302
        client = signed_in(admin)
        assert client.get("/api/v1/tokens/", headers={"authorization": header}).status_code == 401


def test_rules_of_one_company_are_not_anothers_nor_staffs(other_admin_client, rules, db):
    from tests.factories import StaffFactory

    for settings in REFUSED.values():
        rules(**settings)
    assert other_admin_client.get("/").status_code == 200
    assert signed_in(StaffFactory()).get("/admin/").status_code == 200


def test_probes_and_strangers_cost_no_query(django_assert_num_queries, db):
    client = Client()
    with django_assert_num_queries(0):
        client.get("/login/")
        client.get("/healthz")


def test_the_rules_ride_on_the_query_for_the_sessions_user(
    admin_client, rules, django_assert_num_queries
):
    rules(
        password_days=365, only_domains=True, domains=listed("acme.test"), networks="127.0.0.1/32"
    )
    with django_assert_num_queries(2):
        admin_client.get("/password/")
