"""What a candidate's fields may hold (product.md §5), the same for pages, API and import.

Each check is linear in its input.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

NAME_MARKS = {" ", ".", "-", "'", "\u2019", "\u200c", "\u200d"}
HTTPS_URL = re.compile(r"https://[^\s/?#]+(?:[/?#]\S*)?")


def validate_person_name(value):
    """Letters and marks of any script, spaces, dot, hyphen, ' and ’; at least two characters."""
    if len(value.strip()) < 2:
        raise ValidationError(_("Enter at least 2 characters"), code="min_length")
    if not all(c in NAME_MARKS or unicodedata.category(c)[0] in "LM" for c in value):
        raise ValidationError(
            _("Use letters, spaces, dots, hyphens and apostrophes only"), code="invalid"
        )
    if not any(unicodedata.category(c)[0] == "L" for c in value):
        raise ValidationError(_("Enter a name with letters"), code="invalid")


# Of Django's own class, so that the API's schema says the same.
validate_mobile = RegexValidator(
    r"\A[6-9][0-9]{9}\Z", _("Enter ten digits that start with 6 to 9, without +91 or 0")
)
MOBILE_WITH_PREFIX = re.compile(r"(?:\+?91|0)[\s-]*([6-9](?:[\s-]*[0-9]){9})", re.ASCII)
BETWEEN_DIGITS = re.compile(r"[\s-]")
validate_uan = RegexValidator(r"\A[0-9]{12}\Z", _("Enter 12 digits"))


def validate_https_url(value):
    """An https link, kept as text and never fetched."""
    if not HTTPS_URL.fullmatch(value):
        raise ValidationError(_("Enter a link that starts with https://"), code="invalid")


def validate_plain_text(value):
    """No control characters and no lone surrogates: no database and no log line wants them."""
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in value):
        raise ValidationError(_("Remove control characters"), code="invalid")


def without_prefix(text):
    """A mobile number without +91 or 0, as it is valid; anything else as it is."""
    found = MOBILE_WITH_PREFIX.fullmatch(text.strip())
    return BETWEEN_DIGITS.sub("", found[1]) if found else text


def ten_digits(text):
    """A mobile number as it is valid, however *text* writes it."""
    return without_prefix(BETWEEN_DIGITS.sub("", text))


def without_control_characters(value):
    """What of a text any database keeps."""
    return "".join(c for c in value if unicodedata.category(c) not in {"Cc", "Cs"})
