# Nobody knows when the passwords of before were set: they count as old as the account, so that an
# expiry that is switched on later asks too early rather than never.

from django.db import migrations
from django.db.models import F


def date_back(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    users.update(password_changed_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_security_policy")]

    operations = [migrations.RunPython(date_back, migrations.RunPython.noop)]
