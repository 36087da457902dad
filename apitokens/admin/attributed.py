"""Who added a row, as a column and as a filter, for the ModelAdmin of any attributed model."""

import re
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from apitokens.attribution import adder_of
from apitokens.attribution.querysets import by_hand, by_token, by_tokens
from apitokens.attribution.rows import has_source
from apitokens.models import PUBLIC_ID, APIToken

PEOPLE, API = "people", "api"
TOKENS_OFFERED = 50
"""So many of the newest tokens stand in the filter; any other is reached by ``?added_by=tok_…``."""


class AttributedAdmin(admin.ModelAdmin):
    """Gives ``list_display`` the column ``adder``, in the list's one query."""

    act = "added"
    """What the model's columns say: ``added_by`` and ``added_through``."""

    def get_list_select_related(self, request):
        joined = super().get_list_select_related(request)
        if isinstance(joined, bool):
            keys = [field.name for field in self.opts.fields if field.many_to_one]
            joined = keys if joined else [name for name in keys if name in self.list_display]
        source = [f"{self.act}_from"] if has_source(self.model, self.act) else []
        return (*joined, f"{self.act}_by", f"{self.act}_through", *source)

    @admin.display(description=_("added by"))
    def adder(self, row):
        """Who added *row*; of a token that is gone, that it is."""
        actor = adder_of(row, self.act)
        if not getattr(actor.token or actor.source, "is_deleted", False):
            return format_html("<bdi>{}</bdi>", actor.label)
        return format_html("<bdi>{}</bdi> {}", actor.label, gettext("(deleted)"))


class AddedByFilter(admin.SimpleListFilter):
    """People, the API, or one token. What is none of these added nothing."""

    act = "added"
    parameter_name = "added_by"
    title = _("added by")

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        tokens = [(token.public_id, f"{token.label} – {token.owner}") for token in self.tokens()]
        return [
            (PEOPLE, pgettext("rows added by", "People")),
            (API, pgettext("rows added through", "The API")),
            *tokens,
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        if value == PEOPLE:
            return queryset.filter(*by_hand(queryset.model, self.act))
        if value == API:
            return queryset.filter(by_tokens(self.act))
        if value is None:
            return queryset
        token = self._asked()
        return queryset.filter(by_token(token, self.act)) if token else queryset.none()

    def tokens(self) -> list[APIToken]:
        """The newest that exist, and the one that is asked for."""
        existing = APIToken.objects.existing().select_related("owner").order_by("-pk")
        offered = list(existing[:TOKENS_OFFERED])
        asked = self._asked()
        return [*offered, asked] if asked and asked not in offered else offered

    def _asked(self) -> APIToken | None:
        """The token that ``?added_by=tok_…`` names."""
        value = self.value() or ""
        if not re.fullmatch(PUBLIC_ID, value, re.ASCII):
            return None
        return APIToken.objects.select_related("owner").filter(public_id=value).first()
