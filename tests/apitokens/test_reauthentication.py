"""An old sign-in confirms the password before a token is shown, revived or widened."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import RequestFactory

from apitokens.models import APIToken
from apitokens.policy import TokenPolicy
from apitokens.reauthentication import SESSION_KEY, must_reauthenticate, note_sign_in

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
GENERATE = f"{LIST}generate/"
CONFIRM = "/account/confirm/"
HOUR = timedelta(hours=1)


@pytest.fixture
def aged(settings, time_machine, admin_client, admin):
    """aged(seconds) → the Admin's browser, signed in so long ago; an hour is allowed."""
    settings.APITOKENS_REAUTH_AGE = 3600
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    admin_client.force_login(admin)

    def aged(seconds):
        time_machine.shift(seconds)
        return admin_client

    return aged


def leads_to(response):
    location = urlsplit(response["Location"])
    assert location.path == CONFIRM
    return parse_qs(location.query)["next"][0]


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (3600, 200), (3601, 302)])
def test_generating_asks_when_the_sign_in_is_too_old(aged, seconds, status):
    assert aged(seconds).get(GENERATE).status_code == status


def test_what_was_typed_is_kept_and_nothing_is_made(aged):
    form = {
        "name": "Night & day",
        "kind": "short-lived",
        "lifetime": "3600",
        "request_id": "0" * 32,
    }
    client = aged(3601)
    address = leads_to(client.post(GENERATE, form))
    assert not APIToken.objects.exists()
    assert parse_qs(urlsplit(address).query) == {
        "name": ["Night & day"], "kind": ["short-lived"], "lifetime": ["3600"],
    }  # fmt: skip
    from tests.factories import PASSWORD

    page = client.post(CONFIRM, {"password": PASSWORD, "next": address}, follow=True)
    assert page.request["PATH_INFO"] == GENERATE
    assert 'value="Night &amp; day"' in page.content.decode()
    assert client.post(GENERATE, form).status_code == 200
    assert APIToken.objects.get().name == "Night & day"


def test_copying_asks_as_a_page_and_as_json(aged, token, jwt):
    client, path = aged(3601), f"{LIST}{token.public_id}/copy/"
    assert leads_to(client.post(path)) == LIST
    answer = client.post(path, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json() == {
        "errors": {"__all__": ["Confirm your password, then try again."]},
        "reauthenticate": f"{CONFIRM}?next=%2Fsecurity-settings%2Fapi%2F",
    }
    assert jwt not in answer.content.decode()


def test_copying_soon_after_the_sign_in_asks_nothing(aged, token, jwt):
    client = aged(3600)
    answer = client.post(f"{LIST}{token.public_id}/copy/", headers={"accept": "application/json"})
    assert answer.json() == {"token": jwt}


def test_the_list_never_asks(aged, token):
    assert aged(10**6).get(LIST).status_code == 200


@pytest.mark.parametrize("kept", [None, "now", 1.5, True, [1]])
def test_a_session_without_a_good_moment_counts_as_old(aged, kept):
    client = aged(0)
    session = client.session
    del session[SESSION_KEY]
    if kept is not None:
        session[SESSION_KEY] = kept
    session.save()
    assert client.get(GENERATE).status_code == 302


def test_no_age_asks_nobody(aged, settings):
    settings.APITOKENS_REAUTH_AGE = None
    assert aged(10**6).get(GENERATE).status_code == 200


def test_a_policy_without_a_page_asks_nobody(aged, settings):
    class Silent(TokenPolicy):
        def owner_for(self, request):
            return request.user.company

        def can_manage(self, user, owner):
            return True

    settings.APITOKENS_POLICY = f"{__name__}.silent"
    globals()["silent"] = Silent
    assert aged(10**6).get(GENERATE).status_code == 200


def test_the_page_may_have_a_query_of_its_own(rf: RequestFactory, monkeypatch):
    from svportal.token_policy import PortalTokenPolicy

    monkeypatch.setattr(PortalTokenPolicy, "reauthenticate_url", lambda self, request: "/ask?a=1")
    request = rf.get("/here/?x=1")
    request.session = {}
    assert must_reauthenticate(request, HOUR) == "/ask?a=1&next=%2Fhere%2F%3Fx%3D1"


def test_a_sign_in_without_a_session_does_no_harm():
    note_sign_in(request=None)
    note_sign_in(request=object())


@pytest.mark.parametrize("action", ["rotate", "resume", "take-over"])
def test_whatever_shows_or_revives_a_token_asks(aged, token, action):
    client, path = aged(3601), f"{LIST}{token.public_id}/{action}/"
    assert urlsplit(client.post(path)["Location"]).path == CONFIRM
    assert token.credentials.count() == 1


@pytest.mark.parametrize("action", ["suspend", "cut"])
def test_what_only_ends_something_never_asks(aged, token, action):
    response = aged(10**6).post(f"{LIST}{token.public_id}/{action}/")
    assert not response["Location"].startswith(CONFIRM)


@pytest.mark.parametrize(("seconds", "asked"), [(300, False), (301, True)])
@pytest.mark.parametrize("networks", ["", "0.0.0.0/0"])
def test_widening_asks_unless_the_password_was_given_in_the_last_five_minutes(
    aged, token, seconds, asked, networks
):
    APIToken.objects.update(allowed_networks="203.0.113.0/24", scope="candidates:read")
    form = {"scopes": ["candidates:read"], "networks": networks}
    response = aged(seconds).post(f"{LIST}{token.public_id}/limits/", form)
    assert response.status_code == 302
    assert (urlsplit(response["Location"]).path == CONFIRM) is asked
    changed = APIToken.objects.get().allowed_networks != "203.0.113.0/24"
    assert changed is not asked


def test_narrowing_never_asks(aged, token):
    form = {"scopes": ["candidates:read"], "networks": "203.0.113.7"}
    response = aged(10**6).post(f"{LIST}{token.public_id}/limits/", form)
    assert not response["Location"].startswith(CONFIRM)
    assert APIToken.objects.get().allowed_networks == "203.0.113.7/32"


@pytest.mark.parametrize(
    ("action", "status"),
    [("copy", 403), ("rotate", 403), ("resume", 403), ("take-over", 403),
     ("suspend", 200), ("cut", 200), ("events", 200)],
)  # fmt: skip
def test_the_management_api_asks_under_the_same_rules(aged, token, action, status):
    client, path = aged(3601), f"/api/v1/tokens/{token.public_id}/{action}/"
    call = client.get if action == "events" else client.post
    body = {"overlap": 0} if action == "rotate" else {}
    response = call(path, body, content_type="application/json")
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "reauthentication_required"
        assert token.credentials.get().ends_at is None
