"""Forms of the settings page: is what was typed valid? What it does is the services' business."""

import re
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME, conf
from apitokens.exceptions import NetworkInvalid
from apitokens.models import canonical_name
from apitokens.services import OVERLAPS, clean_name, clean_networks, default_scopes

NEVER_ENDING, SHORT_LIVED = "never-ending", "short-lived"
MAXIMUM_TEXT, LONGEST_NETWORK = 4096, 43
"""Characters: of a whole list of networks, and of the longest one that there is."""


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


class NetworksField(forms.CharField):
    """One address or network a line, under the services' own rule; cleaned to a list."""

    widget = forms.Textarea

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Allowed addresses"))
        kwargs.setdefault(
            "help_text", _("One address or network a line. Empty: it works from anywhere")
        )
        super().__init__(required=False, strip=False, **kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        if len(value) > MAXIMUM_TEXT:
            raise ValidationError(_("Use fewer networks: 64 at most"), code="max_length")
        lines = [(n, line.strip()) for n, line in enumerate(value.splitlines(), 1) if line.strip()]
        if errors := [error for n, line in lines if (error := line_error(n, line))]:
            raise ValidationError(errors)
        networks = [line for _n, line in lines]
        try:
            clean_networks(networks)
        except NetworkInvalid as error:
            raise ValidationError(_("Use fewer networks: 64 at most"), code="many") from error
        return networks


def line_error(number, line):
    """What is wrong with *line* of a list of networks, with its number, or None."""
    try:
        clean_networks([line])
    except NetworkInvalid:
        pass
    else:
        return None
    given = {"number": number, "line": shorten(line)}
    try:
        given["network"] = ip_network(line, strict=False)
    except ValueError:
        text = _("Line %(number)s: “%(line)s” is no IPv4 or IPv6 address or network.")
        return ValidationError(text, code="invalid", params=given)
    text = _("Line %(number)s: enter %(network)s instead of %(line)s.")
    return ValidationError(text, code="host_bits", params=given)


def shorten(text):
    return text if len(text) <= LONGEST_NETWORK else f"{text[:LONGEST_NETWORK]}…"


class LimitsForm(forms.Form):
    """What a token may do, and from where. Without declared scopes there is no such field."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=lambda: conf.scopes.items(),
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one, or the token could do nothing"),
            "invalid_choice": _("Choose from these"),
        },
    )
    networks = NetworksField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not conf.scopes:
            del self.fields["scopes"]

    @property
    def limits(self):
        """Keyword arguments of the services, once valid."""
        data = self.cleaned_data
        return {"scopes": data.get("scopes", []), "networks": data["networks"]}


class GenerateForm(LimitsForm):
    """Name, kind, lifetime, limits; and the id that makes a second submit harmless."""

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
    limited = forms.BooleanField(widget=forms.HiddenInput, required=False, initial=True)
    """Says that the limits were on the form: what was sent without it gets the default scopes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.data.get("limited"):
            self.fields.pop("scopes", None)

    @property
    def limits(self):
        return {**super().limits, "scopes": self.cleaned_data.get("scopes")}

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


class RotateForm(forms.Form):
    """When the old credential stops; *replaces* makes a second submit harmless."""

    LABELS = (_("Now"), _("In 1 hour"), _("In 24 hours"), _("In 7 days"))
    CHOICES = {str(int(o.total_seconds())): o for o in OVERLAPS}

    overlap = forms.ChoiceField(
        label=_("When should the old one stop?"),
        choices=list(zip(CHOICES, LABELS, strict=True)),
        initial="86400",
        error_messages={
            "required": _("Choose when the old one stops"),
            "invalid_choice": _("Choose when the old one stops"),
        },
    )
    replaces = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    def clean_overlap(self):
        return self.CHOICES[self.cleaned_data["overlap"]]

    def stops(self, credential):
        """Each choice, with the moment at which *credential* stops then, and whether its own end
        comes first."""
        now, end = timezone.now(), credential.expires_at
        return [
            {
                "value": value,
                "label": label,
                "moment": now + overlap if end is None else min(now + overlap, end),
                "is_own_end": end is not None and end <= now + overlap,
                "checked": value == self["overlap"].value(),
            }
            for (value, overlap), label in zip(self.CHOICES.items(), self.LABELS, strict=True)
        ]


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
        ("suspended", _("Suspended")),
        ("stopped", _("Stopped")),
        ("expired", _("Expired")),
        ("old-secret", _("Has an old secret")),
    ]

    q = forms.CharField(required=False, max_length=64)
    state = forms.ChoiceField(required=False, choices=STATES)
    unused = forms.BooleanField(required=False)

    def __init__(self, *args, old_secrets=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not old_secrets:
            self.fields["state"].choices = self.STATES[:-1]

    @property
    def narrowing(self) -> dict[str, object]:
        """The valid and non-empty conditions."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
