"""What the list is walked by when it is narrowed to a category or a tag, and indexes that answer a
search alone.

The table of tags on candidates stays as it is and gets a model of its own.
"""

import django.db.models.deletion
from django.db import migrations, models

SEARCHED = {
    "candidates_search_name": ("upper(name)", "name"),
    "candidates_search_surname": ("upper(substring(name from '[^ ]+$'))", "name"),
    "candidates_search_email": ("upper(email)", "email"),
    "candidates_search_phone": ("phone", "phone"),
}
"""Each with the key, and with the column from which PostgreSQL sees that it needs no row."""


def create(schema_editor, including):
    for name, (expression, column) in SEARCHED.items():
        schema_editor.execute(f"DROP INDEX {name}")
        operators = "varchar_pattern_ops" if expression == "phone" else "text_pattern_ops"
        kept = f" INCLUDE ({including.format(column)})" if including else ""
        schema_editor.execute(
            f"CREATE INDEX {name} ON candidates_candidate"
            f" (company_id, ({expression}) {operators}){kept}"
        )


def widen(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        create(schema_editor, "id, {}")


def narrow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        create(schema_editor, "")


class Migration(migrations.Migration):
    dependencies = [("candidates", "0014_search")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="CandidateTag",
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
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="candidates.candidate",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="candidates.tag",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "candidates_candidate_tags",
                        "unique_together": {("candidate", "tag")},
                    },
                ),
                migrations.AlterField(
                    model_name="candidate",
                    name="tags",
                    field=models.ManyToManyField(
                        blank=True,
                        through="candidates.CandidateTag",
                        to="candidates.tag",
                        verbose_name="tags",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="candidatetag",
            constraint=models.UniqueConstraint(
                fields=("tag", "candidate"), name="candidates_tag_once"
            ),
        ),
        migrations.AlterField(
            model_name="candidatetag",
            name="tag",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="candidates.tag",
            ),
        ),
        migrations.AlterUniqueTogether(name="candidatetag", unique_together=set()),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["category", "-id"], name="candidates_by_category"),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="category",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="candidates.category",
                verbose_name="category",
            ),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="candidates",
                to="accounts.company",
                verbose_name="company",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.company",
            ),
        ),
        migrations.RunPython(widen, narrow),
    ]
