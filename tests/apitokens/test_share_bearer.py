"""APITOKENS_SHARE_BEARER: one Authorization header for our tokens and simplejwt's of a log-in."""

import jwt as pyjwt
import pytest
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt import authentication, state
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.views import TokenObtainPairView

from apitokens.authentication import APITokenAuthentication
from tests.apitokens.conftest import claims_in, forge, good_header, segment
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class LogIn(JWTAuthentication):
    """simplejwt's class, which remembers what it was asked about."""

    asked = []

    def authenticate(self, request):
        self.asked.append(request.META.get("HTTP_AUTHORIZATION"))
        return super().authenticate(request)


class WhoAmI(APIView):
    authentication_classes = [APITokenAuthentication, LogIn]

    def get(self, request):
        return Response({"email": request.user.email, "by": type(request.auth).__name__})


urlpatterns = [
    path("who", WhoAmI.as_view()),
    path("log-in", TokenObtainPairView.as_view(authentication_classes=[])),
]


@pytest.fixture(autouse=True)
def asked():
    LogIn.asked.clear()
    return LogIn.asked


@pytest.fixture
def shared(settings):
    settings.APITOKENS_SHARE_BEARER = True


@pytest.fixture
def who(client):
    """who(jwt) → the view's response to it."""
    return lambda jwt: client.get("/who", HTTP_AUTHORIZATION=f"Bearer {jwt}")


@pytest.fixture
def log_in_jwt(client, hr):
    """What simplejwt gives to somebody else than the token's person."""
    answer = client.post("/log-in", {"email": hr.email, "password": PASSWORD}, "application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["access"]


def changed(jwt):
    """A JWT changed a little: its payload, its signature, its length."""
    head, payload, signature = jwt.split(".")
    later = segment({**claims_in(jwt), "iat": 1, "exp": 2**31})
    other = "A" if signature[0] != "A" else "B"
    return [
        f"{head}.{later}.{signature}",
        f"{head}.{payload}.{other}{signature[1:]}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
    ]


def assert_refused_by_us(response):
    assert response.status_code == 401, response.content
    assert response["WWW-Authenticate"].endswith('error="invalid_token"')
    assert response.json() == {"detail": "A valid API token is needed."}


def test_both_kinds_are_let_in_as_their_own_person(shared, who, jwt, log_in_jwt, admin, hr):
    assert who(jwt).json() == {"email": admin.email, "by": "APIToken"}
    assert who(log_in_jwt).json() == {"email": hr.email, "by": "AccessToken"}


def test_by_default_a_log_in_is_refused_and_asked_of_nobody_else(who, jwt, log_in_jwt, asked):
    assert who(jwt).status_code == 200
    assert_refused_by_us(who(log_in_jwt))
    assert asked == []


def test_a_changed_token_of_ours_never_reaches_the_next_class(shared, who, jwt, asked):
    for forged in [*changed(jwt), f"{jwt}=", f"{jwt}.x", f"{jwt} x", jwt.partition(".")[0]]:
        assert_refused_by_us(who(forged))
    assert asked == []


def test_a_deleted_token_of_ours_never_reaches_the_next_class(shared, who, token, jwt, asked):
    token.delete()
    assert_refused_by_us(who(jwt))
    assert asked == []


def test_a_changed_log_in_is_refused(shared, who, log_in_jwt, asked):
    for forged in changed(log_in_jwt):
        assert who(forged).status_code == 401
    assert len(asked) == len(changed(log_in_jwt))


@pytest.mark.parametrize("typ", ["JWT", "apitoken", "APITOKEN+JWT", None])
def test_our_claims_under_another_type_are_left_to_the_next_class_and_refused(
    shared, who, claims, asked, typ
):
    assert who(forge(good_header(typ=typ), claims)).status_code == 401
    assert len(asked) == 1


def test_claims_of_a_log_in_under_our_type_are_refused(shared, who, log_in_jwt, settings, asked):
    for secret in (None, settings.SECRET_KEY):
        assert_refused_by_us(who(forge(payload=claims_in(log_in_jwt), secret=secret)))
    assert asked == []


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer  ", "Basic YTpi", ""])
def test_a_header_without_a_token_lets_nobody_in(shared, client, header):
    assert client.get("/who", HTTP_AUTHORIZATION=header).status_code == 401


HOSTILE = [
    {"AUTH_HEADER_TYPES": ("JWT",)},
    {"AUTH_HEADER_NAME": "HTTP_X_TOKEN"},
    {"ALGORITHM": "HS512", "SIGNING_KEY": "h" * 64},
    {"ALGORITHM": "none", "SIGNING_KEY": ""},
    {"USER_ID_CLAIM": "iss", "TOKEN_TYPE_CLAIM": None, "AUDIENCE": "x", "ISSUER": "x"},
]


@pytest.mark.parametrize("simple_jwt", HOSTILE, ids=lambda value: next(iter(value)))
def test_no_setting_of_simplejwt_changes_anything_for_ours(
    shared, who, jwt, admin, settings, monkeypatch, asked, simple_jwt
):
    settings.SIMPLE_JWT = simple_jwt
    take_effect(monkeypatch, simple_jwt)
    assert who(jwt).json() == {"email": admin.email, "by": "APIToken"}
    for forged in changed(jwt):
        assert_refused_by_us(who(forged))
    assert asked == []


def take_effect(monkeypatch, simple_jwt):
    """simplejwt reads these once, when it is imported."""
    types = simple_jwt.get("AUTH_HEADER_TYPES", ("Bearer",))
    monkeypatch.setattr(authentication, "AUTH_HEADER_TYPES", types)
    monkeypatch.setattr(authentication, "AUTH_HEADER_TYPE_BYTES", {t.encode() for t in types})
    backend = TokenBackend("HS512", simple_jwt.get("SIGNING_KEY", "h" * 64))
    monkeypatch.setattr(state, "token_backend", backend)


def test_a_log_in_by_another_algorithm_is_let_in_beside_ours(
    shared, who, jwt, hr, monkeypatch, settings
):
    settings.SIMPLE_JWT = {"ALGORITHM": "HS512", "SIGNING_KEY": "h" * 64}
    backend = TokenBackend("HS512", "h" * 64)
    monkeypatch.setattr(state, "token_backend", backend)
    log_in = {"token_type": "access", "exp": 2**31, "jti": "x", "user_id": str(hr.pk)}
    assert who(pyjwt.encode(log_in, "h" * 64, "HS512")).json()["email"] == hr.email
    assert who(pyjwt.encode(log_in, "z" * 64, "HS512")).status_code == 401
    assert who(jwt).status_code == 200
