"""Rows by who added them: the filters of pages, admin and API, for every attributed model.

*act* is what the columns say: ``added`` for ``added_by`` and ``added_through``, and ``added_from``
where the model has a source.
"""

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.lookups import Exact, IsNull

from apitokens.attribution.rows import has_source
from apitokens.models import APIToken


def by_people(act: str = "added") -> IsNull:
    return IsNull(F(f"{act}_through"), True)


def by_hand(model: Any, act: str = "added") -> list[IsNull]:
    """As above, and from no source either, where *model* has one."""
    source = [IsNull(F(f"{act}_from"), True)] if has_source(model, act) else []
    return [by_people(act), *source]


def by_tokens(act: str = "added") -> IsNull:
    return IsNull(F(f"{act}_through"), False)


def by_token(token: APIToken, act: str = "added") -> Exact:
    """By column: ``filter(added_through=token)`` would make a list's LEFT JOIN an inner one.

    SQLite begins with the smallest table that is joined so, then sorts all that matches.
    """
    return Exact(F(f"{act}_through"), token.pk)


def by_person(key: Any, act: str = "added") -> Exact:
    """By column, as above; together with ``by_people``, for what a token adds is the token's."""
    return Exact(F(f"{act}_by"), key)


class AttributedQuerySet(QuerySet[Any]):
    def with_adder(self, act: str = "added") -> "AttributedQuerySet":
        """Join what the label and ``{% added_by %}`` read: no query a row."""
        source = [f"{act}_from"] if has_source(self.model, act) else []
        return self.select_related(f"{act}_by", f"{act}_through", *source)

    def added_through(self, token: APIToken, act: str = "added") -> "AttributedQuerySet":
        """Those that this token added, deleted or not."""
        return self.filter(by_token(token, act))

    def added_by_tokens(self, act: str = "added") -> "AttributedQuerySet":
        """Those that any token added."""
        return self.filter(by_tokens(act))

    def added_by_people(self, act: str = "added") -> "AttributedQuerySet":
        """Those that no token added, and no source."""
        return self.filter(*by_hand(self.model, act))

    def added_by_person(self, person: Any, act: str = "added") -> "AttributedQuerySet":
        """Those that *person*, a user or its key, added by hand: not what a token added as them."""
        key = getattr(person, "pk", person)
        return self.filter(by_person(key, act), *by_hand(self.model, act))
