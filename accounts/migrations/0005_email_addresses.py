"""Everybody who is here already has the address they sign in with: staff made them."""

from django.db import migrations


def add_addresses(apps, schema_editor):
    using = schema_editor.connection.alias
    EmailAddress = apps.get_model("account", "EmailAddress")
    User = apps.get_model("accounts", "User")
    people = User.objects.using(using).filter(emailaddress=None).values_list("pk", "email")
    EmailAddress.objects.using(using).bulk_create(
        [
            EmailAddress(user_id=pk, email=email, primary=True, verified=True)
            for pk, email in people.iterator(chunk_size=1000)
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_session_epoch"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(add_addresses, migrations.RunPython.noop)]
