"""One query on one connection: its SQL, the parameter, the converters, the reader."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.exceptions import FullResultSet
from django.db import ProgrammingError

from apitokens.compiled.function import usable_function
from apitokens.compiled.postgresql import for_postgresql
from apitokens.compiled.readers import reader_of
from apitokens.compiled.statements import statement_for

Converter = tuple[int, Callable[[Any], Any]]
"""(place in the row, what the driver gave → what the field holds)."""

_REMEMBERED = {"DateTimeField", "UUIDField"}
"""Field types whose values cannot be changed and cost the most to parse."""


class CompiledGet:
    """One compiled query on one connection."""

    def __init__(self, queryset: Any, field: str, sample: Any, connection: Any) -> None:
        queryset = queryset.filter(**{field: sample})
        self.connection = connection
        self.compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.sql, parameters = self.compiler.as_sql()
        except FullResultSet as error:  # pragma: no cover - a filter always has a WHERE
            raise TypeError("the query has no condition") from error
        if len(parameters) != 1:
            raise TypeError(f"the query must take one parameter, not {len(parameters)}")
        self.field = queryset.model._meta.get_field(field)
        self.reader = reader_of(self.compiler, queryset)
        self._ask_plainly()
        self.function = usable_function(self.sql, self.compiler, self.field)
        if self.function is not None:
            self._ask(self.function.call, self.function.values, [])

    def _ask(self, sql: str, values_of: Callable[[Any], Any], parse: list[Converter]) -> None:
        self.statement = statement_for(sql, self.connection)
        self.values_of = values_of
        self.converters = parse + _converters(self.compiler)

    def _ask_plainly(self) -> None:
        sql: str = self.sql
        parse: list[Converter] = []
        if self.connection.vendor == "postgresql":
            sql, parse = for_postgresql(sql, self.compiler)
        self.function = None
        self._ask(sql, list, parse)

    def get(self, value: Any) -> Any | None:
        parameter = self.field.get_db_prep_value(value, self.connection, prepared=False)
        row = self._fetched((parameter,))
        values = None if row is None else self.values_of(row)
        return None if values is None else self.reader.read(self._converted(values))

    def _fetched(self, parameters: tuple[Any, ...]) -> Any | None:
        """The row. A function that went meanwhile is done without, unless its error has already
        spoiled the transaction of the request.
        """
        try:
            return self.statement.fetch_one(parameters)
        except ProgrammingError:
            if self.function is None:
                raise
            self._ask_plainly()
            if self.connection.in_atomic_block:
                raise
        return self.statement.fetch_one(parameters)

    def _converted(self, values: list[Any]) -> list[Any]:
        for position, convert in self.converters:
            values[position] = convert(values[position])
        return values


def _converters(compiler: Any) -> list[Converter]:
    """(place in the row, converter) in the order in which the ORM applies them."""
    found = compiler.get_converters([column[0] for column in compiler.select])
    return [
        (place, _converter(convert, expression, compiler.connection))
        for place, (converts, expression) in found.items()
        for convert in converts
    ]


def _converter(convert: Any, expression: Any, connection: Any) -> Callable[[Any], Any]:
    def converted(value: Any) -> Any:
        return convert(value, expression, connection)

    of_the_backend = convert in connection.ops.get_db_converters(expression)
    if of_the_backend and expression.output_field.get_internal_type() in _REMEMBERED:
        return lru_cache(maxsize=4096)(converted)
    return converted
