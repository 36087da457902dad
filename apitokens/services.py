"""The life of a token: issue, rename, copy, delete. The only writers.

Each act and its line of history commit together; signals follow the commit. A JWT is returned
once and kept nowhere: copying signs it again.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apitokens import audit, signals
from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.exceptions import (
    LifetimeRefused,
    NameTaken,
    TokenDeleted,
    TokenLimitReached,
    TokenNotUsable,
)
from apitokens.keyring import get_keyring
from apitokens.models import (
    APIToken,
    Credential,
    announce,
    canonical_name,
)
from apitokens.policy import get_policy
from apitokens.signing import get_signer


def issue_token(
    *,
    owner: Any,
    user: Any,
    name: str,
    lifetime: timedelta | None,
    request_id: UUID | None = None,
    address: str | None = None,
) -> tuple[APIToken, str]:
    """Make a token of *owner* that acts as *user*, and return it with its JWT.

    *lifetime* is None (never-ending) or 600 to 86400 whole seconds. The same *request_id* again
    gives the token that it made, so a double submit makes one. Raises ValidationError (name),
    LifetimeRefused, NameTaken, TokenLimitReached, TokenDeleted, TokenNotUsable.
    """
    check_lifetime(owner, lifetime)
    name = clean_name(name)
    if request_id is not None and (made := _made_by(owner, request_id)):
        return made, _copy(made, user, address)
    try:
        return _create(owner, user, name, lifetime, request_id, address)
    except IntegrityError:
        if request_id is not None and (made := _made_by(owner, request_id)):
            return made, _copy(made, user, address)
        _raise_if_taken(owner, name)
        raise


def rename_token(*, token: APIToken, name: str, actor: Any, address: str | None = None) -> APIToken:
    """Give *token* another name; its JWT stays as it is. The same name again does nothing.

    Raises ValidationError, NameTaken, TokenDeleted.
    """
    name = clean_name(name)
    try:
        with transaction.atomic():
            return _rename(_lock(token), name, actor, address)
    except IntegrityError:
        _raise_if_taken(token.owner, name, but=token)
        raise


def copy_token(*, token: APIToken, actor: Any, address: str | None = None) -> str:
    """The JWT of *token*, byte for byte as it was issued. Raises TokenDeleted, TokenNotUsable."""
    return _copy(token, actor, address)


def delete_token(*, token: APIToken, actor: Any, address: str | None = None) -> bool:
    """Make *token* a tombstone: the next request with it is refused. False if it was one."""
    count, _ = token.delete(actor=actor, address=address)
    return bool(count)


def clean_name(name: str) -> str:
    """*name* without white space around it. Raises ValidationError if it is no token name."""
    name = name.strip()
    APIToken._meta.get_field("name").clean(name, None)
    live_name = APIToken._meta.get_field("live_name")
    if len(canonical_name(name)) > (live_name.max_length or 0):
        raise ValidationError("Use a shorter name", code="max_length")
    return name


def check_lifetime(owner: Any, lifetime: timedelta | None) -> None:
    """Raise LifetimeRefused unless a token of *owner* may live so long."""
    longest = get_policy().max_lifetime(owner)
    if lifetime is None:
        if longest is not None:
            raise LifetimeRefused("never-ending tokens are not allowed")
        return
    if not isinstance(lifetime, timedelta) or lifetime.microseconds:
        raise LifetimeRefused("not whole seconds")
    if not MINIMUM_LIFETIME <= lifetime <= min(longest or MAXIMUM_LIFETIME, MAXIMUM_LIFETIME):
        raise LifetimeRefused("out of bounds")


@transaction.atomic
def _create(
    owner: Any,
    user: Any,
    name: str,
    lifetime: timedelta | None,
    request_id: UUID | None,
    address: str | None,
) -> tuple[APIToken, str]:
    _check_limit(owner)
    token = APIToken.objects.create(
        owner=owner,
        user=user,
        created_by=user,
        name=name,
        live_name=canonical_name(name),
        request_id=request_id,
    )
    jwt = get_signer().sign(_new_credential(token, lifetime).claims)
    seconds = None if lifetime is None else int(lifetime.total_seconds())
    audit.record(token, "created", actor=user, address=address, lifetime=seconds)
    announce(signals.token_issued, token=token, actor=user)
    return token, jwt


def _new_credential(token: APIToken, lifetime: timedelta | None) -> Credential:
    now = timezone.now().replace(microsecond=0)
    return Credential.objects.create(
        token=token,
        kid=get_keyring().active.kid,
        issued_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )


def _check_limit(owner: Any) -> None:
    limit = get_policy().max_tokens(owner)
    if limit is not None and APIToken.objects.for_owner(owner).existing().count() >= limit:
        raise TokenLimitReached(limit)


def _made_by(owner: Any, request_id: UUID) -> APIToken | None:
    return APIToken.objects.for_owner(owner).filter(request_id=request_id).first()


@transaction.atomic
def _copy(token: APIToken, actor: Any, address: str | None) -> str:
    token = _lock(token)
    credential = token.credential
    if credential is None or not token.is_usable:
        raise TokenNotUsable(token.state)
    jwt = get_signer().sign(credential.claims)
    audit.record(token, "copied", actor=actor, address=address)
    announce(signals.token_copied, token=token, actor=actor)
    return jwt


def _rename(token: APIToken, name: str, actor: Any, address: str | None) -> APIToken:
    old = token.name
    if name == old:
        return token
    token.name, token.live_name = name, canonical_name(name)
    token.save(update_fields=["name", "live_name"])
    audit.record(token, "renamed", actor=actor, address=address, before=old, after=name)
    announce(signals.token_renamed, token=token, actor=actor, old_name=old)
    return token


def _lock(token: APIToken) -> APIToken:
    """The row as it is now, held until the transaction ends. Raises TokenDeleted."""
    locked = APIToken.objects.existing().select_for_update().filter(pk=token.pk).first()
    if locked is None:
        raise TokenDeleted
    return locked


def _raise_if_taken(owner: Any, name: str, but: APIToken | None = None) -> None:
    same = APIToken.objects.for_owner(owner).filter(live_name=canonical_name(name))
    if any(token != but for token in same):
        raise NameTaken(name)
