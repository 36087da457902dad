"""What only the tables know. Asked when databases are checked (migrate, ``check --database``)."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.key_use import use_by_kid
from apitokens.keyring import get_keyring


def check_owner_model(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E003: APITOKENS_OWNER_MODEL is not the model that the tokens' table was made for."""
    wanted = apps.get_model(conf.owner_model)._meta.db_table
    tables = [_owner_table(alias) for alias in databases or []]
    made_for = {table for table in tables if table and table != wanted}
    message = "APITOKENS_OWNER_MODEL is {}, but the tokens' table was made for {}"
    return [
        Error(
            message.format(conf.owner_model, table),
            hint="It is fixed at the first migration: set it back, or migrate apitokens anew.",
            id="apitokens.E003",
        )
        for table in sorted(made_for)
    ]


def check_kids(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E004: living tokens were signed with a key that isn't there at all.

    A key that was retired by force is there, and whoever did it was told.
    """
    try:
        known = get_keyring().by_kid
    except KeyringError:
        return []  # E001 says so
    return [
        Error(
            f"{use.living} living API tokens need the signing key {kid}, which is not there",
            hint="Put it back in state verify; or in state retired, if they shall stop.",
            id="apitokens.E004",
        )
        for alias in databases or []
        for kid, use in _uses(alias)
        if use.living and kid not in known
    ]


def _uses(alias: str) -> Any:
    return sorted(use_by_kid(alias).items()) if _has_columns(alias) else ()


def _has_columns(alias: str) -> bool:
    """Whether the credentials' table is there, with every column of now."""
    connection = connections[alias]
    credentials = apps.get_model("apitokens", "Credential")._meta
    with connection.cursor() as cursor:
        if credentials.db_table not in connection.introspection.table_names(cursor):
            return False
        found = connection.introspection.get_table_description(cursor, credentials.db_table)
    return {field.column for field in credentials.local_fields} <= {column.name for column in found}


def _owner_table(alias: str) -> str | None:
    """The table that the owner column refers to in the database, or None before the migration."""
    connection = connections[alias]
    tokens = apps.get_model("apitokens", "APIToken")._meta
    with connection.cursor() as cursor:
        if tokens.db_table not in connection.introspection.table_names(cursor):
            return None
        relations = connection.introspection.get_relations(cursor, tokens.db_table)
    return relations[tokens.get_field("owner").column][1]
