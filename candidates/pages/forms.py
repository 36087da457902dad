"""Add candidate, the first step: is what was typed valid? The rest is the service's business."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from candidates.exceptions import TAKEN, FileRefused
from candidates.models import Category, Document, FilledBy, Tag
from candidates.services.documents import accepted_in_words, inspect, largest_in_words
from candidates.validators import (
    validate_https_url,
    validate_mobile,
    validate_person_name,
    validate_plain_text,
    validate_uan,
)

KEY = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LARGEST_KEY = 2**63 - 1
ENDINGS = {Document.Kind.RESUME: ".pdf,.doc,.docx"}
SCAN_ENDINGS = ".pdf,.jpg,.jpeg,.png"


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


class UploadField(forms.FileField):
    """A file of one kind, judged by its content: cleaned it is an Upload."""

    def __init__(self, kind, **kwargs):
        hint = _("%(kinds)s, up to %(size)s")
        super().__init__(required=False, allow_empty_file=True, **kwargs)
        self.kind, self.hint = kind, hint
        self.widget.attrs["accept"] = ENDINGS.get(kind, SCAN_ENDINGS)

    @property
    def limits(self):
        return self.hint % {"kinds": accepted_in_words(self.kind), "size": largest_in_words()}

    def clean(self, data, initial=None):
        if not data:
            return None
        try:
            return inspect(self.kind, data)
        except FileRefused as error:
            raise ValidationError(error.message, code="invalid") from error


class DetailsForm(forms.Form):
    """One candidate of *company*. *files* are the kinds of those that were uploaded before."""

    KINDS = {"resume": Document.Kind.RESUME, "letter": Document.Kind.CONSENT}
    BY_EMAIL, BY_LETTER = "email", "letter"

    resume = UploadField(Document.Kind.RESUME, label=_("Résumé"))
    resume_url = LinkField(label=_("Or a link to it"), help_text=_("Kept as a link, not opened"))
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
    alternate_email = forms.EmailField(
        label=_("Other e-mail"),
        max_length=254,
        required=False,
        validators=[validate_plain_text],
        help_text=_("Optional"),
        error_messages={"invalid": _("Enter a whole address, such as name@example.in")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    alternate_phone = DigitsField(
        label=_("Other mobile"),
        required=False,
        validators=[validate_mobile],
        help_text=_("Optional, ten digits"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
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
    consent = forms.ChoiceField(
        label=_("Consent"),
        choices=[(BY_EMAIL, _("By e-mail")), (BY_LETTER, _("Signed letter"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the two")},
    )
    letter = UploadField(Document.Kind.CONSENT, label=_("Signed letter"))
    consent_url = LinkField(label=_("Or a link to the letter"))
    filled_by = forms.ChoiceField(
        label=_("Who fills in the form?"),
        choices=FilledBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the two")},
    )

    def __init__(self, data=None, uploads=None, *, company, files=(), **kwargs):
        super().__init__(data, uploads, **kwargs)
        self.company, self.kept = company, set(files)
        self.fields["email"].required = company.email_required
        self.fields["email"].help_text = "" if company.email_required else _("Optional")
        self.fields["category"].queryset = Category.objects.filter(company=company)
        self.fields["tags"].queryset = Tag.objects.filter(company=company)

    def clean(self):
        data = super().clean()
        if self.company.resume_required and self.lacks("resume", "resume_url"):
            self.add_error("resume", ValidationError(_("Add the résumé"), code="required"))
        by_letter = data.get("consent") == self.BY_LETTER
        if by_letter and self.lacks("letter", "consent_url"):
            self.add_error("letter", ValidationError(_("Add the signed letter"), code="required"))
        return data

    def lacks(self, file, link):
        """Whether neither is there, and neither was wrong, which is said already."""
        there = self.KINDS[file] in self.kept or self.cleaned_data.get(file)
        return not (there or self.cleaned_data.get(link) or {file, link} & self.errors.keys())

    @property
    def uploads(self):
        """By kind, the files of this request that are good, whatever else is wrong."""
        given = {kind: self.cleaned_data.get(name) for name, kind in self.KINDS.items()}
        return {kind: upload for kind, upload in given.items() if upload}

    @property
    def by_letter(self):
        return self.cleaned_data["consent"] == self.BY_LETTER

    @property
    def columns(self):
        """What the service wants, of a valid form."""
        left = {*self.KINDS, "consent"}
        columns = {name: value for name, value in self.cleaned_data.items() if name not in left}
        if not self.by_letter:
            columns["consent_url"] = ""
        return {**columns, "is_consent_undertaking_letter": self.by_letter}

    def refuse_duplicate(self, fields):
        """Say on each of *fields* that an unfinished case of the company has its value."""
        for name in fields:
            self.add_error(name, ValidationError(TAKEN[name], code="duplicate"))
