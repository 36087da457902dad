"""Logs tell nobody a link that opens something: its secret part is cut out of every line.

A candidate's form, an invitation, a confirmation and a new password are opened by an address
alone. Django logs the address of each request that fails, gunicorn that of all and the page before.
"""

import logging
import re
from typing import Any

OPENING = (
    "bgv", "join", "login/e-mail", "password/reset", "integrations/in", "integrations/connections",
)  # fmt: skip
"""What stands before the secret part of an address; a test holds them against the URLconf."""

CUT = "…"
_before = "|".join(path.replace("/", "(?:/|%2f)") for path in OPENING)
IN_ADDRESS = re.compile(
    rf"((?:/|%2f)(?:{_before})(?:/|%2f))(?:(?!%2f)[^\s/\"'?#&<>\\])+", re.IGNORECASE
)
SIGNED = re.compile(r"[\w.=-]+:(?:[0-9A-Za-z]{6,7}:)?[\w-]{43}(?![\w-])")
"""What Django's signing makes, wherever it stands: the error of a view may tell its arguments."""


def without_links(text: str) -> str:
    return SIGNED.sub(CUT, IN_ADDRESS.sub(rf"\1{CUT}", text))


class LineFormatter(logging.Formatter):
    """The whole line, with traceback, as the formatter around it makes it, without links."""

    def __init__(self, *args: Any, inner: logging.Formatter | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record) if self.inner is None else self.inner.format(record)
        return without_links(line)
