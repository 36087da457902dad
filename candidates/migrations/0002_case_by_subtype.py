"""The index of subtypes is in the order of the list; the foreign key's own would repeat it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("candidates", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["subtype", "-candidate"], name="candidates_case_by_subtype"),
        ),
        migrations.AlterField(
            model_name="case",
            name="subtype",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="cases",
                to="candidates.subtype",
                verbose_name="subtype",
            ),
        ),
    ]
