"""What a page says is printed, held against what was printed; ``…`` stands for anything."""

import json
import re
from typing import Any

ANY = "…"


def agrees(language: str, told: str, printed: str) -> bool:
    return {"text": text_agrees, "json": json_agrees, "http": http_agrees}[language](told, printed)


def text_agrees(told: str, printed: str) -> bool:
    """Line by line; a line that is only ``…`` stands for any lines, or none."""
    lines = [line.rstrip() for line in told.strip("\n").split("\n")]
    wanted = "".join("(?:.*\n)*?" if line == ANY else f"{pattern(line)}\n" for line in lines)
    got = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").split("\n"))
    return re.fullmatch(wanted, got) is not None


def pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split(ANY))


def json_agrees(told: str, printed: str) -> bool:
    try:
        return value_agrees(json.loads(told), json.loads(printed))
    except ValueError:
        return False


def value_agrees(told: Any, got: Any) -> bool:
    """Same members, same order of lists; a string with ``…`` is a pattern, ``"…"`` any value."""
    if told == ANY:
        return True
    if isinstance(told, dict) and isinstance(got, dict):
        return told.keys() == got.keys() and all(value_agrees(told[k], got[k]) for k in told)
    if isinstance(told, list) and isinstance(got, list):
        return len(told) == len(got) and all(map(value_agrees, told, got))
    if isinstance(told, str) and isinstance(got, str):
        return re.fullmatch(pattern(told), got) is not None
    return type(told) is type(got) and bool(told == got)


def http_agrees(told: str, printed: str) -> bool:
    """The status, every header that is told, and the body where one is told."""
    head, _, body = told.strip("\n").partition("\n\n")
    got_head, _, got_body = printed.replace("\r\n", "\n").partition("\n\n")
    status, *headers = head.split("\n")
    got_status, *got_headers = got_head.split("\n")
    return (
        re.fullmatch(pattern(status), got_status) is not None
        and all(any(header_agrees(h, g) for g in got_headers) for h in headers)
        and (not body or text_agrees(body, got_body))
    )


def header_agrees(told: str, got: str) -> bool:
    (name, _, value), (got_name, _, got_value) = told.partition(": "), got.partition(": ")
    same = name.lower() == got_name.lower()
    return same and re.fullmatch(pattern(value), got_value) is not None
