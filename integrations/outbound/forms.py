"""What Admins enter about endpoints."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Delivery, EventType
from integrations.models.outbound import KEPT
from integrations.outbound.addresses import AddressRefused, check_address

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
LONGEST_DAYS = 7


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Begins with https:// and is reachable from the internet"),
        error_messages={"required": _("Enter the address that we are to call")},
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url", "class": "mono"}),
    )
    description = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("What it is for, such as: HRMS status sync"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Sends"),
        choices=EventType.choices,
        initial=EventType.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one event"),
            "invalid_choice": _("Choose from the list"),
        },
    )
    body = forms.ChoiceField(
        label=_("Body"),
        choices=[("full", _("Full, with name and e-mail")), ("thin", _("Thin: ids and the state"))],
        initial="full",
        widget=forms.RadioSelect,
        error_messages={name: _("Choose from the list") for name in ("required", "invalid_choice")},
    )

    def clean_url(self):
        """An address that stays as it was is looked up again too."""
        url = self.cleaned_data["url"]
        try:
            check_address(url)
        except AddressRefused as error:
            raise ValidationError(error.message, code=error.reason) from error
        return url

    def clean_events(self):
        """In the order of the list, each once."""
        chosen = self.cleaned_data["events"]
        return [value for value in EventType.values if value in chosen]

    def clean_description(self):
        return " ".join(self.cleaned_data["description"].split())

    @property
    def columns(self):
        """Of a valid form: columns of the endpoint."""
        columns = {**self.cleaned_data, "is_thin": self.cleaned_data["body"] == "thin"}
        del columns["body"]
        return columns


class RotateForm(forms.Form):
    days = forms.IntegerField(
        label=_("The old secret signs too for"),
        min_value=0,
        max_value=LONGEST_DAYS,
        initial=1,
        help_text=_("0 to 7 days; with 0 it ends now"),
        error_messages={
            name: _("Enter a whole number of days from 0 to 7")
            for name in ("required", "invalid", "min_value", "max_value")
        },
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    replaces = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def overlap(self):
        return timedelta(days=self.cleaned_data["days"])


class ResendForm(forms.Form):
    since = forms.DateTimeField(
        label=_("Since"),
        help_text=_("Within the last 30 days"),
        error_messages={
            "required": _("Enter day and time"),
            "invalid": _("Enter a day and a time that exist"),
        },
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "form-control"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    what = forms.ChoiceField(
        label=_("What"),
        choices=[("failed", _("What failed or was stopped")), ("all", _("All that was sent"))],
        initial="failed",
        widget=forms.RadioSelect,
        error_messages={name: _("Choose from the list") for name in ("required", "invalid_choice")},
    )

    def clean_since(self):
        since = self.cleaned_data["since"]
        if not timezone.now() - KEPT - timedelta(days=1) <= since <= timezone.now():
            raise ValidationError(_("Enter a moment within the last 30 days"))
        return since

    @property
    def only_failed(self):
        return self.cleaned_data["what"] == "failed"


class LogFilter(forms.Form):
    """Narrows the log; what it doesn't offer narrows nothing."""

    event = forms.ChoiceField(
        required=False,
        choices=[("", _("Any event")), *((v, v) for v in [*EventType.values, "webhook.test"])],
        widget=forms.Select(attrs={"class": "form-select", "aria-label": _("Event")}),
    )
    result = forms.ChoiceField(
        required=False,
        choices=[("", _("Any result")), *Delivery.State.choices],
        widget=forms.Select(attrs={"class": "form-select", "aria-label": _("Result")}),
    )

    def narrow(self, rows):
        self.is_valid()
        if event := self.cleaned_data.get("event"):
            rows = rows.filter(event__type=event)
        if result := self.cleaned_data.get("result"):
            rows = rows.filter(state=result)
        return rows

    @property
    def query(self):
        """What narrows, as parameters of the next page."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
