"""Indexes by which PostgreSQL finds whose name, surname, e-mail or mobile begins with something,
and one by which the dashboard counts who waits."""

from django.db import migrations, models

INDEXES = {
    "candidates_search_name": "upper(name)",
    "candidates_search_surname": "upper(substring(name from '[^ ]+$'))",
    "candidates_search_email": "upper(email)",
    "candidates_search_phone": "phone",
}
"""Of patterns, which an index in a language's order can't serve: so Django doesn't see them."""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, expression in INDEXES.items():
            operators = "varchar_pattern_ops" if expression == "phone" else "text_pattern_ops"
            schema_editor.execute(
                f"CREATE INDEX {name} ON candidates_candidate (company_id, ({expression}) {operators})"
            )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("candidates", "0013_documents_for_checks")]
    operations = [
        migrations.RunPython(create, drop),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", [3, 11])),
                fields=["company", "status", "initiated_at", "filled_by", "submitted_at"],
                name="candidates_case_waiting",
            ),
        ),
    ]
