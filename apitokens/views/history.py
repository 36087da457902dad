"""The owner's history, filtered, page by page or as CSV. Deleted tokens' events stand there too."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import BadRequest
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apitokens.history import ForgedCursor, csv_rows, page_of
from apitokens.models import PUBLIC_ID, APIToken, APITokenEvent
from apitokens.spreadsheets import csv_lines
from apitokens.views.base import ManagePage

LOOKED_AT = 1000
"""So many of the newest events say whom and which tokens the filters offer."""

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class DayField(forms.DateField):
    def __init__(self, label):
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"])

    def clean(self, value):
        day = super().clean(value)
        return day if day and EARLIEST <= day <= LATEST else None


class BetweenDays(forms.Form):
    """What a history is narrowed to; what nothing could match by its form narrows nothing."""

    since = DayField(_("From"))
    until = DayField(_("To"))

    @property
    def narrowing(self):
        """The valid and non-empty conditions."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def instants(self):
        """The days as conditions on ``at``: both belong to it wholly."""
        given, found = self.narrowing, {}
        if "since" in given:
            found["at__gte"] = midnight(given["since"])
        if "until" in given:
            found["at__lt"] = midnight(given["until"] + timedelta(days=1))
        return found


class HistoryFilter(BetweenDays):
    kind = forms.ChoiceField(
        required=False, choices=[("", _("Any event")), *APITokenEvent.Kind.choices]
    )
    who = forms.CharField(required=False, max_length=254)
    token = forms.RegexField(rf"^{PUBLIC_ID}\Z", required=False)

    def narrow(self, events):
        given, events = self.narrowing, events.filter(**self.instants)
        if "kind" in given:
            events = events.filter(kind=given["kind"])
        if "token" in given:
            events = events.filter(token_public_id=given["token"])
        return events.by(given["who"]) if "who" in given else events


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


class HistoryPage(ManagePage):
    """Newest first, 25 a page."""

    @property
    def back_url(self):
        return reverse("apitokens:list")

    def get(self, request, *args, **kwargs):
        try:
            page = page_of(
                self.events, after=request.GET.get("after"), before=request.GET.get("before")
            )
        except ForgedCursor as error:
            raise BadRequest("no such page") from error
        return self.render(
            "apitokens/history.html",
            events=page.lines,
            filters=self.filters,
            narrowing=self.narrowing,
            csv_url=self.address("history-csv"),
            newer_url=self.address(before=page.newer) if page.newer else "",
            older_url=self.address(after=page.older) if page.older else "",
            show_token=True,
            **self.choices(),
        )

    @cached_property
    def filters(self):
        return HistoryFilter(self.request.GET)

    @property
    def events(self):
        return self.filters.narrow(APITokenEvent.objects.for_owner(self.owner))

    @cached_property
    def narrowing(self):
        return {name: str(value) for name, value in self.filters.narrowing.items()}

    def address(self, page="history", **cursor):
        """Of *page* under the same filters."""
        return reverse(f"apitokens:{page}", query={**self.narrowing, **cursor})

    def choices(self):
        """Whom and which tokens the filters offer, by the newest events."""
        newest = APITokenEvent.objects.for_owner(self.owner).order_by("-pk")
        fields = ("actor_id", "actor_label", "token_public_id", "token_name")
        people, tokens = {}, {}
        for actor, label, public_id, name in newest.values_list(*fields)[:LOOKED_AT]:
            tokens.setdefault(public_id, name)
            if label and label != APIToken(name=name).label:
                people.setdefault(actor or label, label)
        return {"people": by_label(people), "tokens": by_label(tokens)}


def by_label(names):
    return sorted(names.items(), key=lambda item: item[1].casefold())


class HistoryExport(HistoryPage):
    """The same events as CSV, streamed."""

    def get(self, request, *args, **kwargs):
        response = StreamingHttpResponse(
            csv_lines(csv_rows(self.events)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="api-token-history.csv"'
        return response
