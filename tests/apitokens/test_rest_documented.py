"""docs/api.md says of the management API what is so."""

import re

import pytest

from tests.apitokens.test_rest import ACTS, TOKENS, calls, of, send
from tests.documented import PAGE, documented

pytestmark = pytest.mark.django_db

MANAGING = "Managing tokens: `/api/v1/tokens/`"


@pytest.fixture
def section():
    return PAGE.read_text(encoding="utf-8").partition(MANAGING)[2]


def test_a_new_token_and_its_refusal_are_written_as_they_are_served(fresh):
    token, refusal = documented(MANAGING)
    body = {name: token[name] for name in ("name", "scopes", "networks")}
    made = send(fresh, "POST", TOKENS, body).json()
    assert made.keys() == token.keys()
    same = token.keys() - {"id", "created_at", "token"}
    assert {name: made[name] for name in same} == {name: token[name] for name in same}
    session = fresh.session
    session["apitokens_signed_in_at"] -= 12 * 3600 + 60
    session.save()
    assert send(fresh, "POST", TOKENS, {"name": "n"}).json() == refusal


def test_the_calls_that_ask_for_the_password_are_marked_and_no_others(fresh, token, section):
    session = fresh.session
    session["apitokens_signed_in_at"] -= 12 * 3600 + 60
    session.save()
    for act in ACTS:
        response = send(fresh, "POST", of(token, act), {"overlap": 0} if "rot" in act else None)
        row = re.search(rf"^\| `POST /<id>/{act}` .*", section, re.M)[0]
        assert (response.status_code == 403) is ("403 password" in row), act


def test_what_lists_hold_is_named_on_the_page(fresh, token, section):
    rotated = send(fresh, "POST", of(token, "rotate/"), {"overlap": 3600}).json()
    (event, *_) = fresh.get(of(token, "events/")).json()["results"]
    for name in [*rotated["old_credentials"][0], *event, *rotated]:
        assert f"`{name}`" in section or f'"{name}":' in section, name


def test_every_call_is_named_on_the_page(section):
    for method, address in [("GET", TOKENS), ("POST", TOKENS), *calls("<id>")]:
        path = address.removeprefix(TOKENS.rstrip("/"))
        assert f"`{method} {path}`" in section or f"`{path}`" in section
