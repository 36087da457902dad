# ruff: noqa: S608 - SQL of the ORM's own making becomes a function's body; values stay parameters
"""PostgreSQL: the query as a function of the database, which plans it once per connection.

Planning a join of four tables takes the server longer than running it. Prepared statements keep
the plan too, but break behind a pooler that hands one connection to many clients; the plan of a
function is the server's own affair. ``migrate`` installs the function, and its name holds a digest
of its body: a process uses exactly the one that it would have written, or its own plain SQL where
there is none (another policy since the last ``migrate``, no right to execute it).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone

from apitokens.compiled.postgresql import instant_reader

PREFIX = "apitokens_find_"
KEPT = timedelta(days=30)
"""An earlier function stays so long, for processes that were started before the ``migrate``."""

FromText = Callable[[str], Any]
_FROM_TEXT: dict[str, FromText] = {
    "AutoField": int,
    "BigAutoField": int,
    "SmallAutoField": int,
    "IntegerField": int,
    "BigIntegerField": int,
    "SmallIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveBigIntegerField": int,
    "PositiveSmallIntegerField": int,
    "BooleanField": "true".__eq__,
    "UUIDField": lru_cache(maxsize=4096)(UUID),
    "CharField": str,
    "SlugField": str,
    "TextField": str,
    "JSONField": str,
}
"""What psycopg would have made of a column, out of its text. Instants depend on the connection."""


class LookupFunction:
    """*sql* with one parameter, as a function that answers a row's columns as text, or NULL.

    Text doesn't depend on the type that a column has by now. Raises TypeError if the query reads
    a column whose text isn't known here.
    """

    def __init__(self, sql: str, compiler: Any, parameter: Any) -> None:
        columns, rest = _parted(sql, compiler)
        self.from_text = _from_text(compiler)
        self.type = parameter.db_type(compiler.connection)
        cells = ", ".join(f"{column.removesuffix('::text')}::text" for column in columns)
        self.body = f"SELECT ARRAY[{cells}] FROM {rest.replace('%s', '$1')}"
        digest = hashlib.sha256(f"{self.type} {self.body}".encode()).hexdigest()
        self.name = f"{PREFIX}{digest[:16]}"
        self.call = f'SELECT "{self.name}"(%s)'

    def is_usable(self, connection: Any) -> bool:
        """Whether it is there and this role may call it."""
        signature = f'"{self.name}"({self.type})'
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_function_privilege(to_regprocedure(%s)::oid, 'EXECUTE')", [signature]
            )
            return bool(cursor.fetchone()[0])

    def values(self, row: Any) -> list[Any] | None:
        """The columns as the driver would have given them."""
        (texts,) = row
        if texts is None:
            return None
        return [
            None if text is None else convert(text)
            for text, convert in zip(texts, self.from_text, strict=True)
        ]

    def install(self, connection: Any) -> None:
        """Create it, note the day, and remove those that no process can still be using."""
        with connection.cursor() as cursor:
            cursor.execute(
                f'CREATE OR REPLACE FUNCTION "{self.name}"({self.type}) RETURNS text[] '
                f"LANGUAGE plpgsql STABLE AS $find$ BEGIN RETURN ({self.body}); END $find$"
            )
            day = f"{timezone.now():%Y-%m-%d}"
            cursor.execute(f"COMMENT ON FUNCTION \"{self.name}\"({self.type}) IS '{day}'")
        remove_functions(connection, before=timezone.now() - KEPT)


def lookup_function(sql: str, compiler: Any, parameter: Any) -> LookupFunction | None:
    """The function that stands for *sql*; None where there can't be one."""
    if compiler.connection.vendor != "postgresql":
        return None
    try:
        return LookupFunction(sql, compiler, parameter)
    except TypeError:
        return None


def usable_function(sql: str, compiler: Any, parameter: Any) -> LookupFunction | None:
    """The installed one."""
    function = lookup_function(sql, compiler, parameter)
    if function is None or not function.is_usable(compiler.connection):
        return None
    return function


def remove_functions(connection: Any, before: datetime | None = None) -> None:
    """Drop those last installed before *before*; all of them if it is None."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED, [f"{re.escape(PREFIX)}[0-9a-f]{{16}}"])
        for signature, day in cursor.fetchall():
            if before is None or (day or "") < f"{before:%Y-%m-%d}":
                cursor.execute(f"DROP FUNCTION {signature}")


_INSTALLED = """
    SELECT oid::regprocedure::text, obj_description(oid, 'pg_proc')
    FROM pg_proc WHERE proname ~ ('^' || %s || '$') AND pg_function_is_visible(oid)
"""


def _parted(sql: str, compiler: Any) -> tuple[list[str], str]:
    """The columns, and what follows FROM."""
    columns = [column for _, (column, _), _ in compiler.select]
    head = f"SELECT {', '.join(columns)} FROM "
    if not sql.startswith(head):
        raise TypeError("the query does not begin with its columns")
    return columns, sql.removeprefix(head)


def _from_text(compiler: Any) -> list[FromText]:
    types = [_internal_type(expression.output_field) for expression, *_ in compiler.select]
    known = {**_FROM_TEXT, "DateTimeField": instant_reader(compiler.connection)}
    try:
        return [known[name] for name in types]
    except KeyError as error:
        raise TypeError(f"the text of a {error.args[0]} is not known here") from error


def _internal_type(field: Any) -> str:
    while field.remote_field:
        field = field.target_field
    return str(field.get_internal_type())
