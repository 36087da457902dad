"""A hostile or broken identity provider: forged ID tokens, odd answers, addresses inside."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from accounts.encryption import SINGLE_SIGN_ON, encrypt
from accounts.models import SingleSignOn
from tests.accounts.identity_provider import signing_key
from tests.accounts.sso.conftest import START, ask, come_back, is_in, sign_in

pytestmark = pytest.mark.django_db


def refused(provider):
    client, answer = sign_in(provider)
    assert answer.status_code == 401
    assert b"Signing in didn" in answer.content
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_the_right_token_signs_in(admin, provider):
    assert sign_in(provider)[1]["Location"] == "/"


def part(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def public_pem():
    key = signing_key("right").public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_hand(header, claims, signature="AA"):
    return f"{part(header)}.{part(claims)}.{signature}"


def hmac_with(secret):
    """As jwt.encode would, which refuses a public key as secret."""

    def forge(claims):
        signed = f"{part({'alg': 'HS256', 'kid': 'right'})}.{part(claims)}"
        digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    return forge


FORGERIES = {
    "another key": lambda p, claims: p.signed(claims, key="wrong"),
    "another key under its own name": lambda p, claims: p.signed(claims, key="wrong", kid="wrong"),
    "no signature": lambda p, claims: p.signed(claims).rpartition(".")[0] + ".",
    "a changed payload": lambda p, claims: by_hand(
        {"alg": "RS256", "kid": "right"}, claims, p.signed({**claims, "sub": "x"}).split(".")[2]
    ),
    "alg none": lambda p, claims: by_hand({"alg": "none", "kid": "right"}, claims, ""),
    "alg None": lambda p, claims: by_hand({"alg": "None", "kid": "right"}, claims, ""),
    "alg nOnE with a signature": lambda p, claims: by_hand({"alg": "nOnE", "kid": "right"}, claims),
    "no alg": lambda p, claims: by_hand({"kid": "right"}, claims),
    "HMAC with the public key": lambda p, claims: hmac_with(public_pem())(claims),
    "HMAC with the client secret": lambda p, claims: hmac_with(b"a secret")(claims),
    "a key of its own": lambda p, claims: p.signed(
        claims, key="wrong",
        jwk=jwt.algorithms.RSAAlgorithm.to_jwk(signing_key("wrong").public_key(), as_dict=True),
    ),
    "a key from elsewhere": lambda p, claims: p.signed(
        claims, key="wrong", jku=f"{p.url}/evil", kid="evil"
    ),
    "an unknown crit": lambda p, claims: p.signed(claims, crit=["x"]),
    "no token": lambda p, claims: None,
    "a number": lambda p, claims: 7,
    "a list": lambda p, claims: ["a", "b"],
    "an empty text": lambda p, claims: "",
    "no JWT": lambda p, claims: "a.b",
    "a deep one": lambda p, claims: f"{part({'alg': 'RS256'})}.{'W1tb' * 9000}.AA",
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_signs_nobody_in(admin, provider, forgery):
    provider.forge = lambda claims: FORGERIES[forgery](provider, claims)
    refused(provider)
    assert not any("evil" in asked for asked in provider.asked)


@pytest.mark.parametrize(
    "overrides",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"iss": ["x"]}, {"iss": "http://localhost"},
        {"aud": "another"}, {"aud": None}, {"aud": ""}, {"aud": ["another"]}, {"aud": "porta"},
        {"aud": ["portal", "another"]}, {"aud": ["portal", "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": 1}, {"exp": None}, {"exp": "never"}, {"exp": time.time() - 61},
        {"iat": None}, {"iat": time.time() + 3600}, {"nbf": time.time() + 3600},
        {"nonce": "of another question"}, {"nonce": None}, {"nonce": 7}, {"nonce": ""},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": ["x"]}, {"sub": "x" * 256},
    ],
)  # fmt: skip
def test_a_token_for_others_or_of_another_time_signs_nobody_in(admin, provider, overrides):
    provider.overrides = overrides
    refused(provider)


@pytest.mark.parametrize(
    "overrides",
    [
        {"aud": ["portal"]}, {"aud": ["portal", "another"], "azp": "portal"}, {"azp": "portal"},
        {"iat": time.time() + 30},
    ],
)  # fmt: skip
def test_what_the_standard_allows_is_taken(admin, provider, overrides):
    if "iat" in overrides:
        overrides = {"iat": time.time() + 30}  # a clock that is half a minute ahead
    provider.overrides = overrides
    assert sign_in(provider)[1]["Location"] == "/"


def test_a_token_of_an_earlier_log_in_is_taken_no_second_time(admin, hr, provider):
    client, _answer = sign_in(provider)
    earlier = provider.id_token()
    provider.forge = lambda claims: earlier
    client.post("/logout/")
    SocialAccount.objects.all().delete()
    refused(provider)


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
def test_other_algorithms_of_its_key_are_taken_where_the_key_says_so(admin, provider, algorithm):
    key = provider.keys()["keys"][0]
    provider.keys = lambda: {"keys": [{**key, "alg": algorithm}]}
    provider.forge = lambda claims: provider.signed(claims, algorithm=algorithm)
    assert sign_in(provider)[1]["Location"] == "/"


def test_the_only_key_needs_no_name(admin, provider):
    key = {n: v for n, v in provider.keys()["keys"][0].items() if n not in ("kid", "alg", "use")}
    provider.keys = lambda: {"keys": [key]}
    provider.forge = lambda claims: jwt.encode(claims, signing_key("right"), "RS256")
    assert sign_in(provider)[1]["Location"] == "/"


KEYS = {
    "none": [],
    "of another use": [{"use": "enc"}],
    "two of one name": [{}, {}],
    "symmetric": [{"kty": "oct", "k": "c2VjcmV0" * 6, "alg": "HS256"}],
    "no keys at all": None,
    "odd": [7],
}


@pytest.mark.parametrize("keys", KEYS)
def test_keys_that_can_not_be_it_sign_nobody_in(admin, provider, keys):
    good, changes = provider.keys()["keys"][0], KEYS[keys]
    made = changes and [{**good, **c} if isinstance(c, dict) else c for c in changes]
    provider.keys = lambda: {"keys": made}
    refused(provider)


def test_a_secret_that_it_publishes_as_its_key_signs_nobody_in(admin, provider):
    """Whoever reads the key could sign."""
    shared = b"secret" * 6
    key = {"kty": "oct", "kid": "right", "alg": "HS256", "k": "c2VjcmV0" * 6}
    provider.keys = lambda: {"keys": [key]}
    provider.forge = hmac_with(shared)
    refused(provider)


# --- the configuration, and what it leads to ------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": None},
        {"jwks_uri": "http://localhost/keys"}, {"jwks_uri": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://localhost/authorize"},
        {"token_endpoint": "http://localhost/token"}, {"token_endpoint": "file:///etc/passwd"},
    ],
)  # fmt: skip
def test_a_configuration_that_will_not_do_begins_nothing(admin, provider, client, change):
    provider.metadata = lambda: {**provider.usual_metadata(), **change}
    page = client.post(START)
    assert page.status_code == 401
    assert b"Signing in didn" in page.content


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_what_it_names_inside_our_networks_is_not_asked(admin, provider, caplog, endpoint):
    if endpoint == "userinfo_endpoint":
        provider.claims = {}
    for inside in ("https://169.254.169.254/", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/"):
        metadata = {**provider.usual_metadata(), endpoint: inside}
        provider.metadata = lambda metadata=metadata: metadata
        caplog.clear()
        refused(provider)
        assert "Forbidden IP address" in caplog.text, inside


def test_it_leads_the_server_nowhere_by_a_redirect(admin, provider):
    provider.answers["/keys"] = ({}, 302, [("Location", f"{provider.url}/elsewhere")])
    provider.answers["/token"] = ({}, 307, [("Location", f"{provider.url}/elsewhere")])
    refused(provider)
    provider.answers.pop("/token")
    refused(provider)
    assert not any("elsewhere" in asked for asked in provider.asked)


ANSWERS = [
    b"", b"[]", b"7", b"null", b'"text"', b"{", b"\xff\xfe", b"[" * 100_000, b"<html>",
    b'{"access_token": []}', b'{"access_token": "a", "expires_in": "99999999999999999999"}',
    b'{"access_token": "a", "expires_in": "x"}', b" " * 600_000 + b"{}",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
def test_whatever_it_answers_is_a_log_in_that_did_not_work(admin, provider, client, path):
    for answer in ANSWERS:
        provider.answers.pop(path, None)
        state = ask(client, provider)["state"]
        provider.answers[path] = (answer,)
        assert come_back(client, state).status_code == 401, answer[:60]
        assert not is_in(client), answer[:60]


def test_a_secret_that_no_key_opens_is_told_calmly(acme, admin, provider, settings, caplog):
    SingleSignOn.objects.update(encrypted_secret="not what we wrote")
    settings.MFA_SECRET_KEYS = ["new-" + "n" * 40]
    assert Client().post(START).status_code == 401
    assert Client().get(f"{START}callback/?code=right&state=x").status_code == 401
    assert "Unreadable" in caplog.text
    SingleSignOn.objects.update(encrypted_secret=encrypt("right", SINGLE_SIGN_ON))
    assert sign_in(provider)[1]["Location"] == "/"


@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post"]])
def test_the_secret_goes_where_the_provider_wants_it(admin, provider, methods):
    provider.metadata = lambda: {
        **provider.usual_metadata(), "token_endpoint_auth_methods_supported": methods,
    }  # fmt: skip
    assert sign_in(provider)[1]["Location"] == "/"
    in_the_body = any("client_secret=a+secret" in asked for asked in provider.asked)
    assert in_the_body == (methods == ["client_secret_post"])
