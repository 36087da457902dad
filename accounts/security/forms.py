"""Forms of the settings: is what was typed valid? What it does is the services' business."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import RETENTION_DAYS
from accounts.security.domains import DomainInvalid, canonical_domain
from accounts.security.models.policy import GRACE_DAYS, IDLE_MINUTES, PASSWORD_DAYS
from apitokens.forms import NetworksField


class Switch(forms.CheckboxInput):
    """A check box that looks like a switch and says so."""

    def __init__(self):
        super().__init__(attrs={"role": "switch"})


class Settings(forms.Form):
    """Each control knows what is saved, so that the page can tell what isn't."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mark_saved()

    def mark_saved(self):
        for name, field in self.fields.items():
            value = self.initial.get(name, field.initial)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            field.widget.attrs["data-saved"] = "" if value is None else text


class SwitchedNumber(Settings):
    """A rule with one number: off, or a whole number within bounds."""

    bounds: tuple[int, int]
    message: Any
    picks: tuple[tuple[int, Any], ...] = ()

    on = forms.BooleanField(required=False, widget=Switch)
    number = forms.IntegerField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        lowest, highest = self.bounds
        number = self.fields["number"]
        number.widget.attrs.update(min=lowest, max=highest, step=1, inputmode="numeric")
        number.error_messages["invalid"] = self.message
        number.help_text = _("From %(lowest)s to %(highest)s") % {
            "lowest": lowest, "highest": highest,
        }  # fmt: skip

    def clean_number(self):
        number = self.cleaned_data["number"]
        lowest, highest = self.bounds
        if self.cleaned_data.get("on") and (number is None or not lowest <= number <= highest):
            raise ValidationError(self.message, code="invalid")
        return number

    @property
    def value(self):
        """The number once valid, None: off."""
        return self.cleaned_data["number"] if self.cleaned_data["on"] else None


class PasswordExpiryForm(SwitchedNumber):
    bounds = PASSWORD_DAYS
    message = _("Enter 1 to 365 days")
    picks = ((30, _("30 days")), (60, _("60 days")), (90, _("90 days")), (180, _("180 days")))


class AutoLogoutForm(SwitchedNumber):
    bounds = IDLE_MINUTES
    message = _("Enter 5 to 1440 minutes (24 hours)")
    picks = ((15, _("15 min")), (30, _("30 min")), (60, _("1 h")), (480, _("8 h")))


class RetentionForm(SwitchedNumber):
    bounds = RETENTION_DAYS
    message = _("Enter 30 to 3650 days (10 years)")
    picks = ((180, _("180 days")), (365, _("1 year")), (1095, _("3 years")), (2555, _("7 years")))


class NetworksForm(Settings):
    """One address or network a line, under the same rule as a token's."""

    networks = NetworksField(
        label=_("Allowed networks"),
        help_text=_("One address or network a line, as 203.0.113.0/24. Empty: from anywhere"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
    )


class LoginMethodsForm(SwitchedNumber):
    """A switch for each method, ``use_password`` and so on, and for the second factor.

    ``was_on`` says how the switches stood when the page was made: what somebody else has changed
    since then is not turned back.
    """

    bounds = GRACE_DAYS
    message = _("Enter 0 to 30 days")
    picks = ((0, _("None")), (7, _("7 days")), (14, _("14 days")), (30, _("30 days")))

    was_on = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args, available, off, **kwargs):
        super().__init__(*args, **kwargs)
        self.available = available
        on = [name for name in available if name not in off]
        for name in available:
            self.fields[f"use_{name}"] = forms.BooleanField(
                required=False, initial=name in on, widget=Switch
            )
        self.fields["was_on"].initial = " ".join(on)
        self.mark_saved()

    @property
    def changes(self):
        """What the services are asked for, once valid."""
        data = self.cleaned_data
        was_on = data["was_on"].split()
        wanted = [name for name in self.available if data[f"use_{name}"]]
        return {
            "turn_on": [name for name in wanted if name not in was_on],
            "turn_off": [name for name in was_on if name in self.available and name not in wanted],
            "grace_days": self.value,
        }

    @property
    def chosen(self):
        """The valid form as a query, to be taken along to the password and back."""
        kept = {
            name: value for name, value in self.cleaned_data.items() if value not in (False, None)
        }
        return {name: "on" if value is True else value for name, value in kept.items()}


class OnlyDomainsForm(Settings):
    on = forms.BooleanField(required=False, widget=Switch)


class DomainForm(forms.Form):
    """A domain to add, in any spelling."""

    domain = forms.CharField(
        label=_("Add a domain"),
        max_length=300,
        error_messages={"required": _("Enter a domain such as acme.co.in")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_domain(self):
        try:
            return canonical_domain(self.cleaned_data["domain"])
        except DomainInvalid as error:
            text = _("Enter a domain such as acme.co.in, without @ or a comma")
            raise ValidationError(text, code="invalid") from error
