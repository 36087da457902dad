"""A candidate's log on its page: narrowed by person and kind, page by page."""

from django import forms
from django.db.models import Case, IntegerField, Max, Q, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from candidates.models import LogEntry
from candidates.pages.adders import select
from candidates.pages.paging import paginate
from candidates.visibility import visible_kinds, visible_log

LOG_SHOWN = 100
"""Lines on a page; an ordinary case has a dozen."""
CANDIDATE, OPERATIONS, NOBODY = "candidate", "operations", "nobody"
AUTOMATIC = Case(
    When(data__has_key="automatic", then=Value(1)), default=Value(0), output_field=IntegerField()
)


def key_of(entry):
    """By which the filter finds whoever ``entry.who`` names."""
    if entry.by_candidate:
        return CANDIDATE
    if entry.added_through is not None:
        return entry.added_through.public_id
    if entry.added_from is not None:
        return f"source-{entry.added_from_id}"
    if entry.is_automatic or (entry.added_by is not None and entry.added_by.is_staff):
        return OPERATIONS
    return NOBODY if entry.added_by is None else f"user-{entry.added_by_id}"


def lines_of(key):
    """The condition for what *key*, one that key_of makes, did."""
    by_hand = Q(by_candidate=False, added_through=None, added_from=None)
    match key:
        case "candidate":
            return Q(by_candidate=True)
        case "operations":
            return by_hand & (Q(added_by__is_staff=True) | Q(data__has_key="automatic"))
        case "nobody":
            return by_hand & Q(added_by=None) & ~Q(data__has_key="automatic")
    if key.startswith("user-"):
        return by_hand & Q(added_by=key.removeprefix("user-"))
    if key.startswith("source-"):
        return Q(added_from=key.removeprefix("source-"))
    return Q(added_through__public_id=key)


class LogFilter(forms.Form):
    """Offers who and what is in the lines that the viewer may see; all else narrows nothing."""

    who = forms.ChoiceField(required=False, widget=select(_("Who")))
    kind = forms.ChoiceField(required=False, widget=select(_("What")))

    def __init__(self, data, *, candidate, user):
        super().__init__(data)
        self.log, self.candidate = visible_log(candidate, user), candidate
        self.fields["who"].choices = [("", _("Anyone")), *self.people.items()]
        self.fields["kind"].choices = [("", _("Any change")), *visible_kinds(user)]

    @cached_property
    def people(self):
        """Who did something, newest first: {key: name}; one query for a log of any length."""
        groups = self.log.order_by().annotate(automatic=AUTOMATIC)
        groups = groups.values(
            "by_candidate", "added_by", "added_through", "added_from", "automatic"
        )
        newest = groups.annotate(last=Max("pk")).values("last")
        entries = LogEntry.objects.filter(pk__in=newest).select_related("candidate").with_adder()
        return {key_of(entry): entry.who for entry in entries.order_by("-pk")}

    @cached_property
    def narrowing(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def page(self, cursor):
        rows = self.narrowed().with_adder().select_related("candidate")
        return paginate(rows, cursor, size=LOG_SHOWN)

    def narrowed(self):
        log = self.log
        if kind := self.narrowing.get("kind"):
            log = log.filter(kind=kind)
        if who := self.narrowing.get("who"):
            log = log.filter(lines_of(who))
        return log
