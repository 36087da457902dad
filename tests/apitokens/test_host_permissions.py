"""A host's own view, with IsAPIToken and HasScope: what it asks by method, and of whom."""

import pytest
from django.urls import path
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens.api.views import RotateMeView
from apitokens.authentication import APITokenAuthentication
from apitokens.conf import ROTATE_SELF
from apitokens.permissions import HasScope, IsAPIToken
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

READ, WRITE = "candidates:read", "candidates:write"


class Orders(APIView):
    """For people and programs."""

    authentication_classes = [APITokenAuthentication, SessionAuthentication]
    permission_classes = [IsAuthenticated, HasScope]
    required_scopes = {"GET": [READ], "PUT": [READ, WRITE]}

    def get(self, request):
        return Response()

    put = get


class Programs(APIView):
    """For programs alone, beside another package's tokens."""

    authentication_classes = [APITokenAuthentication, TokenAuthentication]
    permission_classes = [IsAPIToken]

    def get(self, request):
        return Response()


urlpatterns = [
    path("orders", Orders.as_view()),
    path("programs", Programs.as_view()),
    path("rotate", RotateMeView.as_view()),
]


@pytest.fixture
def call(acme, admin):
    """call(method, *scopes) → the status of a request by a token that has them."""

    def call(method, *scopes):
        _, jwt = make_token(owner=acme, user=admin, name=f"{method} {scopes}", scopes=scopes)
        return bearer(jwt).generic(method, "/orders").status_code

    return call


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_head_and_options_ask_for_the_scope_of_get(call, method):
    assert call(method, WRITE) == 403
    assert call(method, READ) == 200


def test_every_scope_that_a_method_asks_for_is_needed(call):
    assert call("PUT", READ) == call("PUT", WRITE) == 403
    assert call("PUT", READ, WRITE) == 200


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_people_are_not_limited_by_scopes(hr_client, method):
    assert getattr(hr_client, method)("/orders").status_code == 200


def test_another_packages_token_is_no_api_token(client, admin, jwt):
    theirs = Token.objects.create(user=admin)
    headers = {"authorization": f"Token {theirs.key}"}
    assert client.get("/programs", headers=headers).status_code == 403
    assert bearer(jwt).get("/programs").status_code == 200


def test_rotating_itself_asks_for_its_scope_wherever_it_is_mounted(client, acme, admin, jwt):
    assert client.post("/rotate").status_code == 401
    assert bearer(jwt).post("/rotate").status_code == 403
    _, rotating = make_token(owner=acme, user=admin, name="Rotates", scopes=[ROTATE_SELF])
    assert bearer(rotating).post("/rotate").status_code == 200
