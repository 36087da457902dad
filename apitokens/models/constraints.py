"""A constraint that more databases keep than Django knows."""

from typing import Any

from django.core.checks import CheckMessage
from django.db import models

_NOT_CREATED = "models.W036"


class KeptEverywhere(models.UniqueConstraint):
    """A unique constraint with a condition, which a migration keeps by a generated column where
    Django can't (MariaDB and MySQL): so Django's warning that it is missing there is wrong.
    """

    def check(self, model: Any, connection: Any) -> list[CheckMessage]:
        return _without_warning(super().check(model, connection))

    def _check(self, model: Any, connection: Any) -> list[CheckMessage]:  # Django 5.2's
        check = super()._check  # type: ignore[misc]  # private, gone in 6.0
        return _without_warning(check(model, connection))

    def deconstruct(self) -> Any:
        """As its parent: migrations have no need of this class."""
        _, arguments, options = super().deconstruct()
        return "django.db.models.UniqueConstraint", arguments, options


def _without_warning(messages: list[CheckMessage]) -> list[CheckMessage]:
    return [message for message in messages if message.id != _NOT_CREATED]
