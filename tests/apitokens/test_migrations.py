"""Migrations: none missing, forwards and back with live tokens."""

import pytest
from django.core.management import call_command
from django.db import connection

from apitokens.models import APIToken
from tests.factories import make_token


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_the_migrations_go_back_and_forth_with_live_tokens():
    make_token()
    call_command("migrate", "candidates", "zero", verbosity=0)
    call_command("migrate", "apitokens", "zero", verbosity=0)
    assert "apitokens_apitoken" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    assert not APIToken.objects.exists()
    make_token()
