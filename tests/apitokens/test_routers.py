"""A host with several databases: what decides over a token is read where it is written."""

from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model

from apitokens import services, verification
from apitokens.models import APIToken, APITokenEvent, Credential, LegacyCredential
from apitokens.old_secrets import AUTHTOKEN
from apitokens.services import pruning
from apitokens.verification import verify, verify_old
from tests.apitokens.old import imported

pytestmark = pytest.mark.django_db

OURS = {APIToken, APITokenEvent, Credential, LegacyCredential}


class PrimaryAlone:
    """Asked for a database to read rows of ours from, it fails: a replica may lag behind."""

    def db_for_read(self, model, **hints):
        if model in OURS and not hints:
            raise LookupError(f"{model.__name__} would be read from a replica")
        return "default"

    def db_for_write(self, model, **hints):
        assert issubclass(model, Model)
        return "default"


@pytest.fixture
def no_replica(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.PrimaryAlone"]
    with pytest.raises(LookupError):
        Credential.objects.first()


@pytest.mark.parametrize("compiled", [True, False])
def test_a_token_is_looked_up_in_the_primary(token, jwt, no_replica, settings, compiled):
    settings.APITOKENS_COMPILED_QUERY = compiled
    assert verify(jwt) == token


def test_an_old_secret_is_looked_up_in_the_primary(admin, settings):
    token, secret = imported(AUTHTOKEN, admin)
    settings.DATABASE_ROUTERS = [f"{__name__}.PrimaryAlone"]
    assert verify_old(secret, [AUTHTOKEN]) == token


def test_history_is_erased_and_its_addresses_counted_and_dropped_in_the_primary(
    token, acme, settings
):
    settings.APITOKENS_EVENT_RETENTION = 0
    APITokenEvent.objects.append(token, "copied", actor=None, address="203.0.113.7")
    settings.DATABASE_ROUTERS = [f"{__name__}.PrimaryAlone"]
    assert pruning._drop_addresses(dry_run=True) == 1
    assert pruning._drop_addresses(dry_run=False) == 1
    assert services.erase_history(owner=acme) == 2


def test_a_tombstone_is_removed_from_the_primary(token, settings):
    token.delete()
    settings.DATABASE_ROUTERS = [f"{__name__}.PrimaryAlone"]
    row = APIToken._base_manager.using("default").get()
    assert pruning._remove([row], dry_run=True) == 1
    assert pruning._remove([row], dry_run=False) == 1
    settings.DATABASE_ROUTERS = []
    assert not APIToken.objects.exists()


# After each migrate ---------------------------------------------------------------------------
@pytest.fixture
def kept(monkeypatch):
    """What the database was asked to keep, or to keep no more."""
    asked = []

    def install(build, field, sample):
        asked.append(("install", build().model, build().db, field, sample))

    monkeypatch.setattr(verification, "install", install)
    monkeypatch.setattr(verification, "uninstall", lambda alias: asked.append(("uninstall", alias)))
    return asked


def test_the_database_of_tokens_is_asked_to_keep_the_look_up(kept):
    verification.after_migrate(using="default", sender=None)
    assert kept == [("install", Credential, "default", "jti", UUID(int=0))]


def test_where_the_look_up_is_not_compiled_nothing_is_kept(kept, settings):
    settings.APITOKENS_COMPILED_QUERY = False
    verification.after_migrate(using="default")
    assert kept == []


def test_any_other_database_is_asked_nothing(kept):
    verification.after_migrate(using="reports")
    assert kept == []


def test_once_the_table_is_gone_the_look_up_goes_too(kept, monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: ["auth_group"])
    verification.after_migrate(using="default")
    assert kept == [("uninstall", "default")]
