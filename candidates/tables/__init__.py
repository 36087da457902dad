"""Files of rows that people bring: what they hold, or why they aren't taken. No database."""

from candidates.tables.reading import Table, read_table

__all__ = ["Table", "read_table"]
