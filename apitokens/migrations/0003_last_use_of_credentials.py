# Last use moves from the token to the credential by which it happened.

from django.db import migrations
from django.db.models import OuterRef, Subquery


def to_credentials(apps, schema_editor):
    alias = schema_editor.connection.alias
    token = (
        apps.get_model("apitokens", "APIToken").objects.using(alias).filter(pk=OuterRef("token"))
    )
    apps.get_model("apitokens", "Credential").objects.using(alias).filter(ends_at=None).update(
        last_used_at=Subquery(token.values("last_used_at")),
        last_used_from=Subquery(token.values("last_used_from")),
    )


def to_tokens(apps, schema_editor):
    alias = schema_editor.connection.alias
    credentials = apps.get_model("apitokens", "Credential").objects.using(alias)
    last = (
        credentials.filter(token=OuterRef("pk"))
        .exclude(last_used_at=None)
        .order_by("-last_used_at")
    )
    apps.get_model("apitokens", "APIToken").objects.using(alias).update(
        last_used_at=Subquery(last.values("last_used_at")[:1]),
        last_used_from=Subquery(last.values("last_used_from")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("apitokens", "0002_engine")]
    operations = [migrations.RunPython(to_credentials, to_tokens)]
