"""Changing a keys file: one at a time, whole or not at all."""

import fcntl
import json
import math
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.keyring.ring import Keyring
from apitokens.keyring.source import read_keys_file

Entry = dict[str, Any]


class KeyTooYoung(KeyringError):
    """The next key has not been published long enough: some process may not know it yet."""


@contextmanager
def edited(path: Path) -> Iterator[list[Entry]]:
    """The entries of the file at *path*, to be changed in place; none where it doesn't exist.

    When the block ends well they are checked and replace the file at once. Raises KeyringError.
    """
    try:
        with _locked(path):
            entries = read_entries(path) if os.path.lexists(path) else []
            yield entries
            Keyring.parse(entries, "APITOKENS_KEYS_FILE")
            _replace(path, json.dumps(entries, indent=2) + "\n")
    except OSError as error:
        raise KeyringError(f"APITOKENS_KEYS_FILE {path}: {error.strerror}") from error


def read_entries(path: Path) -> list[Entry]:
    """What the file says, checked. Raises KeyringError."""
    text, _ = read_keys_file(path)
    Keyring.parse(text, "APITOKENS_KEYS_FILE")
    return [dict(entry) for entry in json.loads(text)]


def new_entry(algorithm: str, kid: str | None, taken: set[str]) -> Entry:
    """A fresh key in state ``next``. Raises KeyringError when *kid* is *taken*."""
    if kid in taken:
        raise KeyringError(f"there is a key {kid} already")
    return {
        "kid": kid or _free_kid(taken),
        "alg": algorithm,
        "state": "next",
        # 32 random bytes are an Ed25519 seed; an HMAC secret takes the hash's block, 64 characters.
        "secret": secrets.token_urlsafe(32 if algorithm == "EdDSA" else 48),
    }


def add(entries: list[Entry], entry: Entry) -> None:
    """Publish *entry* now. The first key of all is active at once: nobody can miss it."""
    entry["published_at"] = timezone.now().isoformat(timespec="seconds")
    if not entries:
        entry["state"] = "active"
    entries.append(entry)


def promote(entries: list[Entry], kid: str | None, *, at_once: bool) -> Entry:
    """Let *kid*, or the only key that waits, sign from now on; the one that did verifies.

    A key that signed before may do so again. Raises KeyTooYoung unless *at_once*, KeyringError.
    """
    entry = find(entries, kid) if kid else _only_next(entries)
    if entry["state"] not in {"next", "verify"}:
        raise KeyringError(f"key {entry['kid']} is {entry['state']}: only a next key is promoted")
    if entry["state"] == "next" and not at_once:
        _check_published(entry)
    for other in entries:
        if other.get("state", "active") == "active":
            other["state"] = "verify"
    entry["state"] = "active"
    return entry


def retire(entries: list[Entry], kid: str) -> Entry:
    """Let *kid* do nothing from now on. Raises KeyringError for the active one."""
    entry = find(entries, kid)
    if entry["state"] == "active":
        raise KeyringError(f"key {kid} is active: promote another one first")
    entry["state"] = "retired"
    return entry


def find(entries: list[Entry], kid: str) -> Entry:
    for entry in entries:
        if entry["kid"] == kid:
            entry.setdefault("state", "active")
            return entry
    raise KeyringError(f"there is no key {kid}")


def _only_next(entries: list[Entry]) -> Entry:
    waiting = [entry for entry in entries if entry.get("state") == "next"]
    if len(waiting) != 1:
        kids = ", ".join(entry["kid"] for entry in waiting) or "none"
        raise KeyringError(f"say which key: in state next there is {kids}")
    return waiting[0]


def _check_published(entry: Entry) -> None:
    published = entry.get("published_at")
    if published is None:
        raise KeyTooYoung(f"key {entry['kid']} doesn't say when it was published")
    age = timezone.now() - datetime.fromisoformat(published)
    left = (conf.key_propagation - age).total_seconds()
    if left > 0:
        raise KeyTooYoung(
            f"key {entry['kid']} was published {max(0, age.total_seconds()):.0f} s ago: "
            f"wait {math.ceil(left)} s more, until every process has read it"
        )


def _free_kid(taken: set[str]) -> str:
    """Today's date, and a number where there is one already."""
    today = timezone.now().date().isoformat()
    kids = [today, *(f"{today}-{number}" for number in range(2, len(taken) + 3))]
    return next(kid for kid in kids if kid not in taken)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone with the file: the lock is beside it, since the file itself is replaced."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(descriptor):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            _keep_owner(path, descriptor)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_directory(path.parent)


def _keep_owner(path: Path, descriptor: int) -> None:
    """Whoever edits (root, say), the file stays readable for the one who serves."""
    if path.exists():
        before, now = path.stat(), os.fstat(descriptor)
        if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
            os.fchown(descriptor, before.st_uid, before.st_gid)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
