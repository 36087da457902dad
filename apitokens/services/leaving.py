"""When a person leaves: which tokens work only through them, and handing those to another."""

from collections.abc import Iterable
from typing import Any

from apitokens.models import APIToken, atomic
from apitokens.policy import get_policy
from apitokens.services.living import take_over_token


def tokens_of(user: Any) -> list[APIToken]:
    """The tokens that stop when *user* may no longer manage their owner's, newest first.

    Suspended ones are among them: resumed, they would be stopped. Expired ones and those that
    *user* keeps from working already are not.
    """
    policy = get_policy()
    tokens = APIToken.objects.acting_as(user).unexpired().with_credentials().order_by("-pk")
    return [token for token in tokens if policy.can_manage(token.user, token.owner)]


@atomic()
def take_over_all(
    *, tokens: Iterable[APIToken], user: Any, actor: Any, address: str | None = None
) -> int:
    """Let all *tokens* act as *user* from now on, at the word of *actor*; say how many changed.

    All or none. Raises NotAllowed unless *user* may manage their owner's tokens, TokenDeleted.
    """
    return sum(
        take_over_token(token=token, user=user, actor=actor, address=address) for token in tokens
    )
