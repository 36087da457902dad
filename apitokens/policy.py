"""TokenPolicy: the one seam between tokens and the host project.

Subclass it, override what differs, and name the subclass in ``APITOKENS_POLICY``.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apitokens.conf import conf

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from apitokens.models import APIToken


class TokenPolicy:
    """Who owns, manages and acts through tokens. These defaults: every user, for themselves."""

    select_related: tuple[str, ...] = ()
    """Relations of APIToken that ``stop_reason`` reads, joined into the one query of a request."""

    defer: tuple[str, ...] = ()
    """Columns, as lookups from APIToken (``user__password``), that no request needs: left out of
    the one query, where each costs time, and loaded when somebody asks for them."""

    def owner_for(self, request: HttpRequest) -> Any | None:
        """The account whose tokens this signed-in person sees, or None: no page for them."""
        return request.user if request.user.is_authenticated else None

    def can_manage(self, user: Any, owner: Any) -> bool:
        """Whether *user* may make, copy, rename and delete *owner*'s tokens."""
        return bool(user.is_active and user == owner)

    def stop_reason(self, token: "APIToken") -> str | None:
        """Why a token that neither expired nor was deleted doesn't work, in words, or None.

        Asked on every request: it reads joined rows only and makes no query.
        """
        if token.user is None:
            return gettext("The person it acted as is gone")
        if not token.user.is_active:
            return gettext("%(user)s is disabled") % {"user": token.user}
        if not self.can_manage(token.user, token.owner):
            return gettext("%(user)s may no longer manage these tokens") % {"user": token.user}
        return None

    def admins(self, owner: Any) -> Iterable[Any]:
        """The users who manage *owner*'s tokens, to be told and asked."""
        return [owner]

    def usage(self, token: "APIToken") -> tuple[int, str] | None:
        """How many rows were made through *token* (capped) and where to see them, or None."""
        return None

    def usage_text(self, token: "APIToken", count: int) -> str:
        """One sentence on *count* rows, for the delete dialog."""
        text = ngettext(
            "%(count)s row was made through it.", "%(count)s rows were made through it.", count
        )
        return text % {"count": count}

    def usage_label(self, count: int) -> str:
        """What *count* rows are called, for the token's page."""
        return ngettext("%(count)s row", "%(count)s rows", count) % {"count": count}

    def person_label(self, user: Any) -> str:
        """What *user* is called on the pages, and where they added a row themselves."""
        full_name = getattr(user, "get_full_name", None)
        return (full_name() if full_name else "") or str(user)

    nobody = _("Deleted user")
    """What stands where nobody is known: the person was deleted, or the row is from before."""

    def added_url(self, token: "APIToken") -> str | None:
        """Where ``{% added_by %}`` leads those who manage *token*; None: nowhere."""
        try:
            return reverse("apitokens:detail", args=[token.public_id])
        except NoReverseMatch:
            return None

    def role(self, user: Any) -> str:
        """What *user* is to the owner, in a word or two, for the token's page; "": nothing."""
        return ""

    def purpose(self, owner: Any) -> str:
        """One sentence at the top of the page: what a token lets a program do."""
        return gettext("A token lets another program act as %(owner)s.") % {"owner": owner}

    def reauthenticate_url(self, request: HttpRequest) -> str | None:
        """Where to ask for the password again, or None: never asked."""
        return None

    def max_lifetime(self, owner: Any) -> timedelta | None:
        """The longest lifetime allowed, or None: never-ending tokens too."""
        return None

    def max_tokens(self, owner: Any) -> int | None:
        """How many live tokens an owner may have, or None."""
        return None

    empty_text: "str | StrPromise" = _(
        "Generate a token to call the API from your own program. "
        "You choose how long it works, and you can delete it at any time."
    )
    """What the page says while there are no tokens."""


@lru_cache(maxsize=8)
def _load(path: str) -> TokenPolicy:
    policy: TokenPolicy = import_string(path)()
    return policy


def get_policy() -> TokenPolicy:
    """The host's policy; one instance a process, so it keeps no state of a request."""
    return _load(conf.policy)
