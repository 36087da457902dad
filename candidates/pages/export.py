"""Export cases: a range of days, and the kind of file. What one may see, and nothing else."""

from datetime import timedelta

from django import forms
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from accounts.security.audit import record
from accounts.security.models import SecurityEvent
from apitokens.attribution import actor_of
from candidates.exports.files import MOST_ROWS, csv_of, xlsx_of
from candidates.exports.rows import cases_of, table_of
from candidates.pages.base import CompanyPage
from candidates.pages.days import BEFORE_THE_FIRST, are_in_order, day_field
from candidates.visibility import sees_progress

XLSX, CSV = "xlsx", "csv"
CONTENT_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
USUAL = timedelta(days=29)
"""Before today: thirty days are offered."""


TOO_MANY = _("A workbook holds %(most)d cases and these are %(count)d: choose CSV, or fewer days")


class ExportForm(forms.Form):
    """Which of the cases that *user* sees, as what. A Recruiter, who is told no dates, gets all."""

    since = day_field(_("Added from"))
    until = day_field(_("To"), help_text=_("This day included"))
    kind = forms.ChoiceField(
        label=_("File"),
        choices=[(XLSX, _("Excel workbook (XLSX)")), (CSV, _("CSV in UTF-8, for other programs"))],
        widget=forms.RadioSelect,
        initial=XLSX,
        error_messages={
            name: _("Choose one of the two kinds") for name in ("required", "invalid_choice")
        },
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if not sees_progress(user):
            del self.fields["since"], self.fields["until"]

    def clean(self):
        data = super().clean()
        if not are_in_order(data.get("since"), data.get("until")):
            self.add_error("until", BEFORE_THE_FIRST)
        if not self.errors:
            self.count = self.rows.count()
            self.clean_count()
        return data

    def clean_count(self):
        if self.cleaned_data["kind"] == XLSX and self.count > MOST_ROWS:
            self.add_error("kind", TOO_MANY % {"most": MOST_ROWS, "count": self.count})

    @property
    def days(self):
        """The range, or nothing for a Recruiter."""
        given = {name: self.cleaned_data.get(name) for name in ("since", "until")}
        return {name: day for name, day in given.items() if day}

    @property
    def rows(self):
        return cases_of(self.user, **self.days)

    @property
    def filename(self):
        days = [day.isoformat() for day in self.days.values()]
        return "-".join(["cases", *days]) + f".{self.cleaned_data['kind']}"


class Export(CompanyPage, FormView):
    """The form by GET, the file by POST. Every file stands in the company's security history."""

    template_name = "candidates/export.html"
    form_class = ExportForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        today = timezone.localdate()
        return {"since": today - USUAL, "until": today}

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def form_valid(self, form):
        response = answer(form)
        response["Content-Disposition"] = f'attachment; filename="{form.filename}"'
        add_never_cache_headers(response)
        self.record(form)
        return response

    def record(self, form):
        actor = actor_of(self.request)
        days = {name: day.isoformat() for name, day in form.days.items()}
        record(
            actor.user.company_id, SecurityEvent.Kind.EXPORTED, actor=actor.user,
            address=actor.address, cases=form.count, file=form.cleaned_data["kind"], **days,
        )  # fmt: skip


def answer(form):
    """The file: CSV while it is being made, a workbook when it is whole."""
    kind = form.cleaned_data["kind"]
    table = table_of(form.user, form.rows)
    if kind == CSV:
        return StreamingHttpResponse(csv_of(table), content_type=CONTENT_TYPES[CSV])
    return FileResponse(xlsx_of(table), content_type=CONTENT_TYPES[XLSX])
