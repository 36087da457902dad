"""Moments and spans in words, who added a row, and who could take a token over.

``{% load apitokens %}``: the pages' filters, and ``{% added_by object %}`` for the host's own.
"""

from copy import copy
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django import template
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.translation import gettext, ngettext

from apitokens.attribution import adder_of, label_of
from apitokens.models import APIToken
from apitokens.ownership import managed_owner
from apitokens.policy import get_policy

register = template.Library()

HOUR = timedelta(hours=1)


@register.inclusion_tag("apitokens/_added_by.html", takes_context=True)
def added_by(context: Any, row: Any, act: str = "added", icon: bool = True) -> dict[str, Any]:
    """Who added an attributed *row*; whoever manages its token gets a link to more about it.

    Join by ``with_adder()`` in lists: then it makes no query of its own.
    """
    actor = adder_of(row, act)
    return {
        "label": conditional_escape(actor.label),  # whatever the template around it says
        "token": actor.token,
        "source": actor.source,
        "deleted": bool(getattr(actor.token or actor.source, "is_deleted", False)),
        "url": _added_url(context.get("request"), actor.token)
        or _source_url(context.get("request"), actor.source),
        "icon": icon,
    }


def _added_url(request: Any, token: APIToken | None) -> str | None:
    """Where to see more about a living *token*, for those who may; None: nowhere."""
    if request is None or token is None or token.is_deleted:
        return None
    owner = managed_owner(request)
    if owner is None or owner.pk != token.owner_id:
        return None
    return get_policy().added_url(token)


def _source_url(request: Any, source: Any | None) -> str | None:
    """Where the host shows more about a *source* to whoever looks; None: nowhere."""
    url_for = getattr(source, "url_for", None)
    return None if request is None or url_for is None else url_for(request.user)


@register.simple_tag
def site_root() -> str:
    """Where the project begins: ``/``, or the prefix that its server gives it."""
    return get_script_prefix()


@register.filter
def person(user: Any | None) -> str:
    """What the policy calls *user*; None is nobody known."""
    return label_of(user, None)


@register.simple_tag(takes_context=True)
def would_work_as_viewer(context: dict, token: APIToken) -> bool:
    """Whether stopped *token* would work again if it acted as the person who looks at it."""
    taken = copy(token)
    taken.user = context["view"].request.user
    return token.state == "stopped" and taken.stop_reason is None


@register.filter
def day(moment: datetime) -> str:
    """24 Nov 2026"""
    return date_format(timezone.localtime(moment), "j M Y")


@register.filter
def moment(moment: datetime) -> str:
    """24 Nov 2026, 16:30"""
    return date_format(timezone.localtime(moment), "j M Y, H:i")


@register.filter
def weekday_moment(moment: datetime) -> str:
    """Tue 24 Nov 2026, 16:30"""
    return date_format(timezone.localtime(moment), "D j M Y, H:i")


@register.filter
def near_moment(moment: datetime) -> str:
    """Today, 16:30; or Wed 25 Nov, 15:30: for what is days away at most."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return gettext("today, %(time)s") % {"time": date_format(local, "H:i")}
    return date_format(local, "D j M, H:i")


@register.filter
def short_day(moment: datetime) -> str:
    """18 Nov; with the year unless it is this one."""
    local = timezone.localtime(moment)
    return date_format(local, "j M" if local.year == timezone.localdate().year else "j M Y")


@register.filter
def long_time(span: timedelta) -> str:
    """A span in a sentence: 1 hour 30 minutes."""
    return long_span(span)


@register.filter
def ago(moment: datetime) -> str:
    """How long ago, in the middle of a sentence; the day itself before yesterday."""
    return ago_from(moment, timezone.now())


@register.filter
def time_left(moment: datetime) -> str:
    """Until then, for a badge: 42 min, 3 h."""
    return short_span(moment - timezone.now())


@register.filter
def span_until(moment: datetime) -> str:
    """Until then, in a sentence: 1 hour, 1 hour 30 minutes."""
    return long_span(moment - timezone.now())


def ago_from(moment: datetime, now: datetime) -> str:
    """*moment* as seen at *now*: just now, 2 minutes ago, yesterday, 23:00, 18 Nov 2026."""
    if now - moment < HOUR:
        return minutes_ago(max(0, int((now - moment).total_seconds() // 60)))
    days = (timezone.localtime(now).date() - timezone.localtime(moment).date()).days
    if days == 0:
        return hours_ago((now - moment) // HOUR)
    if days == 1:
        time = date_format(timezone.localtime(moment), "H:i")
        return gettext("yesterday, %(time)s") % {"time": time}
    return day(moment)


def minutes_ago(count: int) -> str:
    if count == 0:
        return gettext("just now")
    text = ngettext("%(count)s minute ago", "%(count)s minutes ago", count)
    return text % {"count": count}


def hours_ago(count: int) -> str:
    return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}


def short_span(span: timedelta) -> str:
    """*span* in whole minutes up to an hour (never 0), in whole hours up to two days, in days."""
    minutes = max(1, ceil(span.total_seconds() / 60))
    if minutes <= 60:
        return gettext("%(count)s min") % {"count": minutes}
    hours = round(minutes / 60)
    if hours <= 48:
        return gettext("%(count)s h") % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def long_span(span: timedelta) -> str:
    """*span* in hours and minutes, rounded up to the minute (never 0)."""
    hours, minutes = divmod(max(1, ceil(span.total_seconds() / 60)), 60)
    parts = [
        ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours},
        ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes},
    ]
    return " ".join(part for part, count in zip(parts, (hours, minutes), strict=True) if count)
