"""A queryset's ``get()`` whose SQL is compiled once per connection.

Building SQL and row readers is nine tenths of an ORM ``get()`` with joins, and both are the same
every time. The parts of the ORM used here are private and move between Django versions, so all
of it is in this module, and ``get_plain`` beside it does the same by public means: the same tests
run both, and ``APITOKENS_COMPILED_QUERY = False`` chooses the plain one.
"""

import inspect
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import FullResultSet
from django.db import connections, models
from django.db.models import query as orm

_compiled: "WeakKeyDictionary[Any, dict[Any, CompiledGet]]" = WeakKeyDictionary()
_populators_want_fetch_mode = (
    "fetch_mode" in inspect.signature(orm.get_related_populators).parameters
)


def get_plain(queryset: models.QuerySet[Any], field: str, value: Any) -> Any | None:
    """The one row where *field* is *value*, or None."""
    return queryset.filter(**{field: value}).first()


def get_compiled(
    key: Any,
    build: Callable[[], models.QuerySet[Any]],
    field: str,
    sample: Any,
    value: Any,
) -> Any | None:
    """Like ``get_plain(build(), field, value)``, compiled at the first call on a connection.

    *key* names the query: the same key must always mean the same queryset. *sample* is any value
    of the field; it stands in while compiling and must become exactly one SQL parameter.
    """
    queries = _compiled.get(connection := connections[_alias(build, key)])
    if queries is None:
        queries = _compiled[connection] = {}
    query = queries.get(key)
    if query is None:
        query = queries[key] = CompiledGet(
            build().order_by(), field, sample, connection
        )
    return query.get(value)


_aliases: dict[Any, str] = {}


def _alias(build: Callable[[], models.QuerySet[Any]], key: Any) -> str:
    alias = _aliases.get(key)
    if alias is None:
        alias = _aliases[key] = build().db
    return alias


class CompiledGet:
    """One compiled query on one connection."""

    def __init__(self, queryset: Any, field: str, sample: Any, connection: Any) -> None:
        queryset = queryset.filter(**{field: sample})
        self.connection = connection
        self.compiler = compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.sql, parameters = compiler.as_sql()
        except FullResultSet as error:  # pragma: no cover - a filter always has a WHERE
            raise TypeError("the query has no condition") from error
        if len(parameters) != 1:
            raise TypeError(f"the query must take one parameter, not {len(parameters)}")
        self.field = queryset.model._meta.get_field(field)
        self.model = compiler.klass_info["model"]
        columns = compiler.klass_info["select_fields"]
        self.start, self.end = columns[0], columns[-1] + 1
        self.names = [
            c[0].target.attname for c in compiler.select[self.start : self.end]
        ]
        self.converters = compiler.get_converters([c[0] for c in compiler.select])
        self.populators = self._populators(queryset)

    def _populators(self, queryset: Any) -> list[Any]:
        arguments = (
            self.compiler.klass_info,
            self.compiler.select,
            self.connection.alias,
        )
        if _populators_want_fetch_mode:
            return orm.get_related_populators(*arguments, queryset._fetch_mode)
        return orm.get_related_populators(*arguments)

    def get(self, value: Any) -> Any | None:
        parameter = self.field.get_db_prep_value(value, self.connection, prepared=False)
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, (parameter,))
            row = cursor.fetchone()
        return None if row is None else self._instance(row)

    def _instance(self, row: Any) -> Any:
        if self.converters:
            row = next(iter(self.compiler.apply_converters([row], self.converters)))
        instance = self.model.from_db(
            self.connection.alias, self.names, row[self.start : self.end]
        )
        for populator in self.populators:
            populator.populate(row, instance)
        return instance
