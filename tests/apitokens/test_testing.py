"""The helpers that hosts use in their own tests."""

from datetime import timedelta

import pytest

from apitokens.exceptions import NotAllowed
from apitokens.models import APITokenEvent
from apitokens.testing import api_client, jwt_of, make_token

pytestmark = pytest.mark.django_db

ME = "/external/v1/me"


def test_a_client_sends_a_token_or_its_jwt(acme, admin):
    token, jwt = make_token(owner=acme, user=admin, name="Mine")
    for sent in (token, jwt):
        assert api_client(sent).get(ME).json()["name"] == "Mine"


def test_a_jwt_of_a_token_is_the_same_and_leaves_no_trace(acme, admin):
    token, jwt = make_token(owner=acme, user=admin)
    token.delete()
    before = APITokenEvent.objects.count()
    assert jwt_of(token) == jwt
    assert api_client(token).get(ME).status_code == 401
    assert APITokenEvent.objects.count() == before


def test_a_text_that_is_no_token_is_sent_as_it_is(db):
    assert api_client("nonsense").get(ME).status_code == 401


def test_limits_and_the_policy_hold_in_tests_too(acme, admin, hr):
    token, _ = make_token(
        owner=acme, user=admin, lifetime=timedelta(seconds=600), networks=["192.0.2.0/24"]
    )
    assert api_client(token).get(ME).status_code == 401
    assert api_client(token).get(ME, REMOTE_ADDR="192.0.2.1").status_code == 200
    with pytest.raises(NotAllowed):
        make_token(owner=acme, user=hr)


def test_without_an_owner_the_user_owns_it(admin, settings):
    settings.APITOKENS_POLICY = "apitokens.policy.TokenPolicy"
    with pytest.raises(ValueError, match="Company"):
        make_token(user=admin)  # this project's owners are companies
