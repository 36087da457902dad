"""Who acts: read from a request, carried to a task that runs later, and named."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from apitokens.addresses import canonical_address, client_address
from apitokens.exceptions import ActorInvalid
from apitokens.models import PUBLIC_ID, APIToken
from apitokens.policy import get_policy


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: *user*, and *token* when a program acts as them; ``Actor()`` is nobody known.

    *source* is a row of the host's own, with a ``label``: what acts where neither does.
    """

    user: Any | None = None
    token: APIToken | None = None
    address: str | None = None
    source: Any | None = None

    @property
    def label(self) -> str:
        """Who it is, in words: ``API(Token Name)`` or the person."""
        return label_of(self.user, self.token, self.source)

    def dump(self) -> dict[str, str | None]:
        """Three texts, fit for JSON, for a task that runs later; ``Actor.load`` reads them.

        Raises ActorInvalid for a *source*: of that, only the host knows how to find it again.
        """
        if self.source is not None:
            raise ActorInvalid("source")
        return {
            "user": None if self.user is None else _key(self.user),
            "token": None if self.token is None else self.token.public_id,
            "address": self.address,
        }

    @classmethod
    def load(cls, dumped: Any) -> "Actor":
        """The actor that was dumped, as they are now: in at most two queries.

        A token deleted meanwhile is still the one that acts, a person deleted meanwhile is nobody:
        as with the rows that they added before. Raises ActorInvalid for whatever ``dump`` doesn't
        make, and for a token whose row is gone: without it the row would seem added by hand.
        """
        if not isinstance(dumped, dict) or dumped.keys() != {"user", "token", "address"}:
            raise ActorInvalid("no dumped actor")
        return cls(
            user=_user(dumped["user"]),
            token=_token(dumped["token"]),
            address=_address(dumped["address"]),
        )


def actor_of(request: Any) -> Actor:
    """The actor of a Django or DRF request; nobody when it is anonymous."""
    token, user = getattr(request, "auth", None), getattr(request, "user", None)
    return Actor(
        user=user if user is not None and user.is_authenticated else None,
        token=token if isinstance(token, APIToken) else None,
        address=client_address(request),
    )


def label_of(user: Any | None, token: APIToken | None, source: Any | None = None) -> str:
    """``API(Token Name)`` for a token, the label of a source, else what the policy calls the
    person, or nobody.
    """
    if token is not None:
        return token.label
    if source is not None:
        return str(source.label)
    return str(get_policy().nobody if user is None else get_policy().person_label(user))


def _key(user: Any) -> str:
    return str(user._meta.pk.value_to_string(user))


def _user(key: Any) -> Any | None:
    if key is None:
        return None
    model = get_user_model()
    try:
        known = model._meta.pk.to_python(_text(key, "user"))
        return model._base_manager.filter(pk=known).first()
    except (ValidationError, ValueError, OverflowError) as error:
        raise ActorInvalid("user") from error


def _token(public_id: Any) -> APIToken | None:
    if public_id is None:
        return None
    if not re.fullmatch(PUBLIC_ID, _text(public_id, "token"), re.ASCII):
        raise ActorInvalid("token")
    token = APIToken._base_manager.filter(public_id=public_id).first()
    if token is None:
        raise ActorInvalid("token")
    return token


def _address(text: Any) -> str | None:
    if text is None:
        return None
    address = canonical_address(_text(text, "address"))
    if address is None:
        raise ActorInvalid("address")
    return address


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ActorInvalid(name)
    return value
