"""Raw JWT → token: the hot path. One query, and no verdict is ever remembered.

An old secret of another package is judged by the same words, and by one query too.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, router
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from apitokens.compiled import get_compiled, get_plain, install, uninstall
from apitokens.conf import conf
from apitokens.exceptions import InvalidToken
from apitokens.models import APIToken, Credential, LegacyCredential
from apitokens.old_secrets import clean_secret, lookups, matches, quicker
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


def verify_old(raw: str, sources: Iterable[str], address: str | None = None) -> APIToken:
    """The token into which *raw*, a secret of one of the packages *sources*, was imported; else
    as ``verify``.

    What its JWT would be refused for, it is refused for: both are ways into the same token.
    """
    secret, policy = clean_secret(raw), get_policy()
    credential = _find_old(secret, sources, policy)
    if credential is None:
        raise InvalidToken("unknown")
    token: APIToken = credential.token
    reason = _refusal_of_old(credential, token, policy, address)
    if reason is not None:
        raise InvalidToken(reason, token.public_id)
    credential.faster = quicker(credential.hashed, secret)
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
    return _refusal_of_token(token, policy, address)


def _refusal_of_old(
    credential: Any, token: APIToken, policy: TokenPolicy, address: str | None
) -> str | None:
    """The same for an old secret, which goes no further than its token's JWT."""
    if token.deleted_at is not None:
        return "deleted"
    if credential.has_ended:
        return "ended"
    if credential.kid not in get_signer().by_kid:
        return "stopped"
    if credential.expires_at is not None and credential.expires_at <= timezone.now():
        return "expired"
    return _refusal_of_token(token, policy, address)


def _refusal_of_token(token: APIToken, policy: TokenPolicy, address: str | None) -> str | None:
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


def _find_old(secret: str, sources: Iterable[str], policy: TokenPolicy) -> Any | None:
    """The row that was made of *secret*, with ``kid`` and ``expires_at`` of the token's JWT."""
    alias = router.db_for_write(LegacyCredential)
    related = ("token__owner", "token__user", *(f"token__{name}" for name in policy.select_related))
    current = Credential._base_manager.filter(token=OuterRef("token"), ends_at=None)
    rows = (
        LegacyCredential._base_manager.using(alias)
        .filter(lookup__in=lookups(secret, sources))
        .select_related(*related)
        .defer(*(f"token__{name}" for name in policy.defer))
        .annotate(
            kid=Subquery(current.values("kid")[:1]),
            expires_at=Subquery(current.values("expires_at")[:1]),
        )
    )
    return next((row for row in rows if matches(row.hashed, secret)), None)
