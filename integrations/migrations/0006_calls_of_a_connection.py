from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0005_retried_by_the_worker"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="used_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
