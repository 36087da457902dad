"""The keys together: one signs, several verify."""

import json
from typing import Any

from django.views.decorators.debug import sensitive_variables

from apitokens.exceptions import KeyringError
from apitokens.keyring.keys import Key


class Keyring:
    """All keys by kid, those that verify, and the one that signs."""

    def __init__(self, keys: list[Key]):
        _check_distinct(keys)
        active = [key for key in keys if key.state == "active"]
        if len(active) != 1:
            raise KeyringError(f"exactly one key must be active, not {len(active)}")
        self.active: Key = active[0]
        self.by_kid: dict[str, Key] = {key.kid: key for key in keys}
        self.verifying: dict[str, Key] = {key.kid: key for key in keys if key.state != "retired"}

    @classmethod
    @sensitive_variables()
    def parse(cls, source: Any, name: str = "APITOKENS_KEYS") -> "Keyring":
        """Build from a list of entries or its JSON; errors say *name*. Raises KeyringError."""
        if isinstance(source, str | bytes):
            source = _loads(source, name)
        if not isinstance(source, list | tuple) or not source:
            raise KeyringError(f"{name} is missing or empty")
        return cls([Key.parse(entry) for entry in source])


@sensitive_variables()
def _loads(text: str | bytes, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # Without its cause: that one carries the whole text, secrets and all.
        raise KeyringError(f"{name} is not valid JSON") from None


def _check_distinct(keys: list[Key]) -> None:
    if len({key.kid for key in keys}) != len(keys):
        raise KeyringError("two keys have the same kid")
    if len({key.secret for key in keys}) != len(keys):
        raise KeyringError("two keys have the same secret")
