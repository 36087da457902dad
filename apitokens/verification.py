"""Raw JWT → token: the hot path. One query, and no verdict is ever remembered."""

from typing import Any
from uuid import UUID

from django.db import router

from apitokens.compiled import get_compiled, get_plain
from apitokens.conf import conf
from apitokens.exceptions import InvalidToken
from apitokens.models import APIToken, Credential
from apitokens.policy import TokenPolicy, get_policy
from apitokens.signing import Claims, get_signer

_SAMPLE = UUID(int=0)


def verify(raw: str) -> APIToken:
    """The token that *raw* is a living JWT of, with owner, user and the policy's relations joined.

    Raises InvalidToken, whose reason is for the log. The database is the primary: a replica
    might not know of a deletion yet.
    """
    claims, policy = get_signer().read(raw), get_policy()
    credential = _find(claims.jti, policy.select_related)
    if credential is None:
        raise InvalidToken("unknown")
    token = credential.token
    reason = _refusal(credential, token, claims, policy)
    if reason is not None:
        raise InvalidToken(reason, token.public_id)
    return token


def _refusal(
    credential: Credential, token: APIToken, claims: Claims, policy: TokenPolicy
) -> str | None:
    if token.deleted_at is not None:
        return "deleted"
    if credential.claims != claims:
        return "not-the-row"
    if credential.has_ended:
        return "ended"
    if credential.is_expired:
        return "expired"
    return "stopped" if policy.stop_reason(token) else None


def _find(jti: UUID, related: tuple[str, ...]) -> Credential | None:
    if conf.compiled_query:
        return get_compiled(("jti", related), lambda: _query(related), "jti", _SAMPLE, jti)
    return get_plain(_query(related), "jti", jti)


def _query(related: tuple[str, ...]) -> Any:
    joined = ("token__owner", "token__user", *(f"token__{name}" for name in related))
    alias = router.db_for_write(Credential)
    return Credential._base_manager.using(alias).select_related(*joined)
