"""REST management: the page's services for people who are signed in (decision 10)."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import InterfaceError, OperationalError
from django.http.request import HttpRequest
from django.test import Client

from apitokens.models import APIToken, APITokenEvent
from apitokens.services import rotate_token, suspend_token
from tests.apitokens.conftest import claims_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, make_token

pytestmark = pytest.mark.django_db

TOKENS = "/api/v1/tokens/"
ACTS = ["copy/", "rotate/", "cut/", "suspend/", "resume/", "take-over/"]
UNKNOWN = "tok_000000000000"


def send(client, method, address, body=None, **extra):
    content = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, address, content, "application/json", **extra)


def of(token, act=""):
    return f"{TOKENS}{token.public_id}/{act}"


def calls(public_id):
    one = f"{TOKENS}{public_id}/"
    yield from [("GET", one), ("PATCH", one), ("DELETE", one), ("GET", f"{one}events/")]
    yield from [("POST", one + act) for act in ACTS]


def test_a_token_is_created_shown_once_and_works(fresh, admin, present):
    body = {"name": "CI", "scopes": ["candidates:read"], "networks": ["127.0.0.0/8"],
            "lifetime": 600}  # fmt: skip
    response = send(fresh, "POST", TOKENS, body)
    made = response.json()
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert (made["scopes"], made["networks"]) == (["candidates:read"], ["127.0.0.0/8"])
    assert (made["state"], made["user"]) == ("ending", str(admin))
    assert present(made["token"]).status_code == 200
    shown = send(fresh, "GET", f"{TOKENS}{made['id']}/")
    assert made["token"] not in shown.content.decode()
    assert claims_in(made["token"])["jti"] not in response.content.decode() + str(shown.json())


def test_without_a_lifetime_it_never_ends_and_with_one_request_id_it_is_made_once(fresh):
    body = {"name": "CI", "request_id": str(uuid4())}
    first, second = (send(fresh, "POST", TOKENS, body).json() for _ in range(2))
    assert first["expires_at"] is None
    assert first["token"] == second["token"]
    assert APIToken.objects.count() == 1
    send(fresh, "DELETE", f"{TOKENS}{first['id']}/")
    assert send(fresh, "POST", TOKENS, body).json()["code"] == "deleted"


@pytest.mark.parametrize(
    "lifetime", [599, 86401, -1, 0, 1e9, 10**9, 600.5, 600.0, None, "600", "600 ", True, [], {}]
)
def test_any_other_lifetime_is_refused(fresh, lifetime):
    response = send(fresh, "POST", TOKENS, {"name": "CI", "lifetime": lifetime})
    assert (response.status_code, list(response.json())) == (400, ["lifetime"])
    assert not APIToken.objects.exists()


@pytest.mark.parametrize("field", ["owner", "user", "created_by", "state", "id", "created_at", "x"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_field_that_cannot_be_set_is_named_and_nothing_is_written(fresh, token, method, field):
    address = TOKENS if method == "POST" else of(token)
    response = send(fresh, method, address, {"name": "Other", field: 1})
    assert (response.status_code, list(response.json())) == (400, [field])
    assert APIToken.objects.get().name == "Greenhouse sync"


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": 5}, "name"), ({"name": ""}, "name"), ({"name": "a\u202eb"}, "name"),
     ({"name": "GREENHOUSE sync"}, "name"), ({"name": "x" * 65}, "name"),
     ({"name": "n", "scopes": ["all"]}, "scopes"), ({"name": "n", "scopes": "x"}, "scopes"),
     ({"name": "n", "scopes": [1]}, "scopes"), ({"name": "n", "networks": ["10.0.0.1/8"]},
     "networks"), ({"name": "n", "networks": ["here"]}, "networks"),
     ({"name": "n", "request_id": "x"}, "request_id")],
)  # fmt: skip
def test_what_is_invalid_is_named(fresh, token, body, field):
    response = send(fresh, "POST", TOKENS, body)
    assert (response.status_code, list(response.json())) == (400, [field])
    assert APIToken.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [(b"{", "application/json", 400), (b"[]", "application/json", 400),
     (b'{"name": "\\u0000"}', "application/json", 400), (b"\xff", "application/json", 400),
     (b"name=x", "application/x-www-form-urlencoded", 415),
     (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400),
     (b'{"name": "' + b"x" * 2**20 + b'"}', "application/json", 413)],
)  # fmt: skip
def test_a_body_that_is_no_small_json_object_is_refused(fresh, content, content_type, status):
    response = fresh.post(TOKENS, content, content_type)
    assert (response.status_code, response.json().keys()) == (status, {"detail", "code"})


# Who -----------------------------------------------------------------------------------------
def test_an_authorization_header_is_401_even_beside_a_good_session(admin_client, token, jwt):
    for header in (f"Bearer {jwt}", "Bearer x", "Basic eDp5", ""):
        for method, address in [("GET", TOKENS), ("POST", TOKENS), *calls(token.public_id)]:
            response = send(admin_client, method, address, HTTP_AUTHORIZATION=header)
            assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


def test_nobody_is_401_and_hr_and_recruiter_are_403(client, hr_client, recruiter_client, token):
    for method, address in [("GET", TOKENS), ("POST", TOKENS), *calls(token.public_id)]:
        assert send(client, method, address).status_code == 401
        assert send(hr_client, method, address).status_code == 403
        assert send(recruiter_client, method, address).status_code == 403
    assert APIToken.objects.get().state == "unending"


def test_nobody_signed_in_is_401_and_the_policy_is_not_asked(client, token, settings):
    settings.APITOKENS_POLICY = f"{__name__}.CarelessPolicy"
    for method, address in [("GET", TOKENS), ("POST", TOKENS), *calls(token.public_id)]:
        assert send(client, method, address).status_code == 401


def test_who_works_for_no_account_is_403_and_the_policy_is_not_asked(fresh, token, settings):
    settings.APITOKENS_POLICY = f"{__name__}.NobodysPolicy"
    for method, address in [("GET", TOKENS), ("POST", TOKENS), *calls(token.public_id)]:
        assert send(fresh, method, address).status_code == 403
    assert fresh.get("/security-settings/api/").status_code == 403


def test_another_companys_token_is_404_just_as_an_unknown_one(other_admin, client, token):
    assert client.login(username=other_admin.email, password=PASSWORD)
    body = {"POST": None, "PATCH": {"name": "Mine"}}
    foreign, unknown = calls(token.public_id), calls(UNKNOWN)
    for (method, address), (_, no_address) in zip(foreign, unknown, strict=True):
        given = {"overlap": 0} if "rotate" in address else body.get(method)
        answers = [send(client, method, where, given) for where in (address, no_address)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert send(client, "GET", TOKENS).json()["results"] == []
    assert send(client, "GET", f"{TOKENS}?after={token.public_id}").status_code == 400
    assert list(APITokenEvent.objects.values_list("kind", flat=True)) == ["created"]


def test_every_unsafe_call_needs_the_csrf_token(admin, token):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    for method, address in [("POST", TOKENS), *calls(token.public_id)]:
        expected = 200 if method == "GET" else 403
        assert send(client, method, address).status_code == expected
    client.get("/security-settings/api/")
    csrf = client.cookies["csrftoken"].value
    assert send(client, "DELETE", of(token), HTTP_X_CSRFTOKEN=csrf).status_code == 204


def test_without_the_csrf_token_no_body_is_read(admin, monkeypatch):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    client.get("/security-settings/api/")  # for the cookie: without it nothing is compared
    monkeypatch.setattr(HttpRequest, "read", lambda *args: pytest.fail("the body was read"))
    assert client.post(TOKENS, b"{", "application/json").status_code == 403


def test_an_old_sign_in_must_confirm_the_password_before_a_jwt_is_shown(fresh, token, settings):
    session = fresh.session
    session["apitokens_signed_in_at"] -= 12 * 3600 + 60
    session.save()
    settings.APITOKENS_POLICY = f"{__name__}.AskingPolicy"
    for address, body in [(TOKENS, {"name": "n"}), (of(token, "copy/"), None),
                          (of(token, "rotate/"), {"overlap": 0})]:  # fmt: skip
        response = send(fresh, "POST", address, body)
        assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")
        assert response.json()["url"].startswith("/confirm/")
    assert list(APITokenEvent.objects.values_list("kind", flat=True)) == ["created"]
    assert send(fresh, "POST", of(token, "suspend/")).status_code == 200


from svportal.token_policy import PortalTokenPolicy  # noqa: E402 - beside its only user


class AskingPolicy(PortalTokenPolicy):
    def reauthenticate_url(self, request):
        return "/confirm/"


class CarelessPolicy(PortalTokenPolicy):
    def owner_for(self, request):
        return APIToken.objects.get().owner

    def can_manage(self, user, owner):
        return True


class NobodysPolicy(PortalTokenPolicy):
    def owner_for(self, request):
        return None

    def can_manage(self, user, owner):
        return True


def test_widening_asks_for_the_password_and_then_changes_nothing_at_all(
    fresh, acme, admin, settings
):
    settings.APITOKENS_POLICY = f"{__name__}.AskingPolicy"
    token, _ = make_token(owner=acme, user=admin, scopes=["candidates:read"])
    wider = {"name": "Wider", "scopes": ["candidates:read", "candidates:write"]}
    session = fresh.session
    session["apitokens_signed_in_at"] -= 6 * 60
    session.save()
    assert send(fresh, "PATCH", of(token), wider).json()["code"] == "reauthentication_required"
    assert send(fresh, "GET", of(token)).json()["name"] == "Greenhouse sync"
    narrower = {"name": "Less", "networks": ["10.0.0.0/8"], "scopes": []}
    assert send(fresh, "PATCH", of(token), narrower).json()["networks"] == ["10.0.0.0/8"]
    session["apitokens_signed_in_at"] += 6 * 60
    session.save()
    assert send(fresh, "PATCH", of(token), wider).json()["scopes"] == wider["scopes"]


def test_a_change_whose_name_is_refused_changes_no_limit(fresh, token, acme, admin):
    make_token(owner=acme, user=admin, name="Taken")
    change = {"name": "Taken", "scopes": [], "networks": ["10.0.0.0/8"]}
    assert list(send(fresh, "PATCH", of(token), change).json()) == ["name"]
    found = send(fresh, "GET", of(token)).json()
    assert (found["scopes"], found["networks"]) == (list(token.scopes), [])


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0", "nonsense"])
def test_it_speaks_json_whatever_accept_and_format_say(fresh, accept):
    asked = {"HTTP_ACCEPT": accept}
    for client, status in ((fresh, 200), (Client(), 401)):
        response = client.get(f"{TOKENS}?format=html", **asked)
        assert (response.status_code, response["Content-Type"]) == (status, "application/json")


# Acts ----------------------------------------------------------------------------------------
def test_copy_rotate_cut_suspend_resume_take_over_and_delete(fresh, token, jwt, present):
    assert send(fresh, "POST", of(token, "copy/")).json() == {"token": jwt}
    rotated = send(fresh, "POST", of(token, "rotate/"), {"overlap": 3600}).json()
    assert len(rotated["old_credentials"]) == 1
    assert present(jwt).status_code == present(rotated["token"]).status_code == 200
    assert send(fresh, "POST", of(token, "cut/")).json()["old_credentials"] == []
    assert present(jwt).status_code == 401
    for _ in range(2):
        assert send(fresh, "POST", of(token, "suspend/")).json()["state"] == "suspended"
    assert present(rotated["token"]).status_code == 401
    assert send(fresh, "POST", of(token, "copy/")).json()["code"] == "suspended"
    assert send(fresh, "POST", of(token, "resume/")).json()["state"] == "unending"
    assert send(fresh, "DELETE", of(token)).status_code == 204
    assert send(fresh, "DELETE", of(token)).status_code == 404
    assert present(rotated["token"]).status_code == 401


def test_another_admin_takes_a_stopped_token_over(fresh, acme, admin, hr, present):
    token, jwt = make_token(owner=acme, user=admin)
    APIToken.objects.filter(pk=token.pk).update(user=hr)
    assert present(jwt).status_code == 401
    assert send(fresh, "GET", of(token)).json()["stop_reason"]
    assert send(fresh, "POST", of(token, "take-over/")).json()["user"] == str(admin)
    assert present(jwt).status_code == 200


@pytest.mark.parametrize("overlap", [1, -1, 3600.0, "3600", None, True, 10**30])
def test_an_overlap_is_one_of_four(fresh, token, overlap):
    response = send(fresh, "POST", of(token, "rotate/"), {"overlap": overlap})
    assert (response.status_code, list(response.json())) == (400, ["overlap"])


@pytest.mark.parametrize("act", [act for act in ACTS if act != "rotate/"])
def test_an_act_that_is_given_anything_does_nothing(fresh, token, act):
    response = send(fresh, "POST", of(token, act), {"overlap": 0})
    assert (response.status_code, list(response.json())) == (400, ["overlap"])
    assert list(APITokenEvent.objects.values_list("kind", flat=True)) == ["created"]


# Lists ---------------------------------------------------------------------------------------
def pages(client, address):
    while address:
        page = client.get(address).json()
        yield page["results"]
        address = page["next"]


def test_the_list_goes_by_pages_in_few_queries(fresh, acme, admin, django_assert_max_num_queries):
    made = [make_token(owner=acme, user=admin, name=f"T{i}")[0].public_id for i in range(7)]
    with django_assert_max_num_queries(20):
        found = list(pages(fresh, f"{TOKENS}?limit=3"))
    assert [[t["id"] for t in page] for page in found] == [
        made[:3:-1], made[3:0:-1], made[:1],
    ]  # fmt: skip


def test_the_list_is_narrowed_by_name_and_state(fresh, acme, admin):
    plain, _ = make_token(owner=acme, user=admin, name="Plain")
    ending, _ = make_token(owner=acme, user=admin, name="Soon", lifetime=timedelta(minutes=10))
    resting, _ = make_token(owner=acme, user=admin, name="Resting")
    suspend_token(token=resting, actor=admin)
    rotate_token(token=plain, overlap=timedelta(hours=1), actor=admin)
    for query, token in [("state=unending", plain), ("state=ending", ending),
                         ("state=suspended", resting), ("name=PLA", plain)]:  # fmt: skip
        found = fresh.get(f"{TOKENS}?{query}").json()["results"]
        assert [row["id"] for row in found] == [token.public_id], query
    for state in ("stopped", "expired"):
        assert fresh.get(f"{TOKENS}?state={state}").json()["results"] == []


@pytest.mark.parametrize(
    "query", ["state=x", "limit=0", "limit=x", "after=1", "after=%00", "name=%00", "limit=-1",
              f"after={UNKNOWN}", "name=" + "x" * 65],
)  # fmt: skip
def test_a_forged_query_is_400(fresh, query):
    assert fresh.get(f"{TOKENS}?{query}").status_code == 400


def test_the_history_goes_by_pages_newest_first(fresh, token, admin):
    for act in ("suspend/", "resume/", "suspend/"):
        send(fresh, "POST", of(token, act))
    found = list(pages(fresh, of(token, "events/?limit=3")))
    kinds = [event["kind"] for page in found for event in page]
    assert kinds == ["suspended", "resumed", "suspended", "created"]
    assert found[0][0]["actor"] == str(admin)
    assert signed_in(admin).get(of(token, "events/?before=x")).status_code == 400


# Errors --------------------------------------------------------------------------------------
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_down_is_503_with_retry_after(fresh, monkeypatch, error):
    def fail(*args):
        raise error("could not connect to 10.0.0.7")

    monkeypatch.setattr("apitokens.api.management.page_of_tokens", fail)
    response = fresh.get(TOKENS)
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response.json() == {
        "detail": "Unavailable for a moment. Please try again.", "code": "unavailable",
    }  # fmt: skip


def test_a_method_that_an_address_does_not_know_is_405(fresh, token):
    for address in (TOKENS, of(token), of(token, "copy/"), of(token, "events/")):
        response = send(fresh, "PUT", address)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_an_act_is_kept_with_the_address_that_it_came_from(admin_client, token):
    response = send(admin_client, "PATCH", of(token), {"name": "Other"}, REMOTE_ADDR="203.0.113.24")
    assert response.status_code == 200
    assert APITokenEvent.objects.latest("pk").address == "203.0.113.24"
