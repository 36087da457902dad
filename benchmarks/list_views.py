"""What the benchmark of the list asks for: as whom, and narrowed how."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Narrowing = tuple[dict[str, Any], dict[str, Any]]
"""A filter as the page is asked for it, and in the ORM's words."""


@dataclass
class View:
    """The list as *user* sees it under one filter: as it is asked for, and in the ORM's words."""

    name: str
    user: Any
    filters: dict[str, Any]
    conditions: dict[str, Any]


def views(seeded: Any) -> list[View]:
    from candidates.models import CaseStatus

    admin, hr = seeded.admin, seeded.hr
    busy, quiet = by_token(seeded.busy), by_token(seeded.quiet)
    common, rare = by_state(CaseStatus.COMPLETED), by_state(CaseStatus.ON_HOLD)
    package, small = of_package(seeded.package), of_package(seeded.rare)
    category, board = of_category(seeded.category), of_category(seeded.rare_category)
    tag, urgent = tagged(seeded.tag), tagged(seeded.rare_tag)
    week, old_week, always = last_days(7), last_days(7, until=300), last_days(4000)
    some = by_words("candidate 12", "name")
    people = ({"added_by": "people"}, {"added_through": None})
    programs = ({"added_by": "api"}, {"added_through__isnull": False})
    by_hand = {"added_by": hr, "added_through": None}
    return [
        View("all", admin, {}, {}),
        View("state, 8 in 10", admin, *common),
        View("state, 100 rows", admin, *rare),
        View("token, 4 in 10", admin, *busy),
        View("token, 100 rows", admin, *quiet),
        View("person", admin, {"added_by": f"user-{hr.pk}"}, by_hand),
        View("people", admin, *people),
        View("API", admin, *programs),
        View("package", admin, *package),
        View("package, 100 rows", admin, *small),
        View("common token, state", admin, *both(busy, common)),
        View("rare token, common state", admin, *both(quiet, common)),
        View("common token, rare state", admin, *both(busy, rare)),
        View("rare token, package", admin, *both(quiet, package)),
        View("rare package, state", admin, *both(small, common)),
        View("category, 3 in 7", admin, *category),
        View("category, 100 rows", admin, *board),
        View("tag, 1 in 3", admin, *tag),
        View("tag, 100 rows", admin, *urgent),
        View("last week", admin, *week),
        View("an old week", admin, *old_week),
        View("all days", admin, *always),
        View("category and state", admin, *both(category, common)),
        View("rare category, state", admin, *both(board, common)),
        View("tag and state", admin, *both(tag, common)),
        View("rare tag, state", admin, *both(urgent, common)),
        View("tag and category", admin, *both(tag, category)),
        View("tag and token", admin, *both(tag, busy)),
        View("all days, state", admin, *both(always, common)),
        View("all days, rare state", admin, *both(always, rare)),
        View("all days, rare tag", admin, *both(always, urgent)),
        View("all days, tag", admin, *both(always, tag)),
        View("old week, package", admin, *both(old_week, package)),
        View("all, as HR", hr, {}, by_hand),
        View("category, as HR", hr, *both(category, ({}, by_hand))),
        View("tag, as HR", hr, *both(tag, ({}, by_hand))),
        View("all days, as HR", hr, *both(always, ({}, by_hand))),
        View("search name, 1,111 rows", admin, *by_words("candidate 123", "name")),
        View("search name, 11,111 rows", admin, *by_words("candidate 12", "name")),
        View("search name, all rows", admin, *by_words("candidate", "name")),
        View("search e-mail, 11,111 rows", admin, *by_words("candidate12", "email")),
        View("search phone, 10,000 rows", admin, *by_words("600012", "phone")),
        View("search phone, most rows", admin, *by_words("6000", "phone")),
        View("search name, 111,111 rows", admin, *by_words("candidate 1", "name")),
        View("search name and state", admin, *both(some, common)),
        View("search name and package", admin, *both(some, package)),
        View("search name and category", admin, *both(some, category)),
        View("search name and tag", admin, *both(some, tag)),
        View("search name, all days", admin, *both(some, always)),
        View("search name, token", admin, *both(some, busy)),
        View("search name, as HR", hr, *both(some, ({}, by_hand))),
    ]


def by_words(words: str, column: str) -> Narrowing:
    return {"q": words}, {f"{column}__istartswith": words}


def by_state(state: Any) -> Narrowing:
    return {"state": state.value}, {"case__status": state}


def by_token(token: Any) -> Narrowing:
    return {"added_by": token.public_id}, {"added_through": token}


def of_package(package: Any) -> Narrowing:
    return {"package": package.pk}, {"case__subtype__package": package}


def of_category(category: Any) -> Narrowing:
    return {"category": category.pk}, {"category": category}


def tagged(tag: Any) -> Narrowing:
    return {"tag": tag.pk}, {"tags": tag}


def last_days(count: int, until: int = 0) -> Narrowing:
    """*count* days, the last of them *until* days ago."""
    from django.utils import timezone

    from apitokens.views.history import midnight

    last = timezone.localdate() - timedelta(days=until)
    first = last - timedelta(days=count - 1)
    between = {
        "created_at__gte": midnight(first), "created_at__lt": midnight(last + timedelta(days=1))
    }  # fmt: skip
    return {"since": first.isoformat(), "until": last.isoformat()}, between


def both(one: Narrowing, other: Narrowing) -> Narrowing:
    return one[0] | other[0], one[1] | other[1]
