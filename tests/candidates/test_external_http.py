"""Who gets in, what comes first, and what every answer looks like (security.md C)."""

import json

import pytest
from django.db import InterfaceError, OperationalError
from django.http.request import HttpRequest
from django.test import Client

from candidates.models import Candidate
from tests.candidates.external import ADD, CALLS, DETAILS, ME, PACKAGES, V1, add, assert_refused
from tests.conftest import bearer

pytestmark = pytest.mark.django_db

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X-Y"]
ANYWHERE = [PACKAGES, ADD, DETAILS, ME]
NO_TOKEN = {"message": "A valid API token is needed.", "errors": []}


def assert_bearer_failure(response):
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    if response.request["REQUEST_METHOD"] != "HEAD":
        assert response.json() == NO_TOKEN


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", ANYWHERE)
def test_401_comes_before_all_else_on_every_method(address, method):
    for header in [None, "", "Bearer", "Bearer a.b.c", "Basic eDp5", "Token x"]:
        client = Client(headers={} if header is None else {"authorization": header})
        response = client.generic(method, f"{address}?limit=%00", b"\xff{", "x/y; charset=no")
        assert_bearer_failure(response)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "x", "", "image/*;q=0"])
@pytest.mark.parametrize("token_is_good", [True, False])
def test_accept_and_format_change_nothing(jwt, accept, token_is_good):
    client = Client(headers={"authorization": f"Bearer {jwt if token_is_good else 'a.b.c'}"})
    for suffix in ("", "?format=api", "?format=xml"):
        response = client.get(ME + suffix, HTTP_ACCEPT=accept)
        assert response.status_code == (200 if token_is_good else 401)
        assert response["Content-Type"] == "application/json"


def test_the_body_is_not_read_before_the_token(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the body was read")

    monkeypatch.setattr(HttpRequest, "read", refuse)
    assert_bearer_failure(client.generic("POST", ADD, b"{}" * 10**6, "application/json"))


def test_a_bad_token_beside_a_good_session_is_401(admin_client):
    assert admin_client.get(ME, headers={"authorization": "Bearer a.b.c"}).status_code == 401


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_a_session_alone_is_401(admin_client, method, address):
    assert_bearer_failure(getattr(admin_client, method)(address))


def test_a_refused_token_is_not_echoed(jwt):
    raw = jwt[:-2] + "xx"
    response = bearer(raw).post(ADD, {"token": raw}, format="json")
    assert_bearer_failure(response)
    assert raw not in str(response.headers) + response.content.decode()


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_a_method_that_is_not_ours_is_405_in_json(jwt, method, address):
    client = Client(headers={"authorization": f"Bearer {jwt}"})
    for other in set(METHODS) - {method.upper(), "HEAD"}:
        response = client.generic(other, address)
        assert_refused(response, 405)
        assert response["Allow"] == {"get": "GET, HEAD", "post": "POST"}[method]


def test_head_on_add_is_405(api):
    assert api.head(ADD).status_code == 405


@pytest.mark.parametrize(
    "address",
    ["/external/", V1, f"{V1}/", f"{ADD}/", f"{ME}/", f"{DETAILS}/",
     f"{PACKAGES}/", f"{V1}/candidate", f"{ADD}%00", f"{ADD}.json", "/external/v2/me",
     "/external/V1/me", "/external/v1//me", f"{V1}/candidate/1"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
@pytest.mark.parametrize("debug", [True, False])
def test_any_other_address_is_404_in_json(jwt, settings, address, method, debug):
    settings.DEBUG = debug
    client = Client(headers={"authorization": f"Bearer {jwt}"}, enforce_csrf_checks=True)
    assert_refused(client.generic(method, address, b"{}", "application/json"), 404)


def test_a_post_with_a_slash_more_is_never_redirected(api, subtype):
    response = api.post(f"{ADD}/", {}, format="json")
    assert (response.status_code, "Location" in response) == (404, False)


def test_no_csrf_token_is_needed_and_no_cookie_is_set(jwt, subtype):
    client = Client(headers={"authorization": f"Bearer {jwt}"}, enforce_csrf_checks=True)
    response = client.post(ADD, json.dumps({}), "application/json")
    assert response.status_code == 400
    assert not response.cookies


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_no_answer_is_kept_shared_or_set_by_cookie(api, method, address):
    response = getattr(api, method)(address, HTTP_ORIGIN="https://evil.test")
    assert response["Cache-Control"] == "no-store"
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert not response.cookies


def test_a_bad_host_is_400_in_json(api):
    response = api.get(ME, HTTP_HOST="evil.test")
    assert response.status_code == 400
    assert response.json()["errors"] == []


def test_head_answers_like_get(api):
    assert api.head(DETAILS).status_code == 200


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_down_is_503_with_retry_after(api, subtype, monkeypatch, caplog, error):
    def fail(**kwargs):
        raise error("could not connect to 10.0.0.7")

    monkeypatch.setattr("candidates.external.views.add_candidate", fail)
    response = add(api, subtype)
    assert_refused(response, 503)
    assert response["Retry-After"] == "2"
    assert b"10.0.0.7" not in response.content
    assert f"database unavailable: {error.__name__}" in caplog.text
    assert "10.0.0.7" not in caplog.text


def test_a_database_that_is_down_while_authenticating_is_503_and_never_401(
    api, monkeypatch, caplog
):
    def fail(*args):
        raise OperationalError("could not connect to 10.0.0.7")

    monkeypatch.setattr("apitokens.authentication.verify", fail)
    assert_refused(api.get(ME), 503)
    assert "tokens can't be looked up: OperationalError" in caplog.text
    assert "10.0.0.7" not in caplog.text


def test_an_unforeseen_error_is_500_in_json_without_details(jwt, subtype, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("candidates.external.views.add_candidate", fail)
    client = bearer(jwt)
    client.raise_request_exception = False
    response = add(client, subtype)
    assert response.status_code == 500
    assert response.json() == {"message": "Server error.", "errors": []}
    assert not Candidate.objects.exists()
