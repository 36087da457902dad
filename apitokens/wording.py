"""What an event's data says, in sentences: as HTML for the pages, as text for CSV."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apitokens.models import APITokenEvent

Say = Callable[..., str]
"""say(sentence, name=…) puts names and addresses, which people chose, into a sentence of ours."""


def plain(sentence: str, **values: Any) -> str:
    return sentence.format(**values)


def isolated(sentence: str, **values: Any) -> str:
    """HTML: each value is escaped and can't turn the sentence around it."""
    if not values:
        return conditional_escape(sentence)
    return format_html(sentence, **{k: format_html("<bdi>{}</bdi>", v) for k, v in values.items()})


def details_of(event: APITokenEvent, say: Say) -> list[str]:
    """Sentences on *event* beyond its kind; none where the kind says it all."""
    tell = SENTENCES.get(event.kind)
    return tell(event.data, say) if tell and isinstance(event.data, dict) else []


def _created(data: dict[str, Any], say: Say) -> list[str]:
    sentences = []
    if "lifetime" in data:
        sentences.append(_lifetime(data["lifetime"], say))
    if data.get("scope"):
        sentences.append(say(_("May {scopes}"), scopes=", ".join(data["scope"].split())))
    if data.get("networks"):
        networks = ", ".join(data["networks"].split())
        sentences.append(say(_("Works from {networks}"), networks=networks))
    return sentences


def _imported(data: dict[str, Any], say: Say) -> list[str]:
    sentences = [say(_("From {package}"), package=data["source"])] if data.get("source") else []
    if data.get("secret_ends_at"):
        day = _day(data["secret_ends_at"])
        sentences.append(say(_("The old secret works until {day}"), day=day))
    if data.get("expires_at"):
        sentences.append(say(_("Ends on {day}"), day=_day(data["expires_at"])))
    return sentences + _created({"scope": data.get("scope")}, say)


def _day(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "j M Y")


def _lifetime(seconds: int | None, say: Say) -> str:
    if seconds is None:
        return say(_("Never ends"))
    return say(_("Ends after {span}"), span=_span(seconds))


def _renamed(data: dict[str, Any], say: Say) -> list[str]:
    return [say(_("From “{name}”"), name=data["before"])] if data.get("before") else []


def _rotated(data: dict[str, Any], say: Say) -> list[str]:
    overlap = data.get("overlap")
    if overlap is None:
        return []
    if not overlap:
        return [say(_("The old one ended at once"))]
    return [say(_("The old one works for {span}"), span=_span(overlap))]


def _cut(data: dict[str, Any], say: Say) -> list[str]:
    sentences = []
    if count := data.get("credentials"):
        text = ngettext("{count} old credential ended", "{count} old credentials ended", count)
        sentences.append(say(text, count=count))
    if count := data.get("secrets"):
        text = ngettext("{count} old secret ended", "{count} old secrets ended", count)
        sentences.append(say(text, count=count))
    return sentences


def _taken_over(data: dict[str, Any], say: Say) -> list[str]:
    sentences = []
    if data.get("after_label"):
        sentences.append(say(_("Works as {person} from now on"), person=data["after_label"]))
    if data.get("before_label"):
        sentences.append(say(_("Worked as {person} before"), person=data["before_label"]))
    return sentences


def _limited(data: dict[str, Any], say: Say) -> list[str]:
    before, after = data.get("before") or {}, data.get("after") or {}
    old, new = _words(before, "scope"), _words(after, "scope")
    sentences = [say(_("Scope {name} added"), name=name) for name in new if name not in old]
    sentences += [say(_("Scope {name} removed"), name=name) for name in old if name not in new]
    old, new = _words(before, "networks"), _words(after, "networks")
    sentences += [say(_("Address {name} added"), name=name) for name in new if name not in old]
    sentences += [say(_("Address {name} removed"), name=name) for name in old if name not in new]
    if old and not new:
        sentences.append(say(_("Works from anywhere")))
    return sentences


def _words(limits: dict[str, Any], name: str) -> list[str]:
    return (limits.get(name) or "").split()


def _span(seconds: int) -> str:
    """7 days, 24 h, 10 min; seconds where nothing larger fits."""
    if seconds > 86400 and seconds % 86400 == 0:
        return ngettext("%(n)s day", "%(n)s days", seconds // 86400) % {"n": seconds // 86400}
    if seconds % 3600 == 0:
        return _("%(n)s h") % {"n": seconds // 3600}
    if seconds % 60 == 0:
        return _("%(n)s min") % {"n": seconds // 60}
    return _("%(n)s s") % {"n": seconds}


SENTENCES: dict[str, Callable[[dict[str, Any], Say], list[str]]] = {
    "created": _created,
    "imported": _imported,
    "renamed": _renamed,
    "limited": _limited,
    "rotated": _rotated,
    "cut": _cut,
    "taken-over": _taken_over,
}
