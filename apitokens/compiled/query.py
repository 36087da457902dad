"""One query on one connection: its SQL, the parameter, the converters, the reader."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.exceptions import FullResultSet

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
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except FullResultSet as error:  # pragma: no cover - a filter always has a WHERE
            raise TypeError("the query has no condition") from error
        if len(parameters) != 1:
            raise TypeError(f"the query must take one parameter, not {len(parameters)}")
        self.field = queryset.model._meta.get_field(field)
        self.converters = _converters(compiler)
        self.reader = reader_of(compiler, queryset)
        if connection.vendor == "postgresql":
            sql, parse_instants = for_postgresql(sql, compiler)
            self.converters = parse_instants + self.converters
        self.statement = statement_for(sql, connection)

    def get(self, value: Any) -> Any | None:
        parameter = self.field.get_db_prep_value(value, self.connection, prepared=False)
        row = self.statement.fetch_one((parameter,))
        return None if row is None else self.reader.read(self._converted(row))

    def _converted(self, row: Any) -> list[Any]:
        row = list(row)
        for position, convert in self.converters:
            row[position] = convert(row[position])
        return row


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
