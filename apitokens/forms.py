"""Forms of the settings page: is what was typed valid? What it does is the services' business."""

import re
from datetime import timedelta
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.models import canonical_name
from apitokens.services import clean_name

NEVER_ENDING, SHORT_LIVED = "never-ending", "short-lived"


class NameField(forms.CharField):
    """A token's name, under the services' own rule."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Name"))
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("error_messages", {"required": _("Enter a name")})
        super().__init__(**kwargs)

    def clean(self, value):
        return clean_name(super().clean(value))


class WholeSecondsField(forms.CharField):
    """600 to 86400, in digits and nothing else: no sign, fraction, exponent or white space."""

    widget = forms.NumberInput(attrs={"min": 600, "max": 86400, "step": 1, "inputmode": "numeric"})
    message = _("Enter 600 to 86400 seconds (10 minutes to 24 hours)")

    def __init__(self, **kwargs):
        super().__init__(strip=False, **kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", value):
            raise ValidationError(self.message, code="invalid")
        lifetime = timedelta(seconds=int(value))
        if not MINIMUM_LIFETIME <= lifetime <= MAXIMUM_LIFETIME:
            raise ValidationError(self.message, code="invalid")
        return lifetime


class GenerateForm(forms.Form):
    """Name, kind, lifetime; and the id that makes a second submit harmless."""

    name = NameField(
        help_text=_("Where will it be used? For example: Greenhouse sync"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("How long should it work?"),
        choices=[(NEVER_ENDING, _("Never-ending")), (SHORT_LIVED, _("Short-lived"))],
        initial=NEVER_ENDING,
        widget=forms.RadioSelect,
    )
    lifetime = WholeSecondsField(
        label=_("Expires after"),
        required=False,
        initial="3600",
        help_text=_("From 600 to 86400"),
    )
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    from_dialog = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def _clean_fields(self):
        # A never-ending token has no lifetime, whatever stands in the folded field.
        if self.data.get(self.add_prefix("kind")) == NEVER_ENDING:
            self.fields["lifetime"].disabled = True
        super()._clean_fields()

    def clean(self):
        data = super().clean()
        if data.get("kind") == NEVER_ENDING:
            data["lifetime"] = None
        elif data.get("kind") == SHORT_LIVED and not self.has_lifetime():
            self.add_error("lifetime", WholeSecondsField.message)
        return data

    def has_lifetime(self):
        """Whether there is one, or an error that says what is wrong with it."""
        return bool(self.cleaned_data.get("lifetime")) or "lifetime" in self.errors


class RenameForm(forms.Form):
    name = NameField(
        help_text=_("What it added will show the new name"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DeleteForm(forms.Form):
    """Asks for the name when the token was used lately: a program still depends on it."""

    confirm_name = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, token, ask_for_name, **kwargs):
        super().__init__(*args, **kwargs)
        self.token = token
        if not ask_for_name:
            del self.fields["confirm_name"]

    def clean_confirm_name(self):
        typed = self.cleaned_data["confirm_name"]
        if canonical_name(typed) != canonical_name(self.token.name):
            raise ValidationError(_("Type the token’s name as it stands above"), code="mismatch")
        return typed


class FilterForm(forms.Form):
    """What the list is narrowed to; unknown values narrow nothing."""

    STATES = [
        ("", _("Any state")),
        ("never-ending", _("Never ends")),
        ("short-lived", _("Ends by itself")),
        ("ends-soon", _("Ends within an hour")),
        ("expired", _("Expired")),
        ("stopped", _("Stopped")),
    ]

    q = forms.CharField(required=False, max_length=64)
    state = forms.ChoiceField(required=False, choices=STATES)
    unused = forms.BooleanField(required=False)

    @property
    def narrowing(self) -> dict[str, object]:
        """The valid and non-empty conditions."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
