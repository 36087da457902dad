"""security.md C: where a token may stand in a request, and what it never opens."""

import json

import pytest
from django.urls import reverse

from apitokens.authentication import APITokenAuthentication
from tests.apitokens.conftest import ME, assert_bearer_failure

pytestmark = pytest.mark.django_db

ADD = "/external/v1/candidate/add"


def test_nothing_sent_is_challenged_without_an_error_code(client):
    response = client.get(ME)
    assert_bearer_failure(response)
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_bad_token_is_challenged_with_invalid_token(present):
    response = present("a.b.c")
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml", "*/*", "", "x"])
def test_a_refusal_is_json_whatever_accept_says(present, accept):
    assert_bearer_failure(present("a.b.c", HTTP_ACCEPT=accept))


@pytest.mark.parametrize(
    "scheme",
    ["", "Token", "JWT", "Basic", "Digest", "Bearer:", "Bearers", "Api-Key", "=", "ＢＥＡＲＥＲ"],
)
def test_another_scheme_is_refused(client, jwt, scheme):
    header = f"{scheme} {jwt}".encode().decode("latin-1")
    assert_bearer_failure(client.get(ME, HTTP_AUTHORIZATION=header))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_case_insensitive_as_rfc_9110_has_it(client, jwt, scheme):
    assert client.get(ME, HTTP_AUTHORIZATION=f"{scheme} {jwt}").status_code == 200


MALFORMED = [
    "Bearer", "Bearer ", "Bearer {0} {0}", "Bearer {0},Bearer {0}", "Bearer {0};",
    'Bearer "{0}"', "Bearer <{0}>", "Bearer {0}.",
]  # fmt: skip


@pytest.mark.parametrize("header", MALFORMED)
def test_a_malformed_bearer_header_is_refused(client, jwt, header):
    assert_bearer_failure(client.get(ME, HTTP_AUTHORIZATION=header.format(jwt)))


@pytest.mark.parametrize("name", ["HTTP_X_API_KEY", "HTTP_X_AUTHORIZATION", "HTTP_TOKEN",
                                  "HTTP_PROXY_AUTHORIZATION", "HTTP_X_ACCESS_TOKEN"])  # fmt: skip
def test_a_token_in_another_header_is_no_token(client, jwt, name):
    assert_bearer_failure(client.get(ME, **{name: f"Bearer {jwt}"}))


def test_a_token_in_query_body_or_cookie_is_no_token(client, jwt):
    assert_bearer_failure(client.get(ME, {"access_token": jwt, "token": jwt}))
    body = json.dumps({"access_token": jwt})
    assert_bearer_failure(client.post(ADD, body, content_type="application/json"))
    client.cookies["token"] = client.cookies["access_token"] = jwt
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize("name", ["HTTP_X_REMOTE_USER", "REMOTE_USER", "HTTP_X_FORWARDED_USER"])
def test_a_header_that_claims_a_user_is_ignored(client, admin, name):
    assert_bearer_failure(client.get(ME, **{name: admin.email}))


def test_a_bad_token_beside_a_good_session_is_still_refused(admin_client):
    assert_bearer_failure(admin_client.get(ME, HTTP_AUTHORIZATION="Bearer a.b.c"))


def test_a_session_is_no_token(admin_client):
    assert admin_client.get(ME).status_code == 401


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize("path", [ME, ADD, "/external/v1/candidate/details"])
def test_401_comes_before_everything_else_on_every_method(client, method, path):
    odd = "text/odd; charset=nope"
    assert client.generic(method.upper(), path, b"\xff{", content_type=odd).status_code == 401


def test_401_comes_before_the_body_is_parsed(client):
    response = client.post(ADD, b"{" * 100_000, content_type="application/json")
    assert_bearer_failure(response)


@pytest.mark.parametrize(
    "page", ["/", "/candidates/", "/candidates/add/", "/security-settings/api/", "/admin/"]
)
def test_a_good_token_never_opens_a_page(client, jwt, page):
    response = client.get(page, HTTP_AUTHORIZATION=f"Bearer {jwt}")
    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("accept", ["text/html", "image/png", "*/*"])
def test_the_address_beside_the_pages_is_for_tokens_alone_and_json(
    client, admin_client, jwt, accept
):
    me = reverse("apitokens:me")
    response = client.get(me, headers={"authorization": f"Bearer {jwt}", "accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json()["label"] == "API(Greenhouse sync)"
    refused = admin_client.get(me, headers={"accept": accept})
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/json")
    assert refused["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_megabyte_of_header_is_refused_in_constant_memory(client):
    import tracemalloc

    tracemalloc.start()
    assert_bearer_failure(client.get(ME, HTTP_AUTHORIZATION="Bearer " + "A" * 1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000


def test_settings_of_simplejwt_change_nothing(present, jwt, settings, admin):
    settings.SIMPLE_JWT = {
        "AUTH_HEADER_TYPES": ("JWT",),
        "AUTH_HEADER_NAME": "HTTP_X_TOKEN",
        "ALGORITHM": "none",
        "SIGNING_KEY": "",
        "LEEWAY": 10**9,
        "USER_ID_CLAIM": "jti",
        "AUDIENCE": "other",
        "ISSUER": "other",
        "JWK_URL": "http://127.0.0.1:9/jwks",
        "AUTH_TOKEN_CLASSES": ("rest_framework_simplejwt.tokens.UntypedToken",),
        "CHECK_USER_IS_ACTIVE": False,
    }
    assert present(jwt).status_code == 200
    assert_bearer_failure(present("a.b.c"))
    admin.is_active = False
    admin.save()
    assert_bearer_failure(present(jwt))


def test_the_class_leaves_other_schemes_to_the_next_one(rf):
    request = rf.get("/", HTTP_AUTHORIZATION="Basic YTpi")
    assert APITokenAuthentication().authenticate(request) is None


def test_no_refusal_names_its_reason_to_the_client_but_the_log_does(present, caplog):
    with caplog.at_level("INFO", logger="apitokens"):
        present("a.b.c")
    assert "unknown-header" in caplog.text


def test_a_log_line_never_holds_the_token_or_its_jti(present, jwt, token, caplog):
    with caplog.at_level("DEBUG"):
        present(jwt)
        present(jwt[:-2] + "AA")
        token.delete()
        present(jwt)
    jti = token.credential.jti
    for secret in (jwt, jwt.split(".")[2], str(jti), jti.hex):
        assert secret not in caplog.text
    assert f"deleted ({token.public_id})" in caplog.text
