"""Limits on the page: in the generate form, and changed later."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from apitokens.models import APIToken, APITokenEvent
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
GENERATE = LIST + "generate/"
ME = "/external/v1/me"
SCOPES = {"candidates:read": "Read candidates", "candidates:write": "Add candidates"}


@pytest.fixture
def scopes(settings):
    settings.APITOKENS_SCOPES = SCOPES
    return SCOPES


def limits_of(token):
    return f"{LIST}{token.public_id}/limits/"


def generate(client, **data):
    data = {"name": "T", "kind": "never-ending", "request_id": uuid4(), **data}
    return client.post(GENERATE, data)


def test_all_scopes_are_ticked_but_rotating_itself(admin_client, scopes):
    page = admin_client.get(GENERATE).content.decode()
    for name in scopes:
        assert f'value="{name}" checked' in page
    assert 'value="tokens:rotate-self">' in page


def test_the_ticked_scopes_and_the_written_networks_are_what_the_token_gets(admin_client, scopes):
    response = generate(
        admin_client, limited="True", scopes=["candidates:read", "tokens:rotate-self"],
        networks=" 203.0.113.0/28 \r\n\r\n2001:db8::/32\r\n203.0.113.0/28\r\n198.51.100.40",
    )  # fmt: skip
    assert response.status_code == 200
    token = APIToken.objects.get()
    assert token.scopes == ("candidates:read", "tokens:rotate-self")
    assert token.allowed_networks == "203.0.113.0/28 2001:db8::/32 198.51.100.40/32"
    jwt = response.context["jwt"]
    assert bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.7").status_code == 200
    assert bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.77").status_code == 401


def test_a_form_without_the_limits_gives_the_default_scopes(admin_client, scopes):
    assert generate(admin_client).status_code == 200
    assert APIToken.objects.get().scopes == tuple(scopes)


@pytest.mark.parametrize("ticked", [[], ["made:up"], ["candidates:read", "x\x00"]], ids=str)
def test_no_scope_or_an_unknown_one_is_refused_on_the_field(admin_client, scopes, ticked):
    response = generate(admin_client, limited="True", scopes=ticked)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["scopes"]
    assert '<details class="at-fold" open>' in response.content.decode()
    assert not APIToken.objects.exists()


BAD_NETWORKS = [
    ("203.0.113.0/28\nnonsense", "Line 2: “nonsense” is no IPv4 or IPv6 address or network."),
    ("\n203.0.113.7/28", "Line 2: enter 203.0.113.0/28 instead of 203.0.113.7/28."),
    ("203.0.113.0/33", "Line 1: “203.0.113.0/33” is no"),
    ("<script>", "Line 1: “&lt;script&gt;” is no"),
    ("1.2.3", "Line 1: “1.2.3” is no"),
    ("::1%eth0/64", "Line 1:"),
    ("1.2.3.4, 1.2.3.5", "Line 1:"),
    ("x" * 3000, f"Line 1: “{'x' * 43}…” is no"),
    ("x" * 5000, "Use fewer networks"),
    ("1" * 100_000, "Use fewer networks"),
    ("\n".join(f"10.0.0.{n}" for n in range(65)), "Use fewer networks"),
]


@pytest.mark.parametrize(("text", "words"), BAD_NETWORKS, ids=range(len(BAD_NETWORKS)))
def test_a_bad_network_is_refused_by_its_line_and_the_input_kept(
    admin_client, token, text, words, settings
):
    settings.APITOKENS_SCOPES = {}
    for response in (
        generate(admin_client, networks=text),
        generate(admin_client, networks=text, from_dialog="True"),
        admin_client.post(limits_of(token), {"networks": text}),
    ):
        page = response.content.decode()
        assert response.status_code == 400
        assert list(response.context["form"].errors) == ["networks"]
        assert words in page
        assert 'aria-describedby="at-networks-note" aria-invalid="true" autofocus' in page
        assert response.context["form"]["networks"].value() == text
    token.refresh_from_db()
    assert token.allowed_networks == ""


def test_the_page_changes_both_limits_and_says_before_and_after(admin_client, scopes, acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="T", networks=["203.0.113.7"])
    page = admin_client.get(limits_of(token)).content.decode()
    assert "\n203.0.113.7</textarea>" in page
    response = admin_client.post(
        limits_of(token), {"scopes": ["candidates:read"], "networks": "203.0.113.7"}
    )
    assert response["Location"] == f"{LIST}{token.public_id}/"
    token.refresh_from_db()
    assert token.scopes == ("candidates:read",)
    event = APITokenEvent.objects.get(kind="limited")
    assert event.data["before"]["scope"] == "candidates:read candidates:write"
    assert event.data["after"]["scope"] == "candidates:read"
    assert (
        "Changed what <bdi>T</bdi> can do."
        in admin_client.get(response["Location"]).content.decode()
    )
    assert bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.7").status_code == 200


def test_no_scope_at_all_is_refused_later_too(admin_client, scopes, token):
    response = admin_client.post(limits_of(token), {"networks": ""})
    assert response.status_code == 400
    assert "Tick at least one" in response.content.decode()


def test_wider_limits_ask_for_the_password_and_keep_what_was_typed(admin_client, acme, admin):
    """A session that began without a sign-in counts as old."""
    token, _ = make_token(owner=acme, user=admin, name="T", networks=["203.0.113.7"])
    session = admin_client.session
    session["apitokens_signed_in_at"] = 0
    session.save()
    names = list(token.scopes)
    wider = {"scopes": names, "networks": "203.0.113.0/24"}
    response = admin_client.post(limits_of(token), wider)
    assert response.status_code == 302
    token.refresh_from_db()
    assert token.allowed_networks == "203.0.113.7/32"
    page = admin_client.get(parse_qs(urlsplit(response["Location"]).query)["next"][0])
    assert page.context["form"]["networks"].value() == "203.0.113.0/24"
    narrower = {"scopes": names[:1], "networks": "203.0.113.7"}
    assert admin_client.post(limits_of(token), narrower)["Location"] == (
        f"{LIST}{token.public_id}/"
    )


def test_wider_limits_after_a_fresh_sign_in_are_set(admin_client, acme, admin):
    token, _ = make_token(owner=acme, user=admin, name="T", networks=["203.0.113.7"])
    wider = {"scopes": list(token.scopes), "networks": ""}
    assert admin_client.post(limits_of(token), wider)["Location"] == f"{LIST}{token.public_id}/"
    token.refresh_from_db()
    assert token.allowed_networks == ""
