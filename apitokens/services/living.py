"""What is done to a token that exists."""

from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from apitokens import audit, signals
from apitokens.exceptions import NotAllowed, TokenNotUsable
from apitokens.models import APIToken, announce, atomic, canonical_name
from apitokens.policy import get_policy
from apitokens.services.rows import clean_name, lock, raise_if_taken
from apitokens.signing import get_signer


def rename_token(*, token: APIToken, name: str, actor: Any, address: str | None = None) -> APIToken:
    """Give *token* another name; its JWT stays as it is. The same name again does nothing.

    Raises ValidationError, NameTaken, TokenDeleted.
    """
    name = clean_name(name)
    try:
        with atomic():
            return _rename(lock(token), name, actor, address)
    except IntegrityError:
        raise_if_taken(token.owner, name, but=token)
        raise


@atomic()
def copy_token(*, token: APIToken, actor: Any, address: str | None = None) -> str:
    """The JWT of *token*, byte for byte as it was issued. Raises TokenDeleted, TokenNotUsable."""
    token = lock(token)
    credential = token.credential
    if credential is None or not token.is_usable:
        raise TokenNotUsable(token.state)
    jwt = get_signer().sign(credential.claims)
    audit.record(token, "copied", actor=actor, address=address)
    announce(signals.token_copied, token=token, actor=actor)
    return jwt


def delete_token(*, token: APIToken, actor: Any, address: str | None = None) -> bool:
    """Make *token* a tombstone: the next request with it is refused. False if it was one."""
    count, _ = token.delete(actor=actor, address=address)
    return bool(count)


@atomic()
def suspend_token(*, token: APIToken, actor: Any, address: str | None = None) -> bool:
    """Let *token* be refused until it is resumed. False if it was suspended already.

    Raises TokenDeleted.
    """
    token = lock(token)
    if token.is_suspended:
        return False
    token.suspended_at, token.suspended_by = timezone.now(), actor
    token.save(update_fields=["suspended_at", "suspended_by"])
    audit.record(token, "suspended", actor=actor, address=address)
    announce(signals.token_suspended, token=token, actor=actor)
    return True


@atomic()
def resume_token(*, token: APIToken, actor: Any, address: str | None = None) -> bool:
    """Let a suspended *token* work again, under its own expiry. False if it wasn't suspended.

    Raises TokenDeleted.
    """
    token = lock(token)
    if not token.is_suspended:
        return False
    token.suspended_at, token.suspended_by = None, None
    token.save(update_fields=["suspended_at", "suspended_by"])
    audit.record(token, "resumed", actor=actor, address=address)
    announce(signals.token_resumed, token=token, actor=actor)
    return True


@atomic()
def take_over_token(
    *, token: APIToken, actor: Any, user: Any = None, address: str | None = None
) -> bool:
    """Let *token* act as *user* (the *actor* unless given) from now on. False if it does already.

    Whether *actor* may decide for another *user* is the caller's business. Raises NotAllowed
    unless *user* may manage the owner's tokens, TokenDeleted.
    """
    token, user = lock(token), actor if user is None else user
    if not get_policy().can_manage(user, token.owner):
        raise NotAllowed
    before = token.user
    if before == user:
        return False
    token.user, token.stop_noticed_at = user, None
    token.save(update_fields=["user", "stop_noticed_at"])
    old = "" if before is None else str(before.pk)
    audit.record(
        token, "taken-over", actor=actor, address=address,
        before=old, before_label="" if before is None else str(before),
        after=str(user.pk), after_label=str(user),
    )  # fmt: skip
    announce(signals.token_taken_over, token=token, actor=actor, before=before)
    return True


def _rename(token: APIToken, name: str, actor: Any, address: str | None) -> APIToken:
    old = token.name
    if name == old:
        return token
    token.name, token.live_name = name, canonical_name(name)
    token.save(update_fields=["name", "live_name"])
    audit.record(token, "renamed", actor=actor, address=address, before=old, after=name)
    announce(signals.token_renamed, token=token, actor=actor, old_name=old)
    return token
