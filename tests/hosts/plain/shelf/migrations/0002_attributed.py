from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("apitokens", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("shelf", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="book",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="added by",
            ),
        ),
        migrations.AddField(
            model_name="book",
            name="added_through",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=models.RESTRICT,
                related_name="+",
                to="apitokens.apitoken",
                verbose_name="added through",
            ),
        ),
    ]
