"""The signing keys: kid → key, algorithm, state.

A key is in one of four states: ``next`` verifies, ``active`` signs and verifies, ``verify``
verifies and re-signs copies, ``retired`` does nothing. Exactly one is active.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apitokens.conf import conf
from apitokens.exceptions import KeyringError

ALGORITHMS = frozenset({"HS256"})
"""Deterministic algorithms: copying a token re-signs it, so two signatures must be equal."""

STATES = frozenset({"next", "active", "verify", "retired"})
MINIMUM_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key. ``secret`` is kept out of ``repr`` so that no log shows it."""

    kid: str
    algorithm: str
    state: str
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, entry: Any) -> "Key":
        """Read ``{"kid", "alg", "state", "secret"}``. Raises KeyringError naming the fault."""
        if not isinstance(entry, Mapping):
            raise KeyringError("each key must be an object with kid, alg, state and secret")
        kid, secret = entry.get("kid"), entry.get("secret")
        algorithm, state = entry.get("alg", "HS256"), entry.get("state", "active")
        if not isinstance(kid, str) or not 1 <= len(kid) <= 64 or not kid.isascii():
            raise KeyringError("a key's kid must be 1 to 64 ASCII characters")
        if algorithm not in ALGORITHMS:
            raise KeyringError(f"key {kid}: alg must be one of {', '.join(sorted(ALGORITHMS))}")
        if state not in STATES:
            raise KeyringError(f"key {kid}: state must be one of {', '.join(sorted(STATES))}")
        if not isinstance(secret, str) or len(secret.encode()) < MINIMUM_SECRET_BYTES:
            raise KeyringError(f"key {kid}: secret must be at least {MINIMUM_SECRET_BYTES} bytes")
        if secret == conf.secret_key:
            raise KeyringError(f"key {kid}: secret must not be SECRET_KEY")
        return cls(kid=kid, algorithm=algorithm, state=state, secret=secret)


class Keyring:
    """The keys that work, by kid."""

    def __init__(self, keys: list[Key]):
        kids = [key.kid for key in keys]
        if len(set(kids)) != len(kids):
            raise KeyringError("two keys have the same kid")
        active = [key for key in keys if key.state == "active"]
        if len(active) != 1:
            raise KeyringError(f"exactly one key must be active, not {len(active)}")
        self.active: Key = active[0]
        self.verifying: dict[str, Key] = {key.kid: key for key in keys if key.state != "retired"}

    @classmethod
    def parse(cls, source: Any) -> "Keyring":
        """Build from a list of entries or its JSON. Raises KeyringError."""
        if isinstance(source, str):
            try:
                source = json.loads(source)
            except ValueError as error:
                raise KeyringError("APITOKENS_KEYS is not valid JSON") from error
        if not isinstance(source, list | tuple) or not source:
            raise KeyringError("APITOKENS_KEYS is missing or empty")
        return cls([Key.parse(entry) for entry in source])


_parsed: tuple[Any, Keyring] | None = None


def get_keyring() -> Keyring:
    """The keyring of the current settings, parsed once for each value of them."""
    global _parsed
    source = conf.keys
    if _parsed is None or _parsed[0] is not source:
        _parsed = (source, Keyring.parse(source))
    return _parsed[1]
