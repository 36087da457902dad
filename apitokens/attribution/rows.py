"""A model's two columns, what to write into them, and whom they name."""

from functools import lru_cache
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
    columns = {f"{act}_by": actor.user, f"{act}_through": actor.token}
    return columns if actor.source is None else {**columns, f"{act}_from": actor.source}


def adder_of(row: Any, act: str = "added") -> Actor:
    """Who added *row*; its ``label`` says so. Join by ``with_adder()`` in lists."""
    source = getattr(row, f"{act}_from") if has_source(type(row), act) else None
    return Actor(getattr(row, f"{act}_by"), getattr(row, f"{act}_through"), source=source)


def has_source(model: type[models.Model], act: str = "added") -> bool:
    """Whether rows of *model* have the third column, a foreign key to a model of the host's own.

    It is theirs to declare: ``added_from``, to rows with a ``label`` and perhaps ``is_deleted``.
    """
    hashable: Any = model
    return _looks_like_source(hashable, f"{act}_from")


@lru_cache(maxsize=256)
def _looks_like_source(model: Any, name: str) -> bool:
    columns = (field for field in model._meta.fields if field.name == name)
    return any(hasattr(field.related_model, "label") for field in columns)


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
