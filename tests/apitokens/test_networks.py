"""Allowed networks, by real requests."""

import pytest

from tests.apitokens.conftest import assert_bearer_failure
from tests.factories import make_token

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("networks", "address", "works"),
    [(["203.0.113.0/28"], "203.0.113.7", True), (["203.0.113.0/28"], "203.0.113.16", False),
     (["203.0.113.7"], "203.0.113.7", True), (["203.0.113.7"], "203.0.113.8", False),
     (["2001:db8::/32"], "2001:db8::1", True), (["2001:db8::/32"], "2001:db9::1", False),
     (["203.0.113.0/28"], "::ffff:203.0.113.7", True), (["203.0.113.0/28"], "::1", False),
     (["::/0"], "203.0.113.7", False), (["10.0.0.0/8", "::1"], "::1", True),
     (["0.0.0.0/0"], "", False), (["0.0.0.0/0"], "unix:", False), ([], "", True)],
)  # fmt: skip
def test_a_token_works_from_its_networks_only(acme, admin, present, networks, address, works):
    _, jwt = make_token(owner=acme, user=admin, networks=networks)
    response = present(jwt, REMOTE_ADDR=address)
    if works:
        assert response.status_code == 200
    else:
        assert_bearer_failure(response, jwt)


@pytest.mark.parametrize(
    ("depth", "forwarded", "works"),
    [(0, "203.0.113.7", False), (1, "203.0.113.7", True), (1, "203.0.113.7, 198.51.100.1", False),
     (2, "203.0.113.7, 198.51.100.1", True), (2, "x, 203.0.113.7, 198.51.100.1", True)],
)  # fmt: skip
def test_x_forwarded_for_is_believed_as_far_as_configured(
    acme, admin, present, settings, depth, forwarded, works
):
    settings.APITOKENS_PROXY_DEPTH = depth
    _, jwt = make_token(owner=acme, user=admin, networks=["203.0.113.7"])
    response = present(jwt, HTTP_X_FORWARDED_FOR=forwarded)
    assert response.status_code == (200 if works else 401)


def test_the_log_says_why_by_public_id(acme, admin, present, caplog):
    token, jwt = make_token(owner=acme, user=admin, networks=["203.0.113.7"])
    with caplog.at_level("INFO", logger="apitokens"):
        present(jwt)
    assert f"API token refused: address ({token.public_id})" in caplog.text
