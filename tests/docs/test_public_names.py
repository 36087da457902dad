"""Every public name is in the reference, and what the reference names is there."""

import importlib
import re
from pathlib import Path

import pytest

import apitokens
from apitokens.attribution import Attributed
from apitokens.models import APIToken, Credential
from tests.apitokens.test_docs import REFERENCE
from tests.docs.test_reference import bare, table

PUBLIC = [
    "apitokens.admin", "apitokens.api.views", "apitokens.attribution", "apitokens.authentication",
    "apitokens.exceptions", "apitokens.models", "apitokens.permissions", "apitokens.policy",
    "apitokens.reauthentication", "apitokens.schema", "apitokens.services", "apitokens.signals",
    "apitokens.testing", "apitokens.throttling",
]  # fmt: skip


def names_of(module):
    """What *module* exports, or defines without an underscore."""
    loaded = importlib.import_module(module)
    defined = [
        name for name, value in vars(loaded).items()
        if name[0] != "_" and getattr(value, "__module__", "").startswith(module)
    ]  # fmt: skip
    if module == "apitokens.models":  # its functions are for our own modules
        return {name for name in loaded.__all__ if isinstance(getattr(loaded, name), type)}
    signals = [n for n in vars(loaded) if n.startswith("token_")] if "signals" in module else []
    return set(getattr(loaded, "__all__", defined)) | set(signals)


def members_of(model):
    """What people may ask of a row or a queryset: no generated names, no columns of `services`."""
    own = [c for c in model.__mro__ if c.__module__.startswith("apitokens")]
    names = {name for c in own for name in vars(c) if not name.startswith("_")}
    return {n for n in names if not re.match(r"get_(next|previous)_by_|.+_id$", n)} - PRIVATE


PRIVATE = {
    "Meta", "DoesNotExist", "MultipleObjectsReturned", "NotUpdated", "objects", "id", "save",
    "live_name", "stop_noticed_at", "end_noticed_at", "request_id", "scope", "allowed_networks",
    "credentials", "legacy_credentials", "claims", "says", "token",
}  # fmt: skip


def documented():
    """Every word that a page of the reference sets as code."""
    text = "".join(REFERENCE.values())
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return set(re.findall(r"\w+", " ".join(code)))


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_in_the_reference(module):
    names = names_of(module)
    assert names
    assert names <= documented()


ROWS = [APIToken, Credential, type(APIToken.objects.all()), Attributed]


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_every_public_member_of_a_row_is_in_the_reference(model):
    assert members_of(model) <= documented()


def test_every_module_in_the_table_of_the_python_api_has_the_names_that_it_tells():
    for where, what in table(REFERENCE["python"], "| module | names |"):
        for module in re.findall(r"`([\w.]+)`", where):
            loaded = importlib.import_module(module)
            for name in re.findall(r"`([A-Za-z_]\w+)(?:\(|`)", what):
                assert hasattr(loaded, name) or name in {"request", "user_logged_in"}, name


def test_the_loggers_that_the_page_names_are_ours():
    told = {bare(row[0]) for row in table(REFERENCE["python"], "| logger | level | says |")} - {""}
    sources = "".join(path.read_text() for path in Path(apitokens.__file__).parent.rglob("*.py"))
    assert told == set(re.findall(r'getLogger\("([\w.]+)"\)', sources))
