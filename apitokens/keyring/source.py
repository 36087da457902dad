"""Where the keys come from: the settings, or a file that is read anew when it changes."""

import logging
import os
import stat
from pathlib import Path
from threading import Lock
from typing import Any

from django.views.decorators.debug import sensitive_variables

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.keyring.ring import Keyring

logger = logging.getLogger("apitokens.keyring")

MAXIMUM_FILE_SIZE = 1024 * 1024

Stamp = tuple[int, ...]
"""What changes when a file is replaced, rewritten or given another mode."""

_NOTHING: Stamp = ()
_MISSING: Stamp = (0,)

_parsed: tuple[Any, Keyring] | None = None
_file: "KeysFile | None" = None


def get_keyring() -> Keyring:
    """The keyring of now. Raises KeyringError where there is none that works.

    Settings are parsed once for each value of them. A file costs one ``stat`` each time.
    """
    if conf.keys_file is None:
        return _of_settings(conf.keys)
    if conf.keys:
        raise KeyringError("set APITOKENS_KEYS or APITOKENS_KEYS_FILE, not both")
    return _of_file(conf.keys_file)


def _of_settings(source: Any) -> Keyring:
    global _parsed
    if _parsed is None or _parsed[0] is not source:
        _parsed = (source, Keyring.parse(source))
    return _parsed[1]


def _of_file(path: Path) -> Keyring:
    global _file
    if _file is None or _file.path != path:
        _file = KeysFile(path)
    return _file.keyring()


class KeysFile:
    """A keys file and what was read from it last.

    A file that breaks after a good one leaves the good keyring in force: programs go on, and the
    log says once for each broken version what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read: Stamp = _NOTHING
        self.broken: Stamp = _NOTHING
        self.good: Keyring | None = None
        self.lock = Lock()

    def keyring(self) -> Keyring:
        stamp = self._stamp()
        if self.good is not None and (stamp == self.read or stamp == self.broken):
            return self.good
        with self.lock:
            return self._reread(stamp)

    def _reread(self, stamp: Stamp) -> Keyring:
        if self.good is not None and (stamp == self.read or stamp == self.broken):
            return self.good  # another thread was quicker
        try:
            text, read = read_keys_file(self.path)
            self.good = Keyring.parse(text, "APITOKENS_KEYS_FILE")
        except KeyringError as error:
            self.broken = stamp
            if self.good is None:
                raise
            logger.error("%s; the keys that were read before stay in force", error)
            return self.good
        self.read, self.broken = read, _NOTHING
        logger.info("signing keys read, %s is active", self.good.active.kid)
        return self.good

    def _stamp(self) -> Stamp:
        try:
            return _stamp_of(os.lstat(self.path))
        except OSError:
            return _MISSING


@sensitive_variables()
def read_keys_file(path: Path) -> tuple[bytes, Stamp]:
    """The bytes of a keys file that only its owner can read. Raises KeyringError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise KeyringError(f"APITOKENS_KEYS_FILE {path}: {_why_not(path, error)}") from None
    try:
        status = os.fstat(descriptor)
        _check_status(path, status)
        return os.read(descriptor, MAXIMUM_FILE_SIZE), _stamp_of(status)
    finally:
        os.close(descriptor)


def _why_not(path: Path, error: OSError) -> str:
    if path.is_symlink():
        return "it is a symbolic link; name the file itself"
    return error.strerror or type(error).__name__


def _check_status(path: Path, status: os.stat_result) -> None:
    fault = None
    if not stat.S_ISREG(status.st_mode):
        fault = "it is no regular file"
    elif status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        fault = f"others than its owner can use it (mode {mode:04o}); run chmod 600"
    elif status.st_size > MAXIMUM_FILE_SIZE:
        fault = "it is over 1 MiB"
    if fault:
        raise KeyringError(f"APITOKENS_KEYS_FILE {path}: {fault}")


def _stamp_of(status: os.stat_result) -> Stamp:
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
