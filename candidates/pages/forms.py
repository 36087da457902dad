"""Add candidate: is what was typed valid? What it does is the service's business."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from candidates.models import Category, Subtype, Tag
from candidates.validators import (
    validate_https_url,
    validate_mobile,
    validate_person_name,
    validate_plain_text,
    validate_uan,
)

KEY = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LARGEST_KEY = 2**63 - 1
TAKEN = {
    "email": _("An unfinished case already has this e-mail"),
    "phone": _("An unfinished case already has this mobile number"),
    "employee_id": _("An unfinished case already has this employee id"),
}


class TextField(forms.CharField):
    """One line of plain text."""

    default_validators = [validate_plain_text]


class DigitsField(TextField):
    """Digits, which people like to write in groups."""

    def to_python(self, value):
        return "".join(super().to_python(value).split())


class LinkField(TextField):
    """An https link: kept, shown, never fetched."""

    default_validators = [validate_plain_text, validate_https_url]
    widget = forms.URLInput(attrs={"placeholder": "https://"})

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=2000, **kwargs)


class KeysField(forms.ModelMultipleChoiceField):
    """Several rows by key; a key that no row can have is as wrong as one that no row has."""

    def _check_values(self, value):
        if not all(KEY.fullmatch(str(key)) and int(key) <= LARGEST_KEY for key in value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super()._check_values(value)


class AddForm(forms.Form):
    """One candidate of *company*, and what to verify."""

    name = TextField(
        label=_("Name"),
        max_length=120,
        validators=[validate_person_name],
        help_text=_("As on the identity document"),
        error_messages={"required": _("Enter the name")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = DigitsField(
        label=_("Mobile"),
        validators=[validate_mobile],
        help_text=_("Ten digits"),
        error_messages={"required": _("Enter the mobile number")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        validators=[validate_plain_text],
        error_messages={
            "required": _("Enter the e-mail"),
            "invalid": _("Enter a whole address, such as name@example.in"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    employee_id = TextField(
        label=_("Employee id"), max_length=64, required=False, help_text=_("Optional")
    )
    uan_number = DigitsField(
        label=_("UAN"),
        required=False,
        validators=[validate_uan],
        help_text=_("Optional, 12 digits"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("None"),
        error_messages={"invalid_choice": _("Choose one of the list")},
    )
    tags = KeysField(
        label=_("Tags"),
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list")},
    )
    resume_url = LinkField(label=_("Link to the résumé"), help_text=_("Optional"))
    consent_url = LinkField(label=_("Link to the signed consent letter"), help_text=_("Optional"))
    subtype = forms.ModelChoiceField(
        label=_("Package"),
        queryset=Subtype.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a package"),
            "invalid_choice": _("Choose one of these packages"),
        },
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = company.email_required
        self.fields["resume_url"].required = company.resume_required
        for name, needed in (
            ("email", company.email_required),
            ("resume_url", company.resume_required),
        ):
            self.fields[name].help_text = "" if needed else _("Optional")
        self.fields["category"].queryset = Category.objects.filter(company=company)
        self.fields["tags"].queryset = Tag.objects.filter(company=company)
        self.fields["subtype"].queryset = offered_subtypes(company)

    def refuse_duplicate(self, fields):
        """Say on each of *fields* that an unfinished case of the company has its value."""
        for name in fields:
            self.add_error(name, ValidationError(TAKEN[name], code="duplicate"))


def offered_subtypes(company):
    """What can be ordered now: subtypes of offered packages that have credits left."""
    return (
        Subtype.objects.filter(
            package__company=company, package__is_active=True, package__credits__gt=0
        )
        .select_related("package")
        .prefetch_related("checks")
        .order_by("package__name", "name")
    )
