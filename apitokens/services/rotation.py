"""A new credential for the same token; the old one ends now or after an overlap (decision 10)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apitokens import audit, signals
from apitokens.conf import MAXIMUM_LIFETIME
from apitokens.exceptions import OverlapRefused, TokenNotUsable
from apitokens.models import (
    APIToken,
    APITokenEvent,
    Credential,
    LegacyCredential,
    announce,
    atomic,
)
from apitokens.services.issuing import check_end, check_lifetime
from apitokens.services.living import copy_token
from apitokens.services.rows import lock, new_credential, whole_seconds_now
from apitokens.signing import get_signer

OVERLAPS = (timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
"""How long the old credential may go on beside the new one."""

SAME_ROTATION = timedelta(minutes=10)
"""For so long the same form sent again is a reload or a double click, no wish for another."""


@atomic()
def rotate_token(
    *,
    token: APIToken,
    overlap: timedelta,
    actor: Any,
    address: str | None = None,
    replaces: int | None = None,
) -> tuple[APIToken, str]:
    """Give *token* a new JWT, which lives as long as the old one was meant to, from now.

    The old one ends after *overlap* (one of OVERLAPS), but never later than it would have, and so
    does an old secret of another package; what was left of an earlier rotation ends now. An end
    that was imported stays. *replaces* is the pk of the credential that is meant: the same wish
    again, within SAME_ROTATION, gives the credential that took its place, so that a double submit
    makes one. Raises OverlapRefused, LifetimeRefused (the policy allows less by now), TokenDeleted,
    TokenNotUsable (``superseded``: another rotation came first).
    """
    token, current = _usable(token)
    if replaces is not None and replaces != current.pk:
        if not _made(token, current, replaces, overlap, actor):
            raise TokenNotUsable("superseded")
        return token, copy_token(token=token, actor=actor, address=address)
    now = whole_seconds_now()
    expires_at = _new_end(token, current, now)
    return _rotate(token, current, expires_at, overlap, now, actor=actor, address=address)


@atomic()
def rotate_itself(
    *, token: APIToken, overlap: timedelta, address: str | None = None
) -> tuple[APIToken, str]:
    """What *token* does with its own scope, by its presented credential: the end stays.

    Raises OverlapRefused, TokenDeleted, TokenNotUsable (``superseded`` when another credential
    has taken the place of the presented one: an old one can't make new ones).
    """
    presented, (token, current) = token.presented, _usable(token)
    if presented is None or presented != current:
        raise TokenNotUsable("superseded")
    return _rotate(
        token, current, current.expires_at, overlap, whole_seconds_now(),
        actor=token.user, label=token.label, address=address,
    )  # fmt: skip


@atomic()
def cut_old_credentials(*, token: APIToken, actor: Any, address: str | None = None) -> int:
    """End every overlap of *token* and every old secret of another package now, and say how many
    there were. Raises TokenDeleted.
    """
    token, now = lock(token), whole_seconds_now()
    overlaps, secrets = _end_overlaps(token, now), _end_old_secrets(token, now)
    count = overlaps + secrets
    if count:
        data: dict[str, Any] = {"credentials": overlaps} | ({"secrets": secrets} if secrets else {})
        audit.record(token, "cut", actor=actor, address=address, **data)
        announce(signals.token_cut, token=token, actor=actor)
    return count


def _made(
    token: APIToken, current: Credential, replaces: int, overlap: timedelta, actor: Any
) -> bool:
    """Whether *current* took the place of *replaces* just now, by the same wish of *actor*."""
    credentials = Credential.objects.using(token._state.db).filter(token=token)
    replaced = credentials.filter(pk__lt=current.pk).order_by("-pk").first()
    events = APITokenEvent.objects.using(token._state.db).about(token)
    event = events.filter(kind="rotated").order_by("-pk").first()
    return (
        (replaced is not None and replaced.pk == replaces)
        and (event is not None and event.at > timezone.now() - SAME_ROTATION)
        and event.actor_id == str(actor.pk)
        and event.data["overlap"] == int(overlap.total_seconds())
    )


def _usable(token: APIToken) -> tuple[APIToken, Credential]:
    token = lock(token)
    current = token.credential
    if current is None or not token.is_usable:
        raise TokenNotUsable(token.state)
    return token, current


def _new_end(token: APIToken, current: Credential, now: datetime) -> datetime | None:
    lifetime = None if current.expires_at is None else current.expires_at - current.issued_at
    if current.expires_at is not None and lifetime is not None and lifetime > MAXIMUM_LIFETIME:
        check_end(token.owner, current.expires_at)  # only an imported one lives so long
        return current.expires_at
    check_lifetime(token.owner, lifetime)
    return None if lifetime is None else now + lifetime


def _rotate(
    token: APIToken,
    current: Credential,
    expires_at: datetime | None,
    overlap: timedelta,
    now: datetime,
    **acting: Any,
) -> tuple[APIToken, str]:
    if overlap not in OVERLAPS:
        raise OverlapRefused(overlap)
    _end_overlaps(token, now)
    _end_old_secrets(token, now + overlap)
    _end(current, now + overlap)
    credential = new_credential(token, expires_at, now)
    audit.record(token, "rotated", overlap=int(overlap.total_seconds()), **acting)
    announce(signals.token_rotated, token=token, actor=acting["actor"])
    return token, get_signer().sign(credential.claims)


def _end_overlaps(token: APIToken, now: datetime) -> int:
    living = Credential.objects.using(token._state.db).filter(token=token, ends_at__gt=now)
    return sum(_end(credential, now) for credential in living)


def _end_old_secrets(token: APIToken, moment: datetime) -> int:
    """End those that would work on after *moment*."""
    return LegacyCredential.objects.filter(token=token, ends_at__gt=moment).update(ends_at=moment)


def _end(credential: Credential, moment: datetime) -> bool:
    """End it at *moment*, or at its expiry if that comes first."""
    expires_at = credential.expires_at
    credential.ends_at = moment if expires_at is None else min(moment, expires_at)
    credential.save(update_fields=["ends_at"])
    return True
