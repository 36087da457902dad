"""Rates as DRF writes them: ``600/min``."""

import re
from typing import Any

RATE = re.compile(r"[1-9][0-9]{0,8}/(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)", re.ASCII)
"""Only what DRF reads in the same sense: by the first letter it would take a month for a minute."""


def is_rate(value: Any) -> bool:
    """Whether *value* is a rate of one request or more."""
    return isinstance(value, str) and RATE.fullmatch(value) is not None
