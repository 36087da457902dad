"""Making a token, once however often the form is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from apitokens import audit, signals
from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.exceptions import LifetimeRefused, NotAllowed, TokenLimitReached
from apitokens.models import APIToken, announce, atomic, canonical_name, written_to
from apitokens.policy import get_policy
from apitokens.services.limits import clean_networks, clean_scopes, default_scopes
from apitokens.services.living import copy_token
from apitokens.services.rows import (
    clean_name,
    new_credential,
    raise_if_taken,
    whole_seconds_now,
)
from apitokens.signing import get_signer


@dataclass(frozen=True, slots=True)
class _Wish:
    """A checked request for a token."""

    owner: Any
    user: Any
    name: str
    lifetime: timedelta | None
    scope: str | None
    networks: str
    request_id: UUID | None
    address: str | None


def issue_token(
    *,
    owner: Any,
    user: Any,
    name: str,
    lifetime: timedelta | None,
    scopes: Iterable[str] | None = None,
    networks: Iterable[str] = (),
    request_id: UUID | None = None,
    address: str | None = None,
) -> tuple[APIToken, str]:
    """Make a token of *owner* that acts as *user*, and return it with its JWT.

    *lifetime* is None (never-ending) or 600 to 86400 whole seconds. *scopes* None means every
    declared one but rotating itself; *networks* are IPv4 or IPv6 networks, none means anywhere.
    The same *request_id* again gives the token that it made, so a double submit makes one.
    Raises ValidationError (name), LifetimeRefused, ScopeUnknown, NetworkInvalid, NameTaken,
    TokenLimitReached, NotAllowed, TokenDeleted, TokenNotUsable.
    """
    check_lifetime(owner, lifetime)
    wish = _Wish(
        owner=owner,
        user=user,
        name=clean_name(name),
        lifetime=lifetime,
        scope=clean_scopes(default_scopes() if scopes is None else scopes),
        networks=clean_networks(networks),
        request_id=request_id,
        address=address,
    )
    return _made(wish) or _create_or_find(wish)


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


def check_end(owner: Any, expires_at: datetime | None) -> None:
    """The same for an end that was not chosen here but imported: the policy alone bounds it."""
    longest = get_policy().max_lifetime(owner)
    if longest is None:
        return
    if expires_at is None:
        raise LifetimeRefused("never-ending tokens are not allowed")
    if expires_at > timezone.now() + longest:
        raise LifetimeRefused("so long a lifetime is not allowed")


def _create_or_find(wish: _Wish) -> tuple[APIToken, str]:
    try:
        return _create(wish)
    except IntegrityError:
        if made := _made(wish):
            return made
        raise_if_taken(wish.owner, wish.name)
        raise


def _made(wish: _Wish) -> tuple[APIToken, str] | None:
    """What the same form made before, or None."""
    if wish.request_id is None:
        return None
    tokens = APIToken.objects.using(written_to())
    token = tokens.for_owner(wish.owner).filter(request_id=wish.request_id).first()
    if token is None:
        return None
    return token, copy_token(token=token, actor=wish.user, address=wish.address)


@atomic()
def _create(wish: _Wish) -> tuple[APIToken, str]:
    if not get_policy().can_manage(wish.user, wish.owner):
        raise NotAllowed
    check_limit(wish.owner)
    token = APIToken.objects.create(
        owner=wish.owner,
        user=wish.user,
        created_by=wish.user,
        name=wish.name,
        live_name=canonical_name(wish.name),
        scope=wish.scope,
        allowed_networks=wish.networks,
        request_id=wish.request_id,
    )
    now, lifetime = whole_seconds_now(), wish.lifetime
    credential = new_credential(token, None if lifetime is None else now + lifetime, now)
    seconds = None if lifetime is None else int(lifetime.total_seconds())
    audit.record(
        token, "created", actor=wish.user, address=wish.address,
        lifetime=seconds, scope=wish.scope, networks=wish.networks,
    )  # fmt: skip
    announce(signals.token_issued, token=token, actor=wish.user)
    return token, get_signer().sign(credential.claims)


def check_limit(owner: Any, more: int = 0) -> None:
    """Raise TokenLimitReached where there is no room for one besides *more*. The owner's row is
    held, so that two at once don't both fit.
    """
    limit = get_policy().max_tokens(owner)
    if limit is None:
        return
    type(owner)._base_manager.select_for_update().filter(pk=owner.pk).first()
    tokens = APIToken.objects.using(written_to())
    if tokens.for_owner(owner).existing().count() + more >= limit:
        raise TokenLimitReached(limit)
