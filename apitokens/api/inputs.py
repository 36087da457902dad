"""What the management API takes in. Types are taken at their word; unknown fields are refused."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apitokens.api.bodies import visible
from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.services import OVERLAPS, clean_name

MOST = 100
SECONDS = {int(overlap.total_seconds()): overlap for overlap in OVERLAPS}


class Text(serializers.CharField):
    """A JSON string; a number is none."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Name(Text):
    """A token's name, under the services' own rule."""

    def to_internal_value(self, data):
        try:
            return clean_name(super().to_internal_value(data))
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error


class Whole(serializers.Field):
    """A JSON integer: no string, no fraction, no boolean."""

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid")
        return self.span(data)


class Lifetime(Whole):
    default_error_messages = {
        "invalid": _("Enter 600 to 86400 seconds (10 minutes to 24 hours)"),
        "null": _("Enter 600 to 86400 seconds, or leave the field out: never-ending"),
    }

    def span(self, seconds):
        least, most = MINIMUM_LIFETIME.total_seconds(), MAXIMUM_LIFETIME.total_seconds()
        if not least <= seconds <= most:
            self.fail("invalid")
        return timedelta(seconds=seconds)


class Overlap(Whole):
    default_error_messages = {"invalid": _("Choose 0, 3600, 86400 or 604800 seconds")}

    def span(self, seconds):
        return SECONDS[seconds] if seconds in SECONDS else self.fail("invalid")


class Words(serializers.ListField):
    def __init__(self, **kwargs):
        super().__init__(child=Text(max_length=200), max_length=MOST, **kwargs)


class StrictSerializer(serializers.Serializer):
    """Names every field that it doesn't know, rather than to do half of what was asked."""

    def to_internal_value(self, data):
        unknown = sorted(data.keys() - self.fields.keys()) if isinstance(data, dict) else ()
        if unknown:
            text = _("There is no such field, or it can’t be set.")
            raise serializers.ValidationError({visible(name): [text] for name in unknown[:MOST]})
        return super().to_internal_value(data)


class NoInput(StrictSerializer):
    """Calls that need nothing but their address."""


class CreateInput(StrictSerializer):
    name = Name(max_length=64)
    lifetime = Lifetime(required=False, default=None)
    scopes = Words(required=False)
    networks = Words(required=False)
    request_id = serializers.UUIDField(required=False)


class ChangeInput(StrictSerializer):
    name = Name(max_length=64, required=False)
    scopes = Words(required=False)
    networks = Words(required=False)


class RotateInput(StrictSerializer):
    overlap = Overlap()


class RotateItselfInput(StrictSerializer):
    overlap = Overlap(required=False, default=timedelta(hours=24))
