"""The same SQL again and again, run as Django runs it."""

from typing import Any

from django.db.backends.utils import CursorWrapper


class Statement:
    """SQL run as Django runs it."""

    def __init__(self, sql: str, connection: Any) -> None:
        self.sql, self.connection = sql, connection

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
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

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        connection = self.connection
        if connection.queries_logged:
            return super().fetch_one(parameters)
        raw = _open(connection)
        with connection._prepare_cursor(raw.cursor()) as cursor:
            cursor.execute(self.qmark_sql, parameters)
            return _fetched(cursor)


class PreparedStatement(Statement):
    """PostgreSQL with ``prepare_threshold`` in OPTIONS: planned once and kept by the server.

    psycopg prepares only what binds its parameters on the server, which Django's cursors don't
    unless told so for every query of the project.
    """

    def __init__(self, sql: str, connection: Any) -> None:
        from django.db.backends.postgresql.base import ServerBindingCursor  # psycopg 3 only

        super().__init__(sql, connection)
        self.factory: Any = ServerBindingCursor

    def fetch_one(self, parameters: tuple[Any, ...]) -> Any | None:
        connection = self.connection
        raw = _open(connection)
        with connection._prepare_cursor(self.factory(raw)) as cursor:
            cursor.execute(self.sql, parameters)
            return _fetched(cursor)


def _open(connection: Any) -> Any:
    """The driver's connection, opened and checked as ``connection.cursor()`` does it."""
    connection.close_if_health_check_failed()
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
    threshold = connection.settings_dict["OPTIONS"].get("prepare_threshold")
    if connection.vendor == "postgresql" and threshold is not None:
        return PreparedStatement(sql, connection)
    return Statement(sql, connection)
