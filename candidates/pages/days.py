"""A day, as a field of a form: of the portal's time zone, as year-month-day."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)

BEFORE_THE_FIRST = _("This day is before the first")


def day_field(label, **kwargs):
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
        error_messages={
            "required": _("Choose a day"),
            "invalid": _("Enter a day as year-month-day, like 2026-11-24"),
        },
        validators=[validate_day],
        **kwargs,
    )


def validate_day(day):
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(_("Choose a day from 2000 to 2999"), code="out_of_range")


def are_in_order(since, until):
    """Whether the range that these days bound, either of which may be missing, has any day."""
    return since is None or until is None or since <= until
