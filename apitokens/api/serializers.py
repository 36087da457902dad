"""A token as JSON: never its JWT, never its jti."""

from rest_framework import serializers

from apitokens.attribution import label_of


class TokenSerializer(serializers.Serializer):
    """The public facts of an APIToken; instants in ISO 8601, null where there is none."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.CharField(read_only=True)
    label = serializers.CharField(  # type: ignore[assignment]  # a field called label
        read_only=True, help_text="What it adds says that this added it."
    )
    owner = serializers.CharField(source="owner.__str__", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(
        source="presented.works_until", read_only=True, allow_null=True
    )
    last_used_at = serializers.DateTimeField(read_only=True, allow_null=True)
    scopes = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        allow_null=True,
        help_text="Null: made before there were scopes, and so limited by none.",
    )


class RotatedSerializer(serializers.Serializer):
    """The new JWT of a token, its end, and the end of the one before."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    old_ends_at = serializers.DateTimeField()


class PersonField(serializers.Field):
    """A person's name, null where there is nobody."""

    def __init__(self, **kwargs):
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, person):
        return label_of(person, None)


class OldCredentialSerializer(serializers.Serializer):
    """A JWT that was replaced and works until ``ends_at``."""

    issued_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    last_used_from = serializers.CharField()


class OldSecretSerializer(serializers.Serializer):
    """A secret of another package, imported, that works until ``ends_at``."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field called source
    ends_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    last_used_from = serializers.CharField()


class ManagedTokenSerializer(TokenSerializer):
    """What those who manage it see; needs a token loaded ``with_credentials()``."""

    expires_at = serializers.DateTimeField(source="credential.expires_at", allow_null=True)
    last_used_from = serializers.CharField()
    networks = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    stop_reason = serializers.CharField(allow_null=True)
    user = PersonField()
    created_by = PersonField()
    suspended_at = serializers.DateTimeField()
    suspended_by = PersonField()
    old_credentials = OldCredentialSerializer(many=True)
    old_secrets = OldSecretSerializer(many=True)


class EventSerializer(serializers.Serializer):
    """One line of a token's history."""

    kind = serializers.CharField()
    at = serializers.DateTimeField()
    name = serializers.CharField(source="token_name")
    actor = serializers.CharField(source="actor_label")
    address = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field called data
