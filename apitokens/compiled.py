"""A queryset's ``get()`` whose SQL is compiled once per connection.

Building SQL and row readers is nine tenths of an ORM ``get()`` with joins, and both are the same
every time. The parts of the ORM used here are private and move between Django versions, so all
of it is in this module, and ``get_plain`` beside it does the same by public means: the same tests
run both, and ``APITOKENS_COMPILED_QUERY = False`` chooses the plain one.
"""

import inspect
from collections.abc import Callable
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import FullResultSet
from django.db import connections, models
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

_compiled: "WeakKeyDictionary[Any, dict[Any, CompiledGet]]" = WeakKeyDictionary()
_PLAIN_COLUMNS = {DeferredAttribute, ForeignKeyDeferredAttribute}


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
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except FullResultSet as error:  # pragma: no cover - a filter always has a WHERE
            raise TypeError("the query has no condition") from error
        if len(parameters) != 1:
            raise TypeError(f"the query must take one parameter, not {len(parameters)}")
        self.statement = _statement(sql, connection)
        self.field = queryset.model._meta.get_field(field)
        self.converters = [
            (position, convert, expression)
            for position, (converts, expression) in compiler.get_converters(
                [column[0] for column in compiler.select]
            ).items()
            for convert in converts
        ]
        self.reader = _reader(compiler, queryset)

    def get(self, value: Any) -> Any | None:
        parameter = self.field.get_db_prep_value(value, self.connection, prepared=False)
        row = self.statement.fetch_one((parameter,))
        return None if row is None else self.reader.read(self._converted(row))

    def _converted(self, row: Any) -> list[Any]:
        row = list(row)
        for position, convert, expression in self.converters:
            row[position] = convert(row[position], expression, self.connection)
        return row


# Statements: the same SQL again and again ---------------------------------------------------


class Statement:
    """SQL run as Django runs it."""

    def __init__(self, sql: str, connection: Any) -> None:
        self.sql, self.connection = sql, connection

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return cursor.fetchone()


class QmarkStatement(Statement):
    """SQLite: Django looks for ``%s`` in the whole SQL each time; here that was done once.

    Where queries are logged Django's way is kept: the log can only read its own placeholders.
    """

    def __init__(self, sql: str, connection: Any) -> None:
        super().__init__(sql, connection)
        with connection.cursor() as cursor:
            self.qmark_sql = cursor.convert_query(sql)

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        connection = self.connection
        if connection.queries_logged:
            return super().fetch_one(parameters)
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        with connection._prepare_cursor(connection.connection.cursor()) as cursor:
            cursor.execute(self.qmark_sql, parameters)
            return cursor.fetchone()


class PreparedStatement(Statement):
    """PostgreSQL with ``prepare_threshold`` in OPTIONS: planned once and kept by the server.

    psycopg prepares only what binds its parameters on the server, which Django's cursors don't
    unless told so for every query of the project.
    """

    def __init__(self, sql: str, connection: Any) -> None:
        from django.db.backends.postgresql.base import ServerBindingCursor  # psycopg 3 only

        super().__init__(sql, connection)
        self.factory = ServerBindingCursor

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        self.connection.ensure_connection()
        raw = self.connection.connection
        usual, raw.cursor_factory = raw.cursor_factory, self.factory
        try:
            return super().fetch_one(parameters)
        finally:
            raw.cursor_factory = usual


def _statement(sql: str, connection: Any) -> Statement:
    if connection.vendor == "sqlite":
        return QmarkStatement(sql, connection)
    threshold = connection.settings_dict["OPTIONS"].get("prepare_threshold")
    if connection.vendor == "postgresql" and threshold is not None:
        return PreparedStatement(sql, connection)
    return Statement(sql, connection)


# Readers: a row into instances --------------------------------------------------------------


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
            instance = self.model.__new__(self.model)
            instance._state = ModelState()
            vars(instance).update(zip(self.names, values, strict=True))
        vars(instance._state).update(self.state)
        return instance


def _reader(compiler: Any, queryset: Any) -> Reader:
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
    """Whether filling ``__dict__`` does the same: every column is there, and no code of the
    model's own would notice.
    """
    fields = model._meta.concrete_fields
    own = [vars(base) for base in model.__mro__ if base not in models.Model.__mro__]
    noticing = ("__new__", "__init__", "__setattr__", "from_db")
    return (
        names == [field.attname for field in fields]
        and all(type(inspect.getattr_static(model, name)) in _PLAIN_COLUMNS for name in names)
        and not any(name in attributes for attributes in own for name in noticing)
    )


def _is_listened_to(model: Any) -> bool:
    return bool(pre_init.receivers or post_init.receivers) and (
        pre_init.has_listeners(model) or post_init.has_listeners(model)
    )
