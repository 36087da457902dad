"""What a token's scope lets it do (RFC 6750 §3.1), and rotating itself."""

import pytest
from django.conf import settings
from django.http.request import HttpRequest

from apitokens.conf import ROTATE_SELF
from apitokens.models import APIToken
from candidates.external import views
from tests.candidates.external import ADD, DETAILS, ME, PACKAGES, ROTATE, assert_refused
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = pytest.mark.django_db

NEEDED = [("get", PACKAGES, "candidates:read"), ("get", DETAILS, "candidates:read"),
          ("post", ADD, "candidates:write"), ("post", ROTATE, ROTATE_SELF)]  # fmt: skip


@pytest.mark.parametrize(("method", "address", "scope"), NEEDED)
def test_too_small_a_scope_is_403_before_the_body_is_read(
    acme, admin, monkeypatch, method, address, scope
):
    others = [name for _, _, name in NEEDED if name != scope]
    _, jwt = make_token(owner=acme, user=admin, scopes=others)
    monkeypatch.setattr(HttpRequest, "read", lambda *args: pytest.fail("the body was read"))
    response = getattr(bearer(jwt), method)(address)
    assert_refused(response, 403)
    assert response["WWW-Authenticate"] == (
        f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
    )


@pytest.mark.parametrize(("method", "address", "scope"), NEEDED)
def test_the_scope_of_a_call_is_enough_for_it(acme, admin, method, address, scope):
    _, jwt = make_token(owner=acme, user=admin, scopes=[scope])
    assert getattr(bearer(jwt), method)(address).status_code == (400 if address == ADD else 200)


def test_a_token_from_before_scopes_works_on_but_may_not_rotate_itself(api, token):
    APIToken.objects.filter(pk=token.pk).update(scope=None)
    assert api.get(PACKAGES).status_code == api.get(ME).status_code == 200
    assert api.post(ROTATE).status_code == 403


def test_a_token_without_any_scope_may_describe_itself(acme, admin):
    _, jwt = make_token(owner=acme, user=admin, scopes=[])
    assert bearer(jwt).get(ME).json()["scopes"] == []


def test_every_view_says_which_declared_scopes_it_needs():
    for view in (views.Packages, views.Add, views.Details, views.Me, views.RotateMe):
        assert set(view.required_scopes) <= {*settings.APITOKENS_SCOPES, ROTATE_SELF}


def test_a_token_rotates_itself_once_and_its_successor_goes_on(acme, admin, present):
    _, jwt = make_token(owner=acme, user=admin, scopes=[ROTATE_SELF])
    response = bearer(jwt).post(ROTATE, {"overlap": 3600}, format="json")
    rotated = response.json()
    assert rotated.keys() == {"token", "expires_at", "old_ends_at"}
    assert response["Cache-Control"] == "no-store"
    assert present(jwt).status_code == present(rotated["token"]).status_code == 200
    assert_refused(bearer(jwt).post(ROTATE), 409)
    assert bearer(rotated["token"]).post(ROTATE, {"overlap": 0}, format="json").status_code == 200
    assert present(rotated["token"]).status_code == present(jwt).status_code == 401


@pytest.mark.parametrize("overlap", [1, -1, "0", None, 3600.0, True])
def test_rotating_itself_takes_one_of_four_overlaps(acme, admin, overlap):
    _, jwt = make_token(owner=acme, user=admin, scopes=[ROTATE_SELF])
    response = bearer(jwt).post(ROTATE, {"overlap": overlap}, format="json")
    assert_refused(response, 400, "overlap")
