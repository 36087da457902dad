"""For the tests of a host project: tokens, and clients that send them."""

from datetime import timedelta
from typing import Any

from rest_framework.test import APIClient

from apitokens.models import APIToken
from apitokens.services import issue_token
from apitokens.signing import get_signer


def make_token(
    *,
    user: Any,
    owner: Any = None,
    name: str = "Test token",
    lifetime: timedelta | None = None,
    **limits: Any,
) -> tuple[APIToken, str]:
    """A token of *owner* (the user themselves, if not given) that acts as *user*, and its JWT.

    *limits* are ``scopes`` and ``networks``, as ``services.issue_token`` takes them, whose errors
    it raises: what the policy refuses to people it refuses to tests.
    """
    return issue_token(owner=owner or user, user=user, name=name, lifetime=lifetime, **limits)


def jwt_of(token: APIToken) -> str:
    """The JWT of *token*'s current credential, whatever its state and without a trace in the
    history: to test that an expired, suspended or deleted one is refused.
    """
    credential = token.credential
    if credential is None:
        raise ValueError("this token has no credential")
    return get_signer().sign(credential.claims)


def api_client(token: APIToken | str) -> APIClient:
    """DRF's test client, sending *token* (or a JWT, or any other text) as its Bearer token."""
    jwt = jwt_of(token) if isinstance(token, APIToken) else token
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {jwt}")
    return client
