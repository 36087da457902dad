"""The company's security history: filtered, page by page, or as CSV."""

from django import forms
from django.core.exceptions import BadRequest
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.security.history import TOKEN, History, csv_rows
from accounts.security.models import SecurityEvent
from accounts.security.views.base import SettingsPage
from apitokens.history import ForgedCursor
from apitokens.spreadsheets import csv_lines
from apitokens.views.history import BetweenDays

KINDS = [("", _("Any setting")), *SecurityEvent.Kind.choices, (TOKEN, _("API token"))]


class HistoryFilter(BetweenDays):
    kind = forms.ChoiceField(required=False, choices=KINDS)
    who = forms.RegexField(r"^[0-9]{1,18}\Z", required=False)

    def narrow(self, history):
        given, history = self.narrowing, history.between(**self.instants)
        if "kind" in given:
            history = history.of_kind(given["kind"])
        if "who" in given:
            history = history.with_person(given["who"])
        return history


class SecurityHistory(SettingsPage):
    """Newest first, 25 a page."""

    template_name = "security_settings/history.html"
    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        try:
            page = self.history.page(
                after=request.GET.get("after"), before=request.GET.get("before")
            )
        except ForgedCursor as error:
            raise BadRequest("no such page") from error
        return self.render(
            page=page,
            kinds=KINDS,
            people=User.objects.filter(company=self.company).order_by("name", "pk"),
            narrowing=self.narrowing,
            csv_url=self.address("history-csv"),
            newer_url=self.address(before=page.newer) if page.newer else "",
            older_url=self.address(after=page.older) if page.older else "",
        )

    @cached_property
    def filters(self):
        return HistoryFilter(self.request.GET)

    @property
    def history(self):
        return self.filters.narrow(History.of(self.company))

    @cached_property
    def narrowing(self):
        return {name: str(value) for name, value in self.filters.narrowing.items()}

    def address(self, page="history", **cursor):
        """Of *page* under the same filters."""
        return reverse(f"security:{page}", query={**self.narrowing, **cursor})


class SecurityHistoryExport(SecurityHistory):
    """The same lines as CSV, streamed."""

    def get(self, request, *args, **kwargs):
        response = StreamingHttpResponse(
            csv_lines(csv_rows(self.history)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="security-history.csv"'
        return response
