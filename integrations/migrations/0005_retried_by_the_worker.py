from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0014_search"),
        ("integrations", "0004_states_written_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="importedrecord",
            name="retry_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="importedrecord",
            index=models.Index(
                condition=models.Q(("retry_at__isnull", False)),
                fields=["retry_at"],
                name="integrations_record_to_retry",
            ),
        ),
        migrations.AddIndex(
            model_name="importedrecord",
            index=models.Index(
                condition=models.Q(
                    ("state", "dismissed"),
                    models.Q(("state", "added"), ("tries__gt", 1)),
                    _connector="OR",
                ),
                fields=["connection", "-id"],
                name="integrations_record_ended",
            ),
        ),
    ]
