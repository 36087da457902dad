"""System checks ``apitokens.E…`` (won't work) and ``apitokens.W…`` (works, but look)."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections
from django.utils.module_loading import import_string

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring
from apitokens.policy import TokenPolicy

AUTHENTICATION = "apitokens.authentication.APITokenAuthentication"


def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: the signing keys are missing or unusable."""
    try:
        get_keyring()
    except KeyringError as error:
        return [Error(str(error), hint="Set APITOKENS_KEYS.", id="apitokens.E001")]
    return []


def check_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: the policy can't be imported or is no TokenPolicy."""
    try:
        policy = import_string(conf.policy)
    except ImportError as error:
        return [Error(f"APITOKENS_POLICY: {error}", id="apitokens.E002")]
    if not (isinstance(policy, type) and issubclass(policy, TokenPolicy)):
        message = "APITOKENS_POLICY must name a subclass of TokenPolicy"
        return [Error(message, id="apitokens.E002")]
    return []


def check_authentication_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: another DRF class stands before ours, so a bad token beside a session is let in."""
    classes = conf.authentication_classes
    names = [c if isinstance(c, str) else f"{c.__module__}.{c.__qualname__}" for c in classes]
    if AUTHENTICATION in names[1:]:
        message = "APITokenAuthentication should stand first in DEFAULT_AUTHENTICATION_CLASSES"
        return [Warning(message, id="apitokens.W001")]
    return []


def check_owner_model(
    app_configs: Any, databases: list[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E003: APITOKENS_OWNER_MODEL is not the model that the tokens' table was made for.

    Asked when databases are checked (migrate, ``check --database``).
    """
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


def _owner_table(alias: str) -> str | None:
    """The table that the owner column refers to in the database, or None before the migration."""
    connection = connections[alias]
    tokens = apps.get_model("apitokens", "APIToken")._meta
    with connection.cursor() as cursor:
        if tokens.db_table not in connection.introspection.table_names(cursor):
            return None
        relations = connection.introspection.get_relations(cursor, tokens.db_table)
    return relations[tokens.get_field("owner").column][1]


ALL = (check_keys, check_policy, check_authentication_order)
