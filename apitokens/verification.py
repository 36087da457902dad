"""Raw JWT → token: the hot path. One query, and no verdict is ever remembered."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, router

from apitokens.compiled import get_compiled, get_plain, install, uninstall
from apitokens.conf import conf
from apitokens.exceptions import InvalidToken
from apitokens.models import APIToken, Credential
from apitokens.policy import TokenPolicy, get_policy
from apitokens.signing import Claims, get_signer

_SAMPLE = UUID(int=0)

UNREAD = (
    "jti",
    "end_noticed_at",
    "last_used_from",
    "token__live_name",
    "token__request_id",
    "token__created_by",
    "token__suspended_by",
    "token__stop_noticed_at",
)
"""Columns that no request needs: each costs time on its way. They load when asked for."""


def verify(raw: str, address: str | None = None) -> APIToken:
    """The token that *raw*, sent from *address*, is a living JWT of, with owner, user and the
    policy's relations joined, and with the credential itself as ``presented``.

    Raises InvalidToken, whose reason is for the log. The database is the primary: a replica
    might not know of a deletion yet.
    """
    claims, policy = get_signer().read(raw), get_policy()
    credential = _find(claims.jti, policy)
    if credential is None:
        raise InvalidToken("unknown")
    credential.jti, token = claims.jti, credential.token
    reason = _refusal(credential, token, claims, policy, address)
    if reason is not None:
        raise InvalidToken(reason, token.public_id)
    token.presented = credential
    return token


def _refusal(
    credential: Credential,
    token: APIToken,
    claims: Claims,
    policy: TokenPolicy,
    address: str | None,
) -> str | None:
    """Why not, in a word for the log; the first that holds."""
    if token.deleted_at is not None:
        return "deleted"
    if not credential.says(claims):
        return "not-the-row"
    if credential.has_ended:
        return "ended"
    if credential.is_expired:
        return "expired"
    if token.suspended_at is not None:
        return "suspended"
    if not token.allows(address):
        return "address"
    return "stopped" if policy.stop_reason(token) else None


def _find(jti: UUID, policy: TokenPolicy) -> Credential | None:
    if conf.compiled_query:
        return get_compiled(_key(policy), _build(policy), "jti", _SAMPLE, jti)
    return get_plain(_build(policy)(), "jti", jti)


def _key(policy: TokenPolicy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return policy.select_related, policy.defer


def _build(policy: TokenPolicy) -> Callable[[], Any]:
    return partial(_query, *_key(policy))


def after_migrate(using: str, **kwargs: Any) -> None:
    """The look-up of a token as the database itself may keep it, after each ``migrate``."""
    if using != router.db_for_write(Credential):
        return
    if Credential._meta.db_table not in connections[using].introspection.table_names():
        uninstall(using)
    elif conf.compiled_query:
        install(_build(get_policy()), "jti", _SAMPLE)


def _query(related: tuple[str, ...], unread: tuple[str, ...]) -> Any:
    joined = ("token__owner", "token__user", *(f"token__{name}" for name in related))
    alias = router.db_for_write(Credential)
    rows = Credential._base_manager.using(alias).select_related(*joined)
    return rows.defer(*UNREAD, *(f"token__{name}" for name in unread))
