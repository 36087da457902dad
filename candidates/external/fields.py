"""Serializer fields that take a type at its word: no "12" for 12, no 1 for true.

A wrong type or length ends a field's check, so long input never meets the slower validators.
"""

import json

from django.core.validators import EmailValidator, RegexValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from candidates.models import Candidate
from candidates.validators import validate_https_url, validate_mobile, validate_plain_text

MAXIMUM_ID = 2**63 - 1
MAXIMUM_OBJECT_BYTES = 4096
validate_printable = RegexValidator(r"\A[^\x00-\x1f\x7f-\x9f]*\Z")
"""For the schema alone: Text has refused control characters by then."""


def length_of(column):
    return Candidate._meta.get_field(column).max_length


class Text(serializers.CharField):
    """A string as it was sent, without control characters."""

    default_error_messages = {"invalid": _("Must be a string.")}

    def __init__(self, **kwargs):
        super().__init__(trim_whitespace=False, **kwargs)
        self.validators.append(validate_printable)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        validate_plain_text(data)
        return data


class TrimmedText(Text):
    def to_internal_value(self, data):
        return super().to_internal_value(data).strip()


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class Email(Text):
    def __init__(self, **kwargs):
        validator = EmailValidator(message=_("Enter a valid e-mail address."))
        super().__init__(max_length=length_of("email"), validators=[validator], **kwargs)


@extend_schema_field({"type": "string", "pattern": "^[6-9][0-9]{9}$"})
class Mobile(Text):
    def __init__(self, **kwargs):
        super().__init__(max_length=length_of("phone"), validators=[validate_mobile], **kwargs)


@extend_schema_field({"type": "string", "format": "uri", "pattern": "^https://", "maxLength": 2000})
class Link(Text):
    """An https link; it is stored and never opened."""

    def __init__(self, **kwargs):
        length = length_of("resume_url")
        super().__init__(max_length=length, validators=[validate_https_url], **kwargs)


class Flag(serializers.BooleanField):
    default_error_messages = {"invalid": _("Must be true or false.")}

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1, "maximum": MAXIMUM_ID})
class Id(serializers.IntegerField):
    """A key. What can't be one is as unknown as one that is somebody else's."""

    default_error_messages = {
        "invalid": _("Must be a whole number."),
        "unknown": _("Unknown id."),
    }

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid")
        if not 0 < data <= MAXIMUM_ID:
            self.fail("unknown")
        return data


@extend_schema_field({"type": "object", "additionalProperties": True})
class SmallObject(serializers.JSONField):
    """Any JSON object of up to 4 KiB, measured as compact UTF-8."""

    default_error_messages = {
        "invalid": _("Must be an object."),
        "too_large": _("Must not be larger than 4 KiB."),
    }

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            self.fail("invalid")
        compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        if len(compact.encode()) > MAXIMUM_OBJECT_BYTES:
            self.fail("too_large")
        return data


class ShortList(serializers.ListField):
    """A list whose length is judged before its items."""

    def __init__(self, *, most, **kwargs):
        self.most = most
        super().__init__(max_length=most, **kwargs)  # which the schema says too

    def to_internal_value(self, data):
        if isinstance(data, list) and len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        return super().to_internal_value(data)
