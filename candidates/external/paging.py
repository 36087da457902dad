"""Pages of candidates, newest first: by offset, or after a cursor: as quick at any depth."""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer

from candidates.external.errors import INVALID, Fault, Problem
from candidates.external.query import MAXIMUM_ID, whole

PAGE, LONGEST_PAGE, LAST_OFFSET = 25, 100, 1_000_000
LONGEST_CURSOR = 200
CURSOR = "^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$"


class Paging(NamedTuple):
    """What was asked: *limit* rows, after the row *after* or after *offset* others."""

    limit: int
    offset: int | None
    after: int | None


def paging_of(query: dict[str, str], company: Any) -> Paging:
    """``limit``, ``offset`` and ``cursor``; a limit above the longest page is cut."""
    limit = whole(query, "limit", least=1, most=MAXIMUM_ID, default=PAGE)
    offset = after = None
    if "offset" in query:
        offset = whole(query, "offset", least=0, most=LAST_OFFSET, default=0)
    if "cursor" in query:
        after = read_cursor(query["cursor"], company)
    if None not in (offset, after):
        raise Problem(INVALID, Fault("cursor", "Send either cursor or offset."))
    return Paging(min(limit, LONGEST_PAGE), offset, after)


def keys_of(paging: Paging, candidates: Any) -> tuple[list[int], bool]:
    """The primary keys of the page, and whether more follow. No row is joined that is skipped."""
    if paging.after is not None:
        candidates = candidates.filter(pk__lt=paging.after)
    first = paging.offset or 0
    keys = candidates.order_by("-pk").values_list("pk", flat=True)
    found = list(keys[first : first + paging.limit + 1])
    return found[: paging.limit], len(found) > paging.limit


def cursor_after(pk: int, company: Any) -> str:
    return _signer(company).sign_object(pk)


def read_cursor(cursor: str, company: Any) -> int:
    """The key after which the page begins. Raises Problem for what isn't ours and unchanged."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise BadSignature
        return _signer(company).unsign_object(cursor)
    except BadSignature:
        fault = Fault("cursor", "Send next_cursor of the page before, unchanged.")
        raise Problem(INVALID, fault) from None


def _signer(company: Any) -> Signer:
    """A cursor of another company is as good as a forged one."""
    return Signer(salt=f"candidates.external.cursor.{company.pk}")
