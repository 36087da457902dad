"""The words for a link that was sent; no row holds them, so no table changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0015_list_filters"),
    ]

    operations = [
        migrations.AlterField(
            model_name="logentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("added", "added the candidate"),
                    ("status-changed", "changed the state"),
                    ("check-changed", "changed a check"),
                    ("check-assigned", "assigned a check"),
                    ("decided", "held, closed or reopened"),
                    ("edited", "changed the details"),
                    ("invited", "sent the link to the form"),
                    ("form-saved", "filled in the form"),
                    ("form-submitted", "submitted the form"),
                    ("consented", "signed the consent"),
                    ("document-added", "added a document"),
                    ("document-removed", "removed a document"),
                    ("document-opened", "opened a document"),
                    ("reported", "opened the report"),
                    ("erased", "erased the personal data"),
                ],
                max_length=32,
                verbose_name="what",
            ),
        ),
    ]
