"""A model's two columns, what to write into them, and whom they name."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apitokens.attribution.actor import Actor
from apitokens.conf import conf
from apitokens.models import APIToken

ForeignKey = models.ForeignKey[Any, Any]


def attribution_fields(by: Any = None, through: Any = None) -> tuple[ForeignKey, ForeignKey]:
    """The two columns: ``added_by, added_through = attribution_fields()`` in any model's body.

    Plain foreign keys without a way back, so nothing clashes, in abstract models neither. Another
    act than "added" names both columns: ``approved_by, approved_through = …``; *by* and *through*
    are what the admin calls them.
    """
    person: ForeignKey = models.ForeignKey(
        conf.user_model, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+", verbose_name=by or _("added by"),
    )  # fmt: skip
    token: ForeignKey = models.ForeignKey(
        APIToken, models.RESTRICT, null=True, blank=True, editable=False,
        related_name="+", verbose_name=through or _("added through"),
    )  # fmt: skip
    return person, token


def attributed_to(actor: Actor, act: str = "added") -> dict[str, Any]:
    """Constructor arguments that attribute a row to *actor*: ``Row(…, **attributed_to(actor))``."""
    return {f"{act}_by": actor.user, f"{act}_through": actor.token}


def adder_of(row: Any, act: str = "added") -> Actor:
    """Who added *row*; its ``label`` says so. Join by ``with_adder()`` in lists."""
    return Actor(getattr(row, f"{act}_by"), getattr(row, f"{act}_through"))


class Attributed(models.Model):
    """A row that knows who added it: ``Model(..., **Attributed.by(actor))``."""

    added_by, added_through = attribution_fields()

    class Meta:
        abstract = True

    @staticmethod
    def by(actor: Actor) -> dict[str, Any]:
        """Constructor arguments that attribute a row to *actor*."""
        return attributed_to(actor)

    @property
    def added_by_label(self) -> str:
        """The adder's name, or ``API(Token Name)`` when a token did it."""
        return adder_of(self).label
