"""Pages of tokens by key, and of a token's history by number: bounded work on each."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from apitokens.api.bodies import BAD
from apitokens.conf import conf
from apitokens.models import PUBLIC_ID, APIToken

LONGEST_PAGE = 100
LOOKED_AT = 500
"""Rows that one page looks at in search of a state; the next page goes on from there."""

STATES = ("expired", "stopped", "suspended", "ending", "unending")
LONGEST_NAME = 64
ID = re.compile(PUBLIC_ID, re.ASCII)
WHOLE = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the query parameters of the page after it, or None: the last."""

    rows: list[Any]
    next: dict[str, str] | None


def page_of_tokens(tokens: Any, owner: Any, query: Any) -> Page:
    """*tokens* of *owner*, newest first; *query* has ``name``, ``state``, ``after``, ``limit``."""
    limit, state = _length(query), _state(query)
    rows = tokens.order_by("-pk")
    if name := _name(query):
        rows = rows.filter(name__icontains=name)
    if after := query.get("after"):
        rows = rows.filter(pk__lt=_key(owner, after))
    seen = list(_likely(rows, state)[: (LOOKED_AT if state else limit) + 1])
    found = [token for token in seen if state in (None, token.state)]
    if len(found) > limit:
        return Page(found[:limit], {"after": found[limit - 1].public_id})
    if state and len(seen) > LOOKED_AT:
        return Page(found, {"after": seen[-1].public_id})
    return Page(found, None)


def page_of_events(events: Any, query: Any) -> Page:
    """*events* newest first. Counted from the first, they keep their numbers: none goes away."""
    limit, end = _length(query), events.count()
    if "before" in query:
        end = min(end, _whole(query, "before") - 1)
    start = max(0, end - limit)
    rows = list(events.order_by("pk")[start:end]) if end > 0 else []
    return Page(rows[::-1], {"before": str(start + 1)} if start else None)


def _likely(rows: Any, state: str | None) -> Any:
    """Without most of the rows that aren't in *state*; ``token.state`` itself has the last word."""
    match state:
        case "expired":
            return rows.expired()
        case "suspended":
            return rows.exclude(suspended_at=None)
        case "ending":
            return rows.filter(
                credentials__ends_at=None, credentials__expires_at__gt=timezone.now()
            )
        case "unending":
            return rows.filter(credentials__ends_at=None, credentials__expires_at=None)
    return rows


def _key(owner: Any, public_id: str) -> Any:
    """Of any token of the same owner, deleted meanwhile or not."""
    owners = APIToken.objects.for_owner(owner)
    known = ID.fullmatch(public_id) and owners.filter(public_id=public_id)
    key = known.values_list("pk", flat=True).first() if known else None
    return key if key is not None else _refuse("after", _("No page of ours ends with this."))


def _name(query: Any) -> str:
    name: str = query.get("name", "")
    if len(name) > LONGEST_NAME or BAD.search(name):
        _refuse("name", _("Send up to 64 visible characters."))
    return name


def _length(query: Any) -> int:
    if "limit" not in query:
        return conf.page_size
    return min(_whole(query, "limit"), LONGEST_PAGE)


def _state(query: Any) -> str | None:
    state: str | None = query.get("state")
    if state is None or state in STATES:
        return state
    return _refuse("state", _("Choose one of %s.") % ", ".join(STATES))


def _whole(query: Any, name: str) -> int:
    if not WHOLE.fullmatch(query[name]):
        return _refuse(name, _("Send a whole number from 1."))
    return int(query[name])


def _refuse(name: str, text: str) -> Any:
    raise ValidationError({name: [text]})
