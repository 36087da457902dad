# ruff: noqa: S608 - SQL of the ORM's own making is rearranged; values stay parameters
"""PostgreSQL: the same rows, planned sooner by the server and parsed sooner by us."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.db.models.sql.datastructures import Join


def for_postgresql(sql: str, compiler: Any) -> tuple[str, list[tuple[int, Callable[[Any], Any]]]]:
    """*sql* that is cheaper for the server and for us, and the converters that it needs."""
    columns = [column for _, (column, _), _ in compiler.select]
    head = f"SELECT {', '.join(columns)} FROM "
    if not sql.startswith(head):
        return sql, []
    instants = _places_of_instants(compiler)
    for place in instants:
        columns[place] += "::text"
    parse = instant_reader(compiler.connection)
    rest = _joins_fenced(sql.removeprefix(head), compiler)
    return f"SELECT {', '.join(columns)} FROM {rest}", [(place, parse) for place in instants]


def _joins_fenced(sql: str, compiler: Any) -> str:
    """*sql* with each join as a LATERAL subquery behind OFFSET 0.

    PostgreSQL plans a join of four tables anew on every call, trying every order, while here
    there is one: from the row that was asked for along its foreign keys. OFFSET 0 keeps the
    planner from looking for others.
    """
    for join in compiler.query.alias_map.values():
        plain, parameters = compiler.compile(join) if isinstance(join, Join) else ("", ())
        parts = None if parameters else _JOIN.fullmatch(plain)
        if parts is not None:
            kind, table, alias, condition = parts.groups()
            source = f"{table} {alias}" if alias else table
            subquery = f"LATERAL (SELECT * FROM {source} WHERE {condition} OFFSET 0)"
            name = alias or table
            sql = sql.replace(plain, f"{kind} JOIN {subquery} {name} ON TRUE")
    return sql


_JOIN = re.compile(r'(INNER|LEFT OUTER) JOIN ("[^"]+")(?: (\S+))? ON \((.+)\)', re.DOTALL)


def _places_of_instants(compiler: Any) -> list[int]:
    return [
        place
        for place, (expression, *_) in enumerate(compiler.select)
        if expression.output_field.get_internal_type() == "DateTimeField"
    ]


def instant_reader(connection: Any) -> Callable[[Any], Any]:
    """What Django makes of a timestamp, out of its text: psycopg parses that by Python's ``re``
    each time, while a text can be remembered with what it means.
    """
    return lru_cache(maxsize=4096)(partial(_instant, connection.timezone))


def _instant(zone: Any, text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=zone)
