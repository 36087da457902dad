"""The query string, read strictly: UTF-8 without NUL, whole numbers within bounds."""

import re
from typing import Any
from urllib.parse import parse_qsl

from apitokens.api.bodies import BAD, visible
from candidates.external.errors import INVALID, Fault, Problem

MAXIMUM_PARAMETERS = 100
MAXIMUM_ID = 2**63 - 1
MAXIMUM_EMAIL = 254
WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)


def query_of(request: Any) -> dict[str, str]:
    """Parameters by name; of a repeated one the last. Unknown ones are nobody's business.

    Django's own reading replaces broken bytes and obeys the charset of Content-Type; here bytes
    that are not UTF-8 become lone surrogates, which are refused like NUL.
    """
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    try:
        pairs = parse_qsl(
            raw.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MAXIMUM_PARAMETERS,
        )
    except ValueError as error:
        raise Problem("The query string has too many parameters.") from error
    for name, value in pairs:
        if BAD.search(name) or BAD.search(value):
            raise Problem(INVALID, Fault(visible(name), "Use UTF-8 without NUL."))
    return dict(pairs)


def whole(query: dict[str, str], name: str, *, least: int, most: int, default: int) -> int:
    """The parameter *name* as a number. Raises Problem naming it."""
    text = query.get(name)
    if text is None:
        return default
    if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise Problem(INVALID, Fault(name, f"Send a whole number from {least} to {most}."))
    return int(text)
