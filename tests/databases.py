"""The test databases: emptied quickly after a test that commits, and free to be dropped."""

from django.db import connection

QUICK = "SET LOCAL session_replication_role = replica"
"""No trigger fires (events refuse DELETE) and no foreign key is looked at; superusers' alone."""
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def quick_to_empty(monkeypatch):
    """On PostgreSQL rows are deleted, tables not truncated: 0.05 s against 2 s for 58 tables."""
    if connection.vendor == "postgresql" and is_superuser():
        monkeypatch.setattr(type(connection.ops), "sql_flush", deletions)


def deletions(ops, style, tables, *, reset_sequences=False, allow_cascade=False):
    """In place of the backend's ``sql_flush``: one transaction."""
    return [QUICK, *(f"DELETE FROM {ops.quote_name(table)}" for table in tables)]  # noqa: S608 - our own tables


def is_superuser():
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return cursor.fetchone() == ("on",)


def end_other_sessions():
    """PostgreSQL drops no database in which a thread that is about to end still has a session."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(OTHERS)
