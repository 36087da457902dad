"""A queryset's ``get()`` whose SQL is compiled once per connection.

Building SQL and row readers is nine tenths of an ORM ``get()`` with joins, and both are the same
every time. The parts of the ORM used here are private and move between Django versions, so all
of it is in this package, and ``get_plain`` beside it does the same by public means: the same tests
run both, and ``APITOKENS_COMPILED_QUERY = False`` chooses the plain one.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.core.signals import setting_changed
from django.db import connections, models

from apitokens.compiled.function import lookup_function, remove_functions
from apitokens.compiled.query import CompiledGet

_compiled: WeakKeyDictionary[Any, dict[Any, CompiledGet]] = WeakKeyDictionary()
_aliases: dict[Any, str] = {}


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
        query = queries[key] = CompiledGet(build().order_by(), field, sample, connection)
    return query.get(value)


def install(build: Callable[[], models.QuerySet[Any]], field: str, sample: Any) -> None:
    """Have the query kept ready by the database itself, where that is possible (PostgreSQL)."""
    connection = connections[build().db]
    query = CompiledGet(build().order_by(), field, sample, connection)
    function = lookup_function(query.sql, query.compiler, query.field)
    if function is not None:
        function.install(connection)
    forget()


def uninstall(alias: str) -> None:
    """Remove what ``install`` made."""
    if connections[alias].vendor == "postgresql":
        remove_functions(connections[alias])
    forget()


def forget(**kwargs: Any) -> None:
    """Compile everything anew: a setting has been changed, by a test."""
    _compiled.clear()
    _aliases.clear()


setting_changed.connect(forget, dispatch_uid="apitokens.compiled")


def _alias(build: Callable[[], models.QuerySet[Any]], key: Any) -> str:
    alias = _aliases.get(key)
    if alias is None:
        alias = _aliases[key] = build().db
    return alias
