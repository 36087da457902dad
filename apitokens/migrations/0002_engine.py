# Edited by hand: the owner is whatever model APITOKENS_OWNER_MODEL names, and on MariaDB and MySQL,
# which know no unique constraint with a condition, a generated column keeps the same.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apitokens.models
from apitokens.conf import conf


def person(name):
    return models.ForeignKey(
        db_index=False,
        editable=name == "created by",
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name=name,
    )


def keep_one_current(apps, schema_editor):
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(
            f"ALTER TABLE {_credentials(apps, schema_editor)} ADD COLUMN current_of bigint "
            "GENERATED ALWAYS AS (CASE WHEN ends_at IS NULL THEN token_id END) VIRTUAL, "
            "ADD UNIQUE INDEX apitokens_one_current_credential (current_of)"
        )


def keep_any(apps, schema_editor):
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(
            f"ALTER TABLE {_credentials(apps, schema_editor)} "
            "DROP INDEX apitokens_one_current_credential, DROP COLUMN current_of"
        )


def _credentials(apps, schema_editor):
    return schema_editor.quote_name(apps.get_model("apitokens", "Credential")._meta.db_table)


class Migration(migrations.Migration):
    dependencies = [
        ("apitokens", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(conf.owner_model),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="apitokenevent",
            options={
                "base_manager_name": "objects",
                "verbose_name": "API token event",
                "verbose_name_plural": "API token events",
            },
        ),
        migrations.AddField(
            model_name="apitoken",
            name="allowed_networks",
            field=models.TextField(blank=True, editable=False, verbose_name="allowed networks"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="scope",
            field=models.TextField(editable=False, null=True, verbose_name="scope"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="stop_noticed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="suspended_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="suspended"),
        ),
        migrations.AddField(
            model_name="apitoken", name="suspended_by", field=person("suspended by")
        ),
        migrations.AddField(
            model_name="credential",
            name="end_noticed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="credential",
            name="last_used_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last used"),
        ),
        migrations.AddField(
            model_name="credential",
            name="last_used_from",
            field=models.GenericIPAddressField(
                editable=False, null=True, verbose_name="last used from"
            ),
        ),
        migrations.AlterField(model_name="apitoken", name="created_by", field=person("created by")),
        migrations.AlterField(
            model_name="apitoken",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="api_tokens",
                to=conf.owner_model,
                verbose_name="owner",
            ),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="public_id",
            field=models.CharField(
                default=apitokens.models.new_public_id,
                editable=False,
                max_length=16,
                verbose_name="public id",
            ),
        ),
        migrations.AlterField(
            model_name="apitokenevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("created", "created"),
                    ("renamed", "renamed"),
                    ("copied", "copied"),
                    ("limited", "limits changed"),
                    ("rotated", "rotated"),
                    ("cut", "old credential cut"),
                    ("suspended", "suspended"),
                    ("resumed", "resumed"),
                    ("taken-over", "taken over"),
                    ("new-address", "first use from a new address"),
                    ("deleted", "deleted"),
                ],
                max_length=24,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                fields=("public_id",), name="apitokens_public_id_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at", None)),
                fields=("token",),
                name="apitokens_one_current_credential",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at", None),
                    ("expires_at", None),
                    ("ends_at__lte", models.F("expires_at")),
                    _connector="OR",
                ),
                name="apitokens_overlap_within_lifetime",
            ),
        ),
        migrations.RunPython(keep_one_current, keep_any, atomic=False),
    ]
