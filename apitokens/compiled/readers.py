"""A row into model instances."""

import inspect
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

_PLAIN_COLUMNS = {DeferredAttribute, ForeignKeyDeferredAttribute}


class Reader:
    """One model's columns in the row, and the readers of the models joined to it."""

    def __init__(self, info: dict[str, Any], select: Any, state: dict[str, Any]) -> None:
        self.model, self.state = info["model"], state
        places = {select[place][0].target.attname: place for place in info["select_fields"]}
        fields = self.model._meta.concrete_fields
        self.names = [field.attname for field in fields if field.attname in places]
        self.values_of = _getter([places[name] for name in self.names])
        self.key = places[self.model._meta.pk_fields[0].attname]
        self.is_plain = _is_plain(self.model, self.names)
        self.joined = [
            (Reader(joined, select, state), joined["local_setter"], joined["remote_setter"])
            for joined in info.get("related_klass_infos", [])
        ]

    def read(self, row: list[Any]) -> Any | None:
        """The instance, or None where an outer join found nothing."""
        if row[self.key] is None:
            return None
        instance = self._instance(self.values_of(row))
        for reader, set_there, set_back in self.joined:
            related = reader.read(row)
            set_there(instance, related)
            if related is not None:
                set_back(related, instance)
        return instance

    def _instance(self, values: Any) -> Any:
        """What ``Model.from_db`` makes, without a call for each column where none could matter."""
        if not self.is_plain or _is_listened_to(self.model):
            instance = self.model.from_db(self.state["db"], self.names, values)
        else:
            columns = dict(zip(self.names, values, strict=True))
            columns["_state"] = ModelState.__new__(ModelState)
            instance = self.model.__new__(self.model)
            instance.__dict__ = columns
        instance._state.__dict__ = {**self.state, "fields_cache": {}}
        return instance


def reader_of(compiler: Any, queryset: Any) -> Reader:
    state = {"adding": False, "db": compiler.connection.alias}
    if hasattr(queryset, "_fetch_mode"):  # Django 6.1
        state["fetch_mode"] = queryset._fetch_mode
    return Reader(compiler.klass_info, compiler.select, state)


def _getter(places: list[int]) -> Callable[[list[Any]], Any]:
    """row → its values at *places*, a sequence even if there is one."""
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)


def _is_plain(model: Any, names: list[str]) -> bool:
    """Whether filling ``__dict__`` does the same: no code of the model's own would notice."""
    own = [vars(base) for base in model.__mro__ if base not in models.Model.__mro__]
    noticing = ("__new__", "__init__", "__setattr__", "from_db")
    return all(
        type(inspect.getattr_static(model, name)) in _PLAIN_COLUMNS for name in names
    ) and not any(name in attributes for attributes in own for name in noticing)


def _is_listened_to(model: Any) -> bool:
    return bool(pre_init.receivers or post_init.receivers) and (
        pre_init.has_listeners(model) or post_init.has_listeners(model)
    )
