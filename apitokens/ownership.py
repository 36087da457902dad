"""Whose tokens a request is about: shared by the pages and the management API."""

from functools import cached_property
from typing import Any

from django.http import Http404

from apitokens.attribution import actor_of
from apitokens.exceptions import TokenDeleted
from apitokens.models import APIToken, written_to
from apitokens.policy import get_policy


def may_manage(user: Any, owner: Any | None) -> bool:
    return owner is not None and get_policy().can_manage(user, owner)


def managed_owner(request: Any) -> Any | None:
    """The account whose tokens this person manages, or None; the policy is asked once a request."""
    if not hasattr(request, "_apitokens_managed_owner"):
        owner = get_policy().owner_for(request)
        request._apitokens_managed_owner = owner if may_manage(request.user, owner) else None
    return request._apitokens_managed_owner


class OwnersTokens:
    """A view's owner, the owner's tokens, the one that the URL names, and who acts."""

    request: Any
    kwargs: dict[str, Any]

    @cached_property
    def owner(self):
        return get_policy().owner_for(self.request)

    @property
    def tokens(self):
        """Read where they are written: a replica may not know yet what was done a moment ago."""
        tokens = APIToken.objects.using(written_to())
        return tokens.for_owner(self.owner).existing().with_credentials()

    @cached_property
    def token(self):
        """The token that the URL names; 404 for another owner's just as for none."""
        token = self.tokens.filter(public_id=self.kwargs["public_id"]).first()
        if token is None:
            raise Http404
        return token

    def again(self, token):
        """*token* as it is by now, with its credentials loaded. Raises TokenDeleted."""
        found = self.tokens.filter(pk=token.pk).first()
        if found is None:
            raise TokenDeleted
        return found

    @property
    def acting(self):
        """Keyword arguments of every service: who does it, and from where."""
        actor = actor_of(self.request)
        return {"actor": actor.user, "address": actor.address}
