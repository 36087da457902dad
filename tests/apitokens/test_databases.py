"""The same on every database: identifiers are bytes, and one credential of a token is current."""

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction

from apitokens.key_use import use_by_kid
from apitokens.models import APIToken, APITokenEvent, Credential
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def test_key_ids_that_differ_by_case_are_two(acme, admin):
    for number, kid in enumerate(["2026-a", "2026-A", "2026-A"]):
        token, _ = make_token(acme, admin, name=f"Sync {number}")
        Credential.objects.filter(token=token).update(kid=kid)
    assert {kid: use.living for kid, use in use_by_kid().items()} == {"2026-a": 1, "2026-A": 2}


def test_a_public_id_in_another_case_names_nothing(token):
    assert not APIToken.objects.filter(public_id=token.public_id.upper()).exists()
    assert not APITokenEvent.objects.filter(token_public_id=token.public_id.upper()).exists()


@pytest.mark.parametrize("field", ["owner_id", "actor_id"])
def test_history_tells_ids_apart_by_their_case(token, field):
    APITokenEvent.objects.append(token, "copied", actor=None, address=None)
    event = APITokenEvent(token_public_id=token.public_id, kind="copied", **{field: "id-b"})
    event.save()
    assert APITokenEvent.objects.filter(**{field: "id-b"}).count() == 1
    assert not APITokenEvent.objects.filter(**{field: "ID-B"}).exists()


@pytest.mark.parametrize(("one", "other"), [("Sync", "Sýnc"), ("Straße", "Strasze"), ("a", "ª b")])
def test_names_that_differ_by_an_accent_alone_are_two(acme, admin, one, other):
    for name in (one, other):
        make_token(acme, admin, name=name)
    assert APIToken.objects.count() == 2


def test_no_second_credential_of_a_token_can_be_current(token):
    current = token.credential
    twin = Credential(token=token, kid=current.kid, issued_at=current.issued_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    twin.ends_at = current.issued_at
    twin.save()


def test_nothing_is_said_to_be_missing_from_the_database():
    said = [message for message in run_checks(databases=["default"]) if message.obj]
    assert not [message for message in said if "apitokens" in str(message.obj._meta.label)]
