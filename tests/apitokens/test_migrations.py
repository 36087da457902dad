"""Migrations: none missing, forwards and back with live tokens."""

import pytest
from django.core.management import call_command
from django.db import connection

from apitokens.models import APIToken, APITokenEvent, LegacyCredential
from apitokens.testing import jwt_of
from tests.apitokens.old import imported
from tests.conftest import bearer
from tests.factories import make_token

ME = "/external/v1/me"


def functions():
    """What the look-up keeps in PostgreSQL."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE starts_with(proname, 'apitokens_find_')")
        return cursor.fetchall()


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_the_migrations_go_back_and_forth_with_live_tokens():
    make_token()
    call_command("migrate", "candidates", "zero", verbosity=0)
    call_command("migrate", "apitokens", "zero", verbosity=0)
    assert "apitokens_apitoken" not in connection.introspection.table_names()
    assert not functions()
    call_command("migrate", verbosity=0)
    assert bool(functions()) is (connection.vendor == "postgresql")
    assert not APIToken.objects.exists()
    make_token()


@pytest.mark.django_db(transaction=True)
def test_a_live_token_and_its_last_use_survive_the_engines_migrations_back_and_forth():
    token, jwt = make_token()
    assert bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.7").status_code == 200
    used = APIToken.objects.get(pk=token.pk).last_used_at
    call_command("migrate", "apitokens", "0001", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_used_from FROM apitokens_apitoken")
        assert str(cursor.fetchone()[0]) == "203.0.113.7"
        # Back there history has no guard; forwards it has one again.
        cursor.execute("UPDATE apitokens_apitokenevent SET actor_label = 'Asha'")
    call_command("migrate", verbosity=0)
    again = APIToken.objects.get(pk=token.pk)
    assert (again.last_used_at, again.last_used_from) == (used, "203.0.113.7")
    assert bearer(jwt).get(ME, REMOTE_ADDR="203.0.113.7").status_code == 200
    assert set(APITokenEvent.objects.values_list("actor_label", flat=True)) == {"Asha"}


@pytest.mark.django_db(transaction=True)
def test_an_imported_tokens_jwt_survives_the_way_back_and_its_old_secret_does_not(admin):
    token, _secret = imported("knox", admin)
    jwt = jwt_of(token)
    call_command("migrate", "apitokens", "0004", verbosity=0)
    assert "apitokens_legacycredential" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    assert bearer(jwt).get(ME).status_code == 200
    assert not LegacyCredential.objects.exists()
    imported("knox", admin)
