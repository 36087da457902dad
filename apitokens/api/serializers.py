"""A token as JSON: never its JWT, never its jti."""

from rest_framework import serializers


class TokenSerializer(serializers.Serializer):
    """The public facts of an APIToken; instants in ISO 8601, null where there is none."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner.__str__", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(source="presented.works_until", read_only=True)
    last_used_at = serializers.DateTimeField(read_only=True)
