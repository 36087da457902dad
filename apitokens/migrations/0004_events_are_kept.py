# The tokens' own last use goes, and PostgreSQL refuses to change or delete history unless the
# transaction has unlocked it (apitokens/models/event.py).

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION apitokens_keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('apitokens.unlocked', true) = 'on' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'API token events are append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""


def quoted_table(apps, schema_editor):
    return schema_editor.quote_name(apps.get_model("apitokens", "APITokenEvent")._meta.db_table)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(GUARD)
        schema_editor.execute(
            f"CREATE TRIGGER apitokens_keep_events BEFORE UPDATE OR DELETE "
            f"ON {quoted_table(apps, schema_editor)} "
            f"FOR EACH ROW EXECUTE FUNCTION apitokens_keep_events()"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        table = quoted_table(apps, schema_editor)
        schema_editor.execute(f"DROP TRIGGER IF EXISTS apitokens_keep_events ON {table}")
        schema_editor.execute("DROP FUNCTION IF EXISTS apitokens_keep_events()")


class Migration(migrations.Migration):
    dependencies = [("apitokens", "0003_last_use_of_credentials")]

    operations = [
        migrations.RemoveField(model_name="apitoken", name="last_used_at"),
        migrations.RemoveField(model_name="apitoken", name="last_used_from"),
        migrations.RunPython(guard, unguard),
    ]
