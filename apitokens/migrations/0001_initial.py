# Edited by hand: the owner is whatever model APITOKENS_OWNER_MODEL names, and MariaDB and MySQL
# compare identifiers by their bytes, as every other database does.

import apitokens.models
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from apitokens.conf import conf


COMPARED_BY_BYTES = {
    "APIToken": ["public_id", "live_name"],
    "Credential": ["kid"],
    "APITokenEvent": ["token_public_id", "owner_id", "actor_id"],
}


def compare_by_bytes(apps, schema_editor):
    if schema_editor.connection.vendor != "mysql":
        return
    for model, names in COMPARED_BY_BYTES.items():
        meta = apps.get_model("apitokens", model)._meta
        for name in names:
            schema_editor.execute(
                f"ALTER TABLE {schema_editor.quote_name(meta.db_table)} "
                f"MODIFY {_column(meta.get_field(name), schema_editor)}"
            )


def _column(field, schema_editor):
    kind = f"{field.db_type(schema_editor.connection)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    return f"{schema_editor.quote_name(field.column)} {kind} {'' if field.null else 'NOT '}NULL"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(conf.owner_model),
    ]

    operations = [
        migrations.CreateModel(
            name="APIToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=apitokens.models.new_public_id,
                        editable=False,
                        max_length=16,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=64,
                        validators=[apitokens.models.validate_token_name],
                        verbose_name="name",
                    ),
                ),
                (
                    "live_name",
                    models.CharField(editable=False, max_length=255, null=True),
                ),
                ("request_id", models.UUIDField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "deleted_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="deleted"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used"),
                ),
                (
                    "last_used_from",
                    models.GenericIPAddressField(
                        editable=False, null=True, verbose_name="last used from"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=conf.owner_model,
                        verbose_name="owner",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="acting_api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acts as",
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.CreateModel(
            name="APITokenEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "token_public_id",
                    models.CharField(db_index=True, max_length=16, verbose_name="public id"),
                ),
                (
                    "token_name",
                    models.CharField(max_length=64, verbose_name="name at that time"),
                ),
                ("owner_id", models.CharField(max_length=64, verbose_name="owner")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("renamed", "renamed"),
                            ("copied", "copied"),
                            ("deleted", "deleted"),
                        ],
                        max_length=24,
                        verbose_name="what",
                    ),
                ),
                ("actor_id", models.CharField(blank=True, max_length=64)),
                (
                    "actor_label",
                    models.CharField(blank=True, max_length=254, verbose_name="who"),
                ),
                (
                    "address",
                    models.GenericIPAddressField(null=True, verbose_name="from"),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "API token event",
                "verbose_name_plural": "API token events",
                "indexes": [
                    models.Index(fields=["owner_id", "-id"], name="apitokens_event_by_owner")
                ],
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "jti",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                ("kid", models.CharField(editable=False, max_length=64)),
                ("issued_at", models.DateTimeField(editable=False)),
                ("expires_at", models.DateTimeField(editable=False, null=True)),
                ("ends_at", models.DateTimeField(editable=False, null=True)),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credentials",
                        to="apitokens.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "credential",
                "verbose_name_plural": "credentials",
            },
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                fields=("owner", "live_name"),
                name="apitokens_live_name_unique_for_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                fields=("owner", "request_id"),
                name="apitokens_request_id_unique_for_owner",
            ),
        ),
        migrations.RunPython(
            compare_by_bytes,
            migrations.RunPython.noop,
            atomic=False,  # MariaDB and MySQL change no table in a transaction
            elidable=False,
        ),
    ]
