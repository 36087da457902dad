"""The forms of a connection, made from what its connector says; is what was typed valid?"""

import base64
import binascii
import hashlib
import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apitokens.models import validate_token_name
from candidates.models import Category, FilledBy, Subtype
from integrations.inbound.connecting import new_secret
from integrations.inbound.connectors.generic import POINTERS
from integrations.inbound.contract import Choice, key_of
from integrations.inbound.importing import RecordForm
from integrations.inbound.pointers import validate_pointer

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
LONGEST = 500
LEAST_SECRET = 16
PATTERNS = {
    "label": (
        re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII),
        _("Enter the first part alone: letters, digits and hyphens"),
    ),
    "name": (re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII), _("Use letters, digits and _ only")),
    "header": (re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII), _("Use letters, digits and - only")),
}
NOTHING, DEFAULT = "", "0"


def named_field(initial=""):
    return forms.CharField(
        label=_("Name"),
        max_length=64,
        initial=initial,
        validators=[validate_token_name],
        help_text=_("In brackets wherever it adds somebody, such as Berlin office"),
        error_messages={"required": _("Enter a name")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SecretField(forms.CharField):
    """Never filled in again. One line of ASCII, for it goes into headers."""

    def __init__(self, **kwargs):
        attrs = {**PLAIN, "autocomplete": "new-password", "class": "mono"}
        widget = forms.PasswordInput(attrs=attrs)
        super().__init__(max_length=LONGEST, widget=widget, **kwargs)

    def clean(self, value):
        value = super().clean(value)
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise ValidationError(_("Enter it as it was shown, without blanks"), code="invalid")
        return value


class PlainField(forms.CharField):
    """A host's first part, a name or a header; what people paste around a host is understood."""

    def __init__(self, spec, **kwargs):
        attrs = {**PLAIN, "class": "mono"}
        super().__init__(max_length=255, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.spec = spec

    def clean(self, value):
        value = super().clean(value)
        if self.spec.suffix:
            value = value.lower().removeprefix(self.spec.prefix)
            value = value.partition("/")[0].removesuffix(self.spec.suffix)
        pattern, message = PATTERNS.get(self.spec.pattern, (None, ""))
        if value and pattern and not pattern.fullmatch(value):
            raise ValidationError(message, code="invalid")
        if not value.isprintable() or not value.isascii():
            raise ValidationError(_("Use letters without accents"), code="invalid")
        return value


def field_of(spec):
    """A form field for a connector's Field."""
    said = {"label": spec.label, "help_text": spec.hint, "required": spec.required}
    said["error_messages"] = {"required": _("Fill this in")}
    if spec.choices:
        return forms.ChoiceField(choices=spec.choices, **said)
    return SecretField(**said) if spec.secret else PlainField(spec, **said)


class ConnectForm(forms.Form):
    """A name and the credentials of a connector; without *name* the credentials alone."""

    def __init__(self, data=None, *, connector, named=True, **kwargs):
        super().__init__(data, **kwargs)
        self.connector = connector
        if named:
            self.fields["name"] = named_field()
        for spec in connector.fields:
            self.fields[spec.name] = field_of(spec)

    def clean(self):
        data = super().clean()
        secret = data.get("hook_secret")
        if secret and len(secret) < LEAST_SECRET:
            self.add_error("hook_secret", _("Choose one of 16 characters or more"))
        elif secret and data.get("scheme") == "standard" and not is_standard(secret):
            self.add_error("hook_secret", _("Enter whsec_ and its key, or leave it empty"))
        return data

    @property
    def rows(self):
        """(field, what stands before it, what behind) for the template."""
        specs = {spec.name: spec for spec in self.connector.fields}
        for field in self:
            spec = specs.get(field.name)
            yield field, spec.prefix if spec else "", spec.suffix if spec else ""

    @property
    def credentials(self):
        """Of a valid form; what was left to us is made here."""
        found = {spec.name: self.cleaned_data[spec.name] for spec in self.connector.fields}
        for spec in self.connector.fields:
            if spec.generated and not found[spec.name]:
                is_other = spec.generated == "whsec" and found.get("scheme") != "standard"
                found[spec.name] = new_secret("plain" if is_other else spec.generated)
        return found


def is_standard(secret):
    try:
        key = base64.b64decode(secret.removeprefix("whsec_") + "==", validate=False)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith("whsec_") and len(key) >= LEAST_SECRET


class RenameForm(forms.Form):
    def __init__(self, data=None, *, initial_name="", **kwargs):
        super().__init__(data, **kwargs)
        self.fields["name"] = named_field(initial_name)


def short(key):
    """A stage's or category's place in a form, whatever stands before or after it."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


class MappingForm(forms.Form):
    """Which of *stages* start a check, with which package; what *categories* choose."""

    default = forms.ChoiceField(
        label=_("Package, unless a stage or category says another"), required=False
    )
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("None")
    )
    filled_by = forms.ChoiceField(label=_("Who fills in the form"), choices=FilledBy.choices)
    other_key = forms.CharField(label=_("Another one"), max_length=80, required=False)
    other_package = forms.ChoiceField(label=_("Its package"), required=False)

    def __init__(self, data=None, *, connection, connector, stages, categories, **kwargs):
        self.connection, self.connector = connection, connector
        self.stages, self.categories = stages, categories
        super().__init__(data, initial=self.as_saved(), **kwargs)
        self.packages = packages_of(connection.company)
        self.fields["category"].queryset = Category.objects.filter(company=connection.company)
        self.fields["default"].choices = [(NOTHING, _("None: it waits for you")), *self.packages]
        self.fields["other_package"].choices = [(NOTHING, _("No rule")), *self.packages]
        starts = [(NOTHING, _("Do nothing")), (DEFAULT, _("Add candidate")), *self.with_verb()]
        self.add("stage", stages, starts)
        self.add("category", categories, [(NOTHING, _("No rule")), *self.packages])
        for name, label, example in POINTERS if self.has_pointers else ():
            self.fields[f"pointer-{name}"] = forms.CharField(
                label=label, max_length=200, required=name in ("external_id", "name"),
                validators=[validate_pointer], initial=connection.pointers.get(name, example),
                widget=forms.TextInput(attrs={**PLAIN, "class": "mono"}),
                error_messages={"required": _("Enter where it stands, such as /name")},
            )  # fmt: skip

    @property
    def has_pointers(self):
        return self.connector.kind == "generic"

    def add(self, kind, choices, options):
        for choice in choices:
            field = forms.ChoiceField(label=choice.name, choices=options, required=False)
            self.fields[f"{kind}-{short(choice.key)}"] = field

    def with_verb(self):
        return [(key, _("Add with %s") % label) for key, label in self.packages]

    def as_saved(self):
        mapping = self.connection.mapping
        saved = {name: str(mapping.get(name) or "") for name in ("default", "category")}
        saved["filled_by"] = mapping.get("filled_by", FilledBy.CANDIDATE)
        for kind, plural in (("stage", "stages"), ("category", "categories")):
            for key, subtype in mapping.get(plural, {}).items():
                saved[f"{kind}-{short(key)}"] = str(subtype)
        return saved

    def rows(self, kind, choices):
        return [(choice, self[f"{kind}-{short(choice.key)}"]) for choice in choices]

    @property
    def stage_rows(self):
        return self.rows("stage", self.stages)

    @property
    def category_rows(self):
        return self.rows("category", self.categories)

    @property
    def pointer_rows(self):
        return [field for field in self if field.name.startswith("pointer-")]

    def clean(self):
        data = super().clean()
        if data.get("other_key") and not data.get("other_package"):
            self.add_error("other_package", _("Choose the package that it leads to"))
        if not self.errors and not self.chosen("stage", self.stages):
            raise ValidationError(_("Choose at least one stage that adds a candidate"))
        return data

    def chosen(self, kind, choices):
        values = {
            choice.key: self.cleaned_data.get(f"{kind}-{short(choice.key)}") for choice in choices
        }
        return {key: int(value) for key, value in values.items() if value}

    @property
    def mapping(self):
        """Of a valid form."""
        data = self.cleaned_data
        categories = self.chosen("category", self.categories)
        if data["other_key"]:
            categories[self.other(data["other_key"])] = int(data["other_package"])
        return {
            "stages": self.chosen("stage", self.stages),
            "categories": categories,
            "default": int(data["default"] or 0),
            "category": data["category"].pk if data["category"] else 0,
            "filled_by": data["filled_by"],
        }

    def other(self, text):
        kind = "value" if self.has_pointers else "tag"
        return key_of(kind, text)

    @property
    def pointers(self):
        if not self.has_pointers:
            return {}
        found = {name: self.cleaned_data.get(f"pointer-{name}") for name, *_rest in POINTERS}
        return {name: pointer for name, pointer in found.items() if pointer}


def packages_of(company):
    """(key, name with what is left) of all that the company can order."""
    subtypes = Subtype.objects.filter(package__company=company, package__is_active=True)
    return [
        (str(subtype.pk), gettext("%(package)s, %(subtype)s (%(credits)s left)") % {
            "package": subtype.package.name, "subtype": subtype.name,
            "credits": subtype.package.credits,
        })
        for subtype in subtypes.select_related("package").order_by("package__name", "name")
    ]  # fmt: skip


def known_choices(choices, mapping, rows):
    """*choices*, and whatever else is mapped already or waits for a package."""
    keys = {choice.key for choice in choices}
    others = dict.fromkeys(mapping.get("categories", {}))
    for row in rows:
        others |= dict.fromkeys(row.data.get("categories", []))
    named = (key for key in others if key not in keys)
    return [*choices, *(Choice(key, *key.partition(":")[::-2]) for key in named)]


class EditForm(RecordForm):
    """A record that waits, to be put right by hand; with a package of its own where that lacks."""

    def __init__(self, data=None, *, company, **kwargs):
        super().__init__(data, company=company, **kwargs)
        if not company.resume_required:
            del self.fields["resume_url"]
        packages = [(NOTHING, _("As mapped")), *packages_of(company)]
        self.fields["subtype"] = forms.ChoiceField(
            label=_("Package"), required=False, choices=packages
        )

    @property
    def edits(self):
        data = {**self.cleaned_data}
        subtype = data.pop("subtype")
        return {**data, **({"subtype": int(subtype)} if subtype else {})}
