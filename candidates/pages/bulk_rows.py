"""Is each row of a file valid? By the fields of DetailsForm, so by hand and in bulk alike."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from candidates.pages.forms import DetailsForm
from candidates.services.bulk import settle_rows, values_of
from candidates.tables.matching import FIELDS
from candidates.validators import without_control_characters, without_prefix

LONGEST = 2100
"""So much of what is typed is kept, right or wrong."""
BETWEEN_TAGS = re.compile(r"[,;|]")
PHONES = ("phone", "alternate_phone")


class RowChecker:
    """The fields that a file of *company* may fill. Two queries, then none for any row."""

    def __init__(self, company):
        form = DetailsForm(company=company)
        self.fields = {name: form.fields[name] for name in FIELDS if name != "tags"}
        self.fields["resume_url"].required = company.resume_required
        self.fields["resume_url"].error_messages["required"] = _("Add the résumé")
        self.tags = {tag.name.casefold(): tag.pk for tag in form.fields["tags"].queryset}

    @property
    def required(self):
        return [name for name, field in self.fields.items() if field.required]

    def check(self, row):
        """Set what *row* would be written as, and what is wrong with it."""
        cleaned, errors = {}, {}
        for name, field in self.fields.items():
            try:
                cleaned[name] = field.clean(row.values.get(name, ""))
            except ValidationError as error:
                errors[name] = [str(message) for message in error.messages]
        try:
            cleaned["tags"] = self.keys_of(row.values.get("tags", ""))
        except ValidationError as error:
            errors["tags"] = [str(message) for message in error.messages]
        row.cleaned, row.errors = cleaned, errors

    def keys_of(self, text):
        names = [name.strip() for name in BETWEEN_TAGS.split(text) if name.strip()]
        unknown = [name for name in names if name.casefold() not in self.tags]
        if unknown:
            raise ValidationError(_("There is no tag %s") % ", ".join(unknown[:5]))
        return [self.tags[name.casefold()] for name in names]


def fields_in_words(company):
    """Field → the label that the form by hand gives it."""
    fields = DetailsForm(company=company).fields
    labels = {name: fields[name].label for name in FIELDS}
    return {**labels, "resume_url": _("Résumé (link)")}


def check_rows(bulk, rows):
    """Check all *rows* of a file that is being changed, each by itself and all together."""
    checker = RowChecker(bulk.company)
    for row in rows:
        checker.check(row)
    settle_rows(bulk.company, rows)


def fill_from_cells(bulk, rows):
    """Begin anew with what the file held: each column becomes the field chosen for it."""
    for row in rows:
        row.values = values_of(bulk, row.cells)
        row.left_out = False


def edit(row, typed):
    """Take over what was typed for *row*, by field."""
    row.values = row.values | {
        name: without_control_characters(text)[:LONGEST] for name, text in typed.items()
    }


def drop_prefixes(rows):
    for row in rows:
        shorter = {name: without_prefix(row.values[name]) for name in PHONES if name in row.values}
        row.values = row.values | shorter


def count_prefixes(rows):
    """How many numbers would be right without their prefix."""
    return sum(
        without_prefix(row.values.get(name, "")) != row.values.get(name, "")
        for row in rows
        for name in PHONES
        if name in row.errors
    )
