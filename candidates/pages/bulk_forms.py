"""Bulk add: the file, and what its columns and its rows become."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from candidates.exceptions import FileRefused
from candidates.models import BulkImport, Category, FilledBy, Subtype
from candidates.pages.bulk_rows import RowChecker, fields_in_words
from candidates.pages.package_form import offered_subtypes
from candidates.services.documents import clean_name
from candidates.tables import read_table
from candidates.tables.matching import LEFT_OUT


class TableField(forms.FileField):
    """A file of rows: cleaned it is a Table."""

    def __init__(self, **kwargs):
        super().__init__(allow_empty_file=True, **kwargs)
        self.widget.attrs["accept"] = ".csv,.xls,.xlsx"

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        try:
            return clean_name(file.name), read_table(file)
        except FileRefused as error:
            raise ValidationError(error.message, code="invalid") from error


class UploadForm(forms.Form):
    file = TableField(
        label=_("File"),
        error_messages={"required": _("Choose a file"), "invalid": _("Choose a file")},
    )


class SubtypeField(forms.ModelChoiceField):
    def label_from_instance(self, subtype):
        return f"{subtype.package.name}, {subtype.name}"


class ColumnsForm(forms.Form):
    """What each column becomes, and what is the same for every row."""

    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("None"),
        error_messages={"invalid_choice": _("Choose one of the list")},
    )
    subtype = SubtypeField(
        label=_("Package"),
        queryset=Subtype.objects.none(),
        empty_label=_("Choose"),
        error_messages={
            "required": _("Choose a package"),
            "invalid_choice": _("Choose one of these packages"),
        },
    )
    filled_by = forms.ChoiceField(
        label=_("Who fills in the form?"),
        choices=FilledBy.choices,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the two")},
    )

    def __init__(self, data=None, *, bulk, **kwargs):
        initial = {
            "category": bulk.category_id, "subtype": bulk.subtype_id, "filled_by": bulk.filled_by,
        }  # fmt: skip
        super().__init__(data, initial=initial, **kwargs)
        self.bulk = bulk
        self.labels = fields_in_words(bulk.company)
        self.fields["category"].queryset = Category.objects.filter(company=bulk.company)
        self.fields["subtype"].queryset = offered_subtypes(bulk.company)
        choices = [
            ("", _("Choose")),
            *self.labels.items(),
            (LEFT_OUT, _("Leave out")),
        ]
        for at, (heading, column) in enumerate(zip(bulk.headings, bulk.columns, strict=True)):
            self.fields[f"column{at}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                initial=column,
                error_messages={
                    "required": _("Choose what it becomes, or leave it out"),
                    "invalid_choice": _("Choose one of the list"),
                },
            )

    @property
    def column_fields(self):
        return [self[f"column{at}"] for at in range(len(self.bulk.headings))]

    @property
    def columns(self):
        return [self.cleaned_data.get(field.name, "") for field in self.column_fields]

    def clean(self):
        data = super().clean()
        firsts = {}
        for field, name in zip(self.column_fields, self.columns, strict=True):
            if name in ("", LEFT_OUT):
                continue
            first = firsts.setdefault(name, field)
            if first is not field:
                text = _gettext("%(heading)s becomes this already") % {"heading": first.label}
                self.add_error(field.name, ValidationError(text, code="twice"))
        self.refuse_missing(firsts)
        return data

    def refuse_missing(self, chosen):
        """Every row needs these; while a column is undecided it may become one of them."""
        missing = [name for name in RowChecker(self.bulk.company).required if name not in chosen]
        if missing and not any(field.name in self.errors for field in self.column_fields):
            names = ", ".join(str(self.labels[name]) for name in missing)
            text = _gettext("Choose the columns of: %s") % names
            self.add_error(None, ValidationError(text, code="missing"))


def matched_by(bulk: BulkImport) -> int:
    """How many columns are matched without anybody's help."""
    return sum(column != "" for column in bulk.columns)
