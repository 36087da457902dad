"""What the services share: a clean name, a row held still, a new credential."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from apitokens.exceptions import NameTaken, TokenDeleted
from apitokens.keyring import get_keyring
from apitokens.models import APIToken, Credential, canonical_name, written_to


def clean_name(name: str) -> str:
    """*name* without white space around it. Raises ValidationError if it is no token name."""
    name = name.strip()
    APIToken._meta.get_field("name").clean(name, None)
    live_name = APIToken._meta.get_field("live_name")
    if len(canonical_name(name)) > (live_name.max_length or 0):
        raise ValidationError("Use a shorter name", code="max_length")
    return name


def lock(token: APIToken) -> APIToken:
    """The row as it is now, held until the transaction ends. Raises TokenDeleted."""
    locked = APIToken.objects.existing().select_for_update().filter(pk=token.pk).first()
    if locked is None:
        raise TokenDeleted
    return locked


def whole_seconds_now() -> datetime:
    """Instants in a JWT are whole seconds."""
    return timezone.now().replace(microsecond=0)


def new_credential(token: APIToken, expires_at: datetime | None, now: datetime) -> Credential:
    return Credential.objects.create(
        token=token, kid=get_keyring().active.kid, issued_at=now, expires_at=expires_at
    )


def raise_if_taken(owner: Any, name: str, but: APIToken | None = None) -> None:
    tokens = APIToken.objects.using(written_to()).for_owner(owner)
    same = tokens.filter(live_name=canonical_name(name))
    if any(token != but for token in same):
        raise NameTaken(name)
