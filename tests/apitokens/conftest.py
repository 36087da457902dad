"""Ways to present a token, and tokens that nobody should accept."""

import json
from base64 import urlsafe_b64encode

import jwt as pyjwt
import pytest
from django.conf import settings

from apitokens.models import APIToken
from apitokens.signing import TYP
from tests.apitokens.old import SCHEMES, SECRETS, imported
from tests.factories import PASSWORD

ME = "/external/v1/me"


def key():
    return settings.APITOKENS_KEYS[0]


def segment(value):
    """base64url without padding of *value*, JSON-encoded unless it is bytes."""
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def good_header(**changes):
    header = {"typ": TYP, "alg": key()["alg"], "kid": key()["kid"], **changes}
    return {name: value for name, value in header.items() if value is not ...}


def sign_bytes(signing_input, secret=None):
    algorithm = pyjwt.get_algorithm_by_name("HS256")
    secret = key()["secret"] if secret is None else secret
    raw_key = secret if isinstance(secret, bytes) else secret.encode()
    return segment(algorithm.sign(signing_input.encode(), raw_key))


def forge(header=None, payload=None, *, secret=None):
    """A compact JWS over any header and payload (dict or raw bytes), under *secret* or our key."""
    parts = f"{segment(good_header() if header is None else header)}.{segment(payload)}"
    return f"{parts}.{sign_bytes(parts, secret)}"


def claims_in(token_jwt):
    return pyjwt.decode(token_jwt, options={"verify_signature": False})


def headers_of(token_jwt):
    return pyjwt.get_unverified_header(token_jwt)


def as_presented(token):
    """*token* as a request has it: its row, and the credential that it came by."""
    row = APIToken.objects.get(pk=token.pk)
    row.presented = row.credential
    return row


@pytest.fixture
def claims(jwt):
    """The payload of a good token."""
    return claims_in(jwt)


@pytest.fixture
def fresh(admin, client):
    """Asha Rao, who has just signed in."""
    assert client.login(username=admin.email, password=PASSWORD)
    return client


@pytest.fixture
def present(client):
    """present(jwt) → the response of /external/v1/me to it."""

    def present(token_jwt, **extra):
        return client.get(ME, HTTP_AUTHORIZATION=f"Bearer {token_jwt}", **extra)

    return present


def assert_bearer_failure(response, secret=None):
    """What security.md calls a bearer failure."""
    assert response.status_code == 401, response.content
    assert response["WWW-Authenticate"].startswith("Bearer ")
    assert response["Content-Type"].startswith("application/json")
    assert response.json() == {"message": "A valid API token is needed.", "errors": []}
    assert not response.cookies
    if secret and len(secret) > 20:
        assert secret not in response.content.decode() + str(response.headers)


@pytest.fixture(params=SECRETS)
def source(request):
    return request.param


@pytest.fixture
def old(source, admin):
    """(token, secret) of each package in turn."""
    return imported(source, admin)


@pytest.fixture
def send(client, source):
    """send(secret) → the view's response to it under the package's own scheme."""

    def send(secret, method="get", scheme=SCHEMES[source], page="/who", **extra):
        return getattr(client, method)(page, HTTP_AUTHORIZATION=f"{scheme} {secret}", **extra)

    return send
