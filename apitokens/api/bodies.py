"""Bodies of calls: strict JSON of bounded size and depth (RFC 8259), for hosts' APIs as well."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice
from math import isinf
from typing import Any

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 32
LISTED_FAULTS = 20

STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, closed or not. Possessive, and never tried twice at one place: linear."""

BRACKET = re.compile(r"[\[\]{}]")
STEP = {"[": 1, "{": 1, "]": -1, "}": -1}

ESCAPED_BAD = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""NUL and surrogates can only come as escapes: raw ones are no JSON or no UTF-8."""

BAD = re.compile("[\x00\ud800-\udfff]")


class BadBody(APIException):
    """A body that is not read: 400, 413 or 415. *faults* say where and what."""

    default_code = "malformed"

    def __init__(self, message: str, *faults: tuple[str, str], status: int = 400) -> None:
        super().__init__(message)
        self.message, self.faults, self.status_code = message, faults, status


class StrictJSONParser(BaseParser):
    """A body → dict. Raises BadBody: 400, 413 or 415."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        check_length(stream)
        check_media_type(media_type or self.media_type)
        return self.of(read(stream))

    def of(self, content: bytes) -> dict[str, Any]:
        return parsed(content)


class OptionalJSONParser(StrictJSONParser):
    """The same, for calls that need no body: none is ``{}``."""

    def of(self, content: bytes) -> dict[str, Any]:
        return parsed(content) if content else {}


def check_length(request: Any) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and (len(length) > 19 or int(length) > MAXIMUM_BYTES):
        raise too_large()


def too_large() -> BadBody:
    return BadBody("The body is larger than 1 MiB.", status=413)


def check_media_type(value: str) -> None:
    try:
        media_type, parameters = parse_header_parameters(value)
    except ValueError:
        media_type, parameters = "", {}
    if media_type != StrictJSONParser.media_type:
        raise BadBody("Send the body as application/json.", status=415)
    if str(parameters.get("charset", "utf-8")).lower() not in {"utf-8", "utf8"}:
        raise BadBody("Send the body in UTF-8: no other charset is known.")


def read(request: Any) -> bytes:
    """At most a little more than the maximum, whatever Content-Length says or doesn't."""
    try:
        content = open_stream(request).read(MAXIMUM_BYTES + 1)
    except Exception as error:  # servers' errors for broken chunks have no common base
        raise BadBody("The body could not be read.") from error
    if len(content) > MAXIMUM_BYTES:
        raise too_large()
    return content


def open_stream(request: Any) -> Any:
    """Django reads nothing without a Content-Length; servers that end a chunked body say so."""
    meta = request.META
    if not meta.get("CONTENT_LENGTH") and meta.get("wsgi.input_terminated"):
        return meta["wsgi.input"]
    return request


def parsed(content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBody("The body is not UTF-8.") from error
    check_depth(text)
    value = loads(text)
    if not isinstance(value, dict):
        raise BadBody("The body must be a JSON object.")
    if ESCAPED_BAD.search(text):
        check_characters(value)
    return value


def check_depth(text: str) -> None:
    """Before parsing and without recursion."""
    steps = map(STEP.__getitem__, BRACKET.findall(STRING.sub("", text)))
    if max(accumulate(steps), default=0) > MAXIMUM_DEPTH:
        raise too_deep()


def too_deep() -> BadBody:
    return BadBody(f"The body is nested deeper than {MAXIMUM_DEPTH} levels.")


def loads(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=unique, parse_constant=refused, parse_float=finite
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadBody(f"The body is not valid JSON ({where}).") from error
    except RecursionError as error:
        raise too_deep() from error
    except ValueError as error:
        raise BadBody("The body has a number that is out of bounds.") from error


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 §4 leaves duplicate names undefined; two readers would see two requests."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
    raise BadBody("The body names a field twice.", (visible(twice), "Send it once."))


def refused(constant: str) -> float:
    raise ValueError(constant)


def finite(digits: str) -> float:
    number = float(digits)
    return refused(digits) if isinf(number) else number


def check_characters(value: dict[str, Any]) -> None:
    paths = list(islice(bad_paths(value), LISTED_FAULTS))
    if paths:
        faults = [(path, "Remove NUL and lone surrogates.") for path in paths]
        raise BadBody("Some text can't be stored.", *faults)


def bad_paths(value: Any) -> Iterator[str]:
    """Where a name or a string has a NUL or a lone surrogate."""
    left: list[tuple[str, Any]] = [("", value)]
    while left:
        path, value = left.pop()
        if isinstance(value, str):
            if BAD.search(value):
                yield path
            continue
        for key, inner in members(value):
            inner_path = joined(path, visible(key))
            if isinstance(key, str) and BAD.search(key):
                yield inner_path
            left.append((inner_path, inner))


def members(value: Any) -> Any:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def visible(key: Any) -> Any:
    """A name as it can stand in an answer: short, without what made us refuse it."""
    if not isinstance(key, str):
        return key
    return BAD.sub(lambda bad: f"\\u{ord(bad[0]):04x}", key[:100])


def joined(path: str, key: str | int) -> str:
    """The path of a member *key* of what stands at *path*: ``candidate.tags[0].id``."""
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")
