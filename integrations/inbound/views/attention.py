"""Those who came in and could not become candidates: why, and what can be done."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.encryption import Unreadable
from candidates.pages.base import PagedByKey
from candidates.pages.paging import PAGE_SIZE, paginate
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


class Attention(PagedByKey, IntegrationsPage):
    template_name = "integrations/inbound/attention.html"

    def get_context_data(self, **kwargs):
        filters = AttentionFilter(self.request.GET, company=self.company)
        rows = waiting = editing.waiting_for(self.company)
        if filters.narrowing:
            rows = waiting.filter(**filters.narrowing)
        page = paginate(rows.select_related("other"), self.cursor)
        return super().get_context_data(
            filters=filters,
            narrowed=bool(filters.narrowing),
            rows=[(row, *LOOKS[row.reason]) for row in page.rows],
            previous_url=page.previous and page_url(filters.query | page.previous),
            next_url=page.next and page_url(filters.query | page.next),
            page_size=PAGE_SIZE,
            **kwargs,
        )


def page_url(parameters):
    query = QueryDict(mutable=True)
    query.update(parameters)
    return f"{reverse('connections:attention')}?{query.urlencode()}"


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
            messages.error(request, _("%s does not answer. Try again later.") % row.connection)
            return redirect("connections:attention")
        return self.told(row)


class Dismiss(RecordPage):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        return self.told(editing.dismiss(self.row.pk))
