"""Those who came in and could not become candidates: why, what can be done, and what was."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.encryption import Unreadable
from candidates.pages.base import PagedByKey
from candidates.pages.paging import PAGE_SIZE, paginate
from candidates.validators import validate_plain_text
from integrations.inbound import editing
from integrations.inbound.exceptions import RemoteError
from integrations.inbound.forms import EditForm
from integrations.inbound.views.base import IntegrationsPage
from integrations.models import Connection, ImportedRecord
from integrations.models.inbound import CONNECTION_ID

Reason = ImportedRecord.Reason
LOOKS = {
    Reason.PHONE: ("orange", "telephone"), Reason.DETAILS: ("orange", "pencil-square"),
    Reason.PACKAGE: ("yellow", "sliders"), Reason.CREDITS: ("orange", "wallet-fill"),
    Reason.DUPLICATE: ("grey", "copy"),
}  # fmt: skip


def select(label):
    return forms.Select(attrs={"class": "form-select", "aria-label": label})


class ConnectionField(forms.ModelChoiceField):
    """By public id; what none can be is as unknown as another company's."""

    def to_python(self, value):
        if value and not re.fullmatch(CONNECTION_ID, value, re.ASCII):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class AttentionFilter(forms.Form):
    """Unknown values narrow nothing."""

    q = forms.CharField(
        required=False, max_length=120, validators=[validate_plain_text],
        widget=forms.TextInput(attrs={
            "type": "search", "class": "form-control",
            "placeholder": gettext_lazy("Name, e-mail or id"),
            "aria-label": gettext_lazy("Name, e-mail or id"),
        }),
    )  # fmt: skip
    connection = ConnectionField(
        Connection.objects.none(), required=False, to_field_name="public_id",
        empty_label=gettext_lazy("Any connection"), widget=select(gettext_lazy("Connection")),
    )  # fmt: skip
    reason = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("Any reason")), *Reason.choices],
        widget=select(gettext_lazy("Reason")),
    )  # fmt: skip

    def __init__(self, data, *, company):
        super().__init__(data)
        connections = Connection.objects.for_company(company).select_related("source")
        self.fields["connection"].queryset = connections

    @property
    def narrowing(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self):
        return {name: self.data.get(name) for name in self.narrowing}

    def narrow(self, rows):
        narrowing = dict(self.narrowing)
        text = narrowing.pop("q", "")
        return (editing.found(rows, text) if text else rows).filter(**narrowing)


class Records(PagedByKey, IntegrationsPage):
    """A list that is narrowed by a filter and read page by page."""

    def listed(self, rows, **kwargs):
        filters = self.filters(self.request.GET)
        page = paginate(filters.narrow(rows), self.cursor)
        return {
            "filters": filters,
            "narrowed": bool(filters.narrowing),
            "page": page.rows,
            "previous_url": page.previous and self.page_url(filters.query | page.previous),
            "next_url": page.next and self.page_url(filters.query | page.next),
            "page_size": PAGE_SIZE,
            **kwargs,
        }

    def filters(self, data):
        return AttentionFilter(data, company=self.company)

    def page_url(self, parameters):
        query = QueryDict(mutable=True)
        query.update(parameters)
        return f"{self.request.path}?{query.urlencode()}"


class Attention(Records):
    template_name = "integrations/inbound/attention.html"

    def get_context_data(self, **kwargs):
        listed = self.listed(editing.waiting_for(self.company).select_related("other"), **kwargs)
        rows = [(row, *LOOKS[row.reason]) for row in listed["page"]]
        return super().get_context_data(rows=rows, **listed)


class Ended(Records):
    """Who was dismissed or added after all: of the first the id alone is known."""

    template_name = "integrations/inbound/ended.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.listed(editing.ended_for(self.company), **kwargs))

    def filters(self, data):
        filters = super().filters(data)
        del filters.fields["reason"]
        return filters


class RetryAll(IntegrationsPage):
    """Whoever the filter shows, by the worker: they may be many."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        filters = AttentionFilter(request.POST, company=self.company)
        count = editing.retry_all(filters.narrow(editing.waiting_for(self.company)))
        text = ngettext("%d is tried again in a moment.", "%d are tried again in a moment.", count)
        messages.success(request, text % count)
        return redirect("connections:attention")


class RecordPage(IntegrationsPage):
    """About one that waits; 404 for another company's, and for one that waits no more."""

    @property
    def row(self):
        rows = editing.waiting_for(self.company).select_related("connection__company", "other")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def told(self, row):
        """Back to the list, which says what became of them."""
        name = row.name
        if row.state == row.State.ADDED:
            messages.success(self.request, _("%s is added.") % row.candidate)
        elif row.waits:
            text = _("%(name)s still waits: %(reason)s") % {"name": name, "reason": row.detail}
            messages.warning(self.request, text)
        else:
            messages.success(self.request, _("Dismissed."))
        return redirect("connections:attention")

    def not_reached(self, row):
        messages.error(self.request, _("%s does not answer. Try again later.") % row.connection)
        return redirect("connections:attention")


class Edit(RecordPage):
    template_name = "integrations/inbound/edit.html"

    def get(self, request, *args, **kwargs):
        row = self.row
        values = {**row.values, "subtype": str(row.edits.get("subtype", ""))}
        return self.render(row=row, form=EditForm(company=self.company, initial=values))

    def post(self, request, *args, **kwargs):
        row, form = self.row, EditForm(request.POST, company=self.company)
        if not form.is_valid():
            return self.render(400, row=row, form=form)
        return self.told(editing.edit(row.pk, form.edits))


class Retry(RecordPage):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        row = self.row
        try:
            row = editing.retry(row)
        except (RemoteError, Unreadable):
            return self.not_reached(row)
        return self.told(row)


class Dismiss(RecordPage):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        return self.told(editing.dismiss(self.row.pk))


class BringBack(RecordPage):
    """404 for one that isn't dismissed."""

    http_method_names = ["post"]

    @property
    def row(self):
        rows = editing.ended_for(self.company).filter(state=ImportedRecord.State.DISMISSED)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def post(self, request, *args, **kwargs):
        row = self.row
        try:
            seen = editing.seen_again(row)
        except (RemoteError, Unreadable):
            return self.not_reached(editing.bring_back(row.pk))
        row = editing.bring_back(row.pk, **seen)
        return self.not_there(row) if row.state == row.State.DISMISSED else self.told(row)

    def not_there(self, row):
        text = _("%s is not to be imported any more, says the other system.") % row.external_id
        messages.warning(self.request, text)
        return redirect("connections:ended")
