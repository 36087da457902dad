"""The form's pages as Django forms; services/answers.py says what is a good answer."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from candidates.services.answers import Question, Step, clean
from candidates.validators import validate_person_name

NUMBERS = {"pin_code", "mobile_number"}
WIDE = {"full_name", "address_line_1", "name_on_document", "course_type", "company_name"}
"""Fields that take the whole width."""


class StepForm(forms.Form):
    """One step. Its fields take any text: ``clean`` of the services alone judges."""

    def __init__(self, data=None, *, step: Step, initial=None):
        super().__init__(data, initial=initial)
        self.step = step
        for question in step.questions:
            self.fields[question.name] = forms.Field(
                required=False,
                label=question.label,
                help_text=question.hint,
                widget=widget_of(question),
            )

    def clean(self):
        try:
            return clean(self.step, self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)  # which names the fields
            return {}

    @property
    def placed(self):
        """Fields, each with whether it is wide."""
        return [(field, field.name in WIDE) for field in self]


def widget_of(question: Question) -> forms.Widget:
    if question.choices is not None:
        return forms.Select(choices=[("", _("Choose one")), *question.choices.choices])
    attrs: dict[str, int | str] = {"maxlength": question.longest}
    if question.autocomplete:
        attrs["autocomplete"] = question.autocomplete
    if question.name in NUMBERS:
        attrs["inputmode"] = "numeric"
    if question.name == "id_number":
        attrs |= {"class": "mono", "autocapitalize": "characters", "spellcheck": "false"}
    if question.is_date:
        return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")
    return forms.TextInput(attrs=attrs)


class TruthForm(forms.Form):
    """Before the form is handed in."""

    is_true = forms.BooleanField(
        label=_("What I entered is true and complete"),
        error_messages={"required": _("Tick this to send the form")},
    )


class SignatureForm(forms.Form):
    """The consent, signed with a name."""

    agrees = forms.BooleanField(
        label=_("I have read this and agree"),
        error_messages={"required": _("Tick this to sign")},
    )
    name = forms.CharField(
        label=_("Your full name, as signature"),
        max_length=120,
        error_messages={"required": _("Enter your full name")},
        validators=[validate_person_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "signature"}),
    )


class SignAndSendForm(SignatureForm, TruthForm):
    """Both at once."""

    field_order = ["agrees", "is_true", "name"]
