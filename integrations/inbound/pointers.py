"""JSON pointers (RFC 6901): where in a message a value stands."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)+")
INDEX = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)
DEEPEST = 32


def validate_pointer(text: str) -> None:
    if not POINTER.fullmatch(text) or text.count("/") > DEEPEST:
        raise ValidationError(
            _("Enter a pointer that starts with /, such as /candidate/email"), code="invalid"
        )


def found_at(pointer: str, document: Any) -> Any:
    """The value at *pointer*, or None."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and INDEX.fullmatch(name) and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document
