"""The same SQL again and again, run as Django runs it."""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends.utils import CursorWrapper


class Statement:
    """SQL run as Django runs it."""

    def __init__(self, sql: str, connection: Any) -> None:
        self.sql, self.connection = sql, connection

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        """The first row. Where Django would ask a kept connection for a sign of life first
        (``CONN_HEALTH_CHECKS``), the statement itself is that question: if the connection turns
        out to be dead, a new one is asked, once.
        """
        connection = self.connection
        if not _is_check_due(connection):
            return self._fetch(parameters)
        connection.health_check_done = True
        try:
            return self._fetch(parameters)
        except (OperationalError, InterfaceError):
            connection.close()
            return self._fetch(parameters)

    def _fetch(self, parameters: tuple[Any, ...]) -> Any | None:
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return _fetched(cursor)


class QmarkStatement(Statement):
    """SQLite: Django looks for ``%s`` in the whole SQL each time; here that was done once.

    Where queries are logged Django's way is kept: the log can only read its own placeholders.
    """

    def __init__(self, sql: str, connection: Any) -> None:
        super().__init__(sql, connection)
        with connection.cursor() as cursor:
            self.qmark_sql = cursor.convert_query(sql)

    def _fetch(self, parameters: tuple[Any, ...]) -> Any | None:
        connection = self.connection
        if connection.queries_logged:
            return super()._fetch(parameters)
        raw = _open(connection)
        with connection._prepare_cursor(raw.cursor()) as cursor:
            cursor.execute(self.qmark_sql, parameters)
            return _fetched(cursor)


class PostgreSQLStatement(Statement):
    """PostgreSQL: one cursor for as long as the connection lasts; making one costs more than the
    function takes that it asks.

    With ``prepare_threshold`` in OPTIONS the server plans the statement once and keeps it; psycopg
    prepares only what binds its parameters there, which Django's cursors don't unless told so for
    every query of the project.
    """

    def __init__(self, sql: str, connection: Any) -> None:
        from django.db.backends.postgresql import base  # psycopg 3 only

        super().__init__(sql, connection)
        prepared = _prepare_threshold(connection) is not None
        self.factory: Any = base.ServerBindingCursor if prepared else base.Cursor
        self.cursor: Any = None

    def _fetch(self, parameters: tuple[Any, ...]) -> Any | None:
        raw = _open(connection := self.connection)
        if self.cursor is None or self.cursor.connection is not raw:
            self.cursor = self.factory(raw)
        cursor = connection._prepare_cursor(self.cursor)
        cursor.execute(self.sql, parameters)
        return _fetched(cursor)


def _is_check_due(connection: Any) -> bool:
    return (
        connection.connection is not None
        and connection.health_check_enabled
        and not connection.health_check_done
    )


def _open(connection: Any) -> Any:
    """The driver's connection, opened as ``connection.cursor()`` does it; any check is done."""
    connection.ensure_connection()
    return connection.connection


def _fetched(cursor: Any) -> Any | None:
    """``fetchone()``, for which Django's own wrapper makes a new function on each call."""
    if type(cursor) is not CursorWrapper:
        return cursor.fetchone()
    with cursor.db.wrap_database_errors:
        return cursor.cursor.fetchone()


def statement_for(sql: str, connection: Any) -> Statement:
    if connection.vendor == "sqlite":
        return QmarkStatement(sql, connection)
    if connection.vendor == "postgresql" and _is_psycopg3():
        return PostgreSQLStatement(sql, connection)
    return Statement(sql, connection)


def _prepare_threshold(connection: Any) -> int | None:
    threshold: int | None = connection.settings_dict["OPTIONS"].get("prepare_threshold")
    return threshold


def _is_psycopg3() -> bool:
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    return bool(is_psycopg3)
