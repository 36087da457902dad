"""Who did it: a person, or a program with a token.

``Attributed`` gives a model its two columns and the one label; ``actor_of(request)`` says whom to
write into them. Nothing else in a project builds the text ``API(Token Name)``.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apitokens.addresses import client_address
from apitokens.conf import conf
from apitokens.models import APIToken


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a request: *user*, and *token* when a program acts as them."""

    user: Any | None
    token: APIToken | None = None
    address: str | None = None

    @property
    def label(self) -> str:
        return label_of(self.user, self.token)


def actor_of(request: Any) -> Actor:
    """The actor of a Django or DRF request; nobody when it is anonymous."""
    token = getattr(request, "auth", None)
    user = request.user if request.user.is_authenticated else None
    return Actor(
        user=user,
        token=token if isinstance(token, APIToken) else None,
        address=client_address(request),
    )


def label_of(user: Any | None, token: APIToken | None) -> str:
    """``API(Token Name)`` for a token, else the person's full name, else that they are gone."""
    if token is not None:
        return token.label
    if user is not None:
        return user.get_full_name() or str(user)
    return gettext("Deleted user")


class AttributedQuerySet(models.QuerySet[Any]):
    def with_adder(self) -> "AttributedQuerySet":
        """Join what ``added_by_label`` reads: no query a row."""
        return self.select_related("added_by", "added_through")

    def added_through(self, token: APIToken) -> "AttributedQuerySet":
        return self.filter(added_through=token)


class Attributed(models.Model):
    """A row that knows who added it: ``Model(..., **Attributed.by(actor))``."""

    added_by = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+", verbose_name=_("added by"),
    )  # fmt: skip
    added_through = models.ForeignKey(
        APIToken, models.RESTRICT, null=True, blank=True, editable=False,
        related_name="+", verbose_name=_("added through"),
    )  # fmt: skip

    class Meta:
        abstract = True

    @staticmethod
    def by(actor: Actor) -> dict[str, Any]:
        """Constructor arguments that attribute a row to *actor*."""
        return {"added_by": actor.user, "added_through": actor.token}

    @property
    def added_by_label(self) -> str:
        """The adder's name, or ``API(Token Name)`` when a token did it."""
        return label_of(self.added_by, self.added_through)


class AddedByField(serializers.CharField):
    """DRF: the label of an Attributed row, read-only."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("source", "added_by_label")
        super().__init__(read_only=True, **kwargs)
