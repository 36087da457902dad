"""Taking over a secret of another package: a token of ours, and a digest that goes on working.

Nothing is widened: the same person, the same end or an earlier one, no token that may rotate
itself, and nothing of what was revoked, had expired or belonged to somebody disabled.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from apitokens import audit, signals
from apitokens.conf import ROTATE_SELF
from apitokens.exceptions import (
    AlreadyImported,
    LifetimeRefused,
    NotAllowed,
    ScopeUnknown,
    SecretEnded,
    SecretUnusable,
)
from apitokens.models import (
    APIToken,
    LegacyCredential,
    announce,
    atomic,
    canonical_name,
    written_to,
)
from apitokens.old_secrets import is_known_hash, lookup_of
from apitokens.policy import get_policy
from apitokens.services.issuing import check_end, check_limit
from apitokens.services.limits import clean_scopes, default_scopes
from apitokens.services.rows import clean_name, new_credential, whole_seconds_now

LONGEST_NAME = 64
ATTEMPTS = 3
"""So often a name that somebody else took meanwhile is chosen anew."""


@dataclass(frozen=True, slots=True)
class OldSecret:
    """What another package stores of a secret, and never the secret: its *source*, the *handle*
    by which it is found, the text by which it is judged, the name that its token should have.

    *dead* says why it works no more (``revoked``), *fault* why it can't be judged here.
    """

    source: str
    handle: str
    hashed: str
    name: str
    issued_at: datetime
    expires_at: datetime | None = None
    dead: str | None = None
    fault: str | None = None


def import_secret(
    *,
    old: OldSecret,
    owner: Any,
    user: Any,
    ends_at: datetime,
    scopes: Iterable[str] | None = None,
    address: str | None = None,
) -> APIToken:
    """Make a token of *owner* that acts as *user* for *old*, whose secret works on until *ends_at*
    or its own end. The token's JWT ends when the secret would have: copying gives it.

    *scopes* as for ``issue_token``; rotating itself is refused. A name that is taken gets a number.
    Raises AlreadyImported, SecretEnded, SecretUnusable, ScopeUnknown, NotAllowed, LifetimeRefused,
    TokenLimitReached.
    """
    granted = None if scopes is None else list(scopes)
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _import(old, owner, user, ends_at, granted, address)
        except IntegrityError:
            continue  # somebody was quicker: with the same secret, or with the same name
    return _import(old, owner, user, ends_at, granted, address)


@atomic()
def check_import(
    *,
    old: OldSecret,
    owner: Any,
    user: Any,
    ends_at: datetime,
    scopes: Iterable[str] | None = None,
    beside: Collection[str] = (),
) -> str:
    """The name that the token of *old* would get, if *owner* had tokens named *beside* as well.

    Raises AlreadyImported, SecretEnded, SecretUnusable, ScopeUnknown, NotAllowed, LifetimeRefused,
    TokenLimitReached.
    """
    known = LegacyCredential.objects.using(written_to())
    if known.filter(lookup=lookup_of(old.source, old.handle)).exists():
        raise AlreadyImported(old.name)
    _check_secret(old, user)
    _scope(scopes)
    if owner is None or not get_policy().can_manage(user, owner):
        raise NotAllowed
    if ends_at <= timezone.now():
        raise LifetimeRefused("the sunset is past")
    check_end(owner, old.expires_at)
    check_limit(owner, len(beside))
    return _free_name(owner, tidy(old.name), beside)


def tidy(name: str) -> str:
    """*name*, as free as another package leaves it, as a token's name may be."""
    visible = (c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    short = " ".join("".join(visible).split())[:LONGEST_NAME].strip()
    while len(canonical_name(short)) > 255:  # a few characters stand for many
        short = short[:-1].strip()
    return short or "Imported"


def _check_secret(old: OldSecret, user: Any) -> None:
    if old.dead:
        raise SecretEnded(old.dead)
    if old.expires_at is not None and _whole(old.expires_at) <= timezone.now():
        raise SecretEnded("expired")
    if user is None:
        raise SecretEnded("gone")
    if not user.is_active:
        raise SecretEnded("disabled")
    if old.fault or not is_known_hash(old.hashed):
        raise SecretUnusable(old.fault or "its hash is of an unknown kind")


def _scope(scopes: Iterable[str] | None) -> str | None:
    wanted = default_scopes() if scopes is None else list(scopes)
    if ROTATE_SELF in wanted:
        raise ScopeUnknown(ROTATE_SELF)
    return clean_scopes(wanted)


def _free_name(owner: Any, name: str, beside: Collection[str]) -> str:
    taken = {canonical_name(other) for other in beside}
    number, wanted = 1, name
    while canonical_name(wanted) in taken or _is_taken(owner, wanted):
        number += 1
        suffix = f" ({number})"
        wanted = name[: LONGEST_NAME - len(suffix)].strip() + suffix
    return clean_name(wanted)


def _is_taken(owner: Any, name: str) -> bool:
    tokens = APIToken.objects.using(written_to())
    return tokens.for_owner(owner).filter(live_name=canonical_name(name)).exists()


@atomic()
def _import(
    old: OldSecret, owner: Any, user: Any, ends_at: datetime, scopes: list[str] | None,
    address: str | None,
) -> APIToken:  # fmt: skip
    name = check_import(old=old, owner=owner, user=user, ends_at=ends_at, scopes=scopes)
    token = APIToken.objects.create(
        owner=owner, user=user, created_by=user, name=name, live_name=canonical_name(name),
        scope=_scope(scopes),
    )  # fmt: skip
    expires_at = None if old.expires_at is None else _whole(old.expires_at)
    new_credential(token, expires_at, whole_seconds_now())
    ends_at = _whole(ends_at if expires_at is None else min(ends_at, expires_at))
    LegacyCredential.objects.create(
        token=token, source=old.source, lookup=lookup_of(old.source, old.handle),
        hashed=old.hashed, issued_at=old.issued_at, ends_at=ends_at,
    )  # fmt: skip
    audit.record(
        token, "imported", actor=None, address=address, source=old.source,
        secret_ends_at=ends_at.isoformat(), scope=token.scope,
        expires_at=expires_at and expires_at.isoformat(),
    )  # fmt: skip
    announce(signals.token_issued, token=token, actor=None)
    return token


def _whole(moment: datetime) -> datetime:
    """Instants of a JWT are whole seconds; never later than *moment*."""
    return moment.replace(microsecond=0)
