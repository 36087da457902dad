# Secrets of other packages, as digests, each with a token of ours.

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("apitokens", "0004_events_are_kept"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitokenevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("created", "created"),
                    ("imported", "imported"),
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
        migrations.CreateModel(
            name="LegacyCredential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("authtoken", "old authtoken secret"),
                            ("knox", "old knox secret"),
                            ("rest_framework_api_key", "old API key"),
                        ],
                        editable=False,
                        max_length=32,
                        verbose_name="source",
                    ),
                ),
                ("lookup", models.CharField(editable=False, max_length=64)),
                ("hashed", models.CharField(editable=False, max_length=255)),
                ("issued_at", models.DateTimeField(editable=False, verbose_name="issued")),
                (
                    "imported_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="imported"
                    ),
                ),
                ("ends_at", models.DateTimeField(editable=False, verbose_name="works until")),
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
                ("end_noticed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legacy_credentials",
                        to="apitokens.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "legacy credential",
                "verbose_name_plural": "legacy credentials",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lookup",), name="apitokens_legacy_lookup_unique"
                    )
                ],
            },
        ),
    ]
