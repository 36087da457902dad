"""The address at which other systems send their messages."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from integrations.inbound.views.receiving import LARGEST
from integrations.inbound.worker import sweep
from integrations.models import Connection, ImportedRecord, ReceivedMessage
from svportal.settings_signin import ACCOUNT
from tests.conftest import signed_in
from tests.integrations.inbound.conftest import CREDENTIALS, make_connection
from tests.integrations.inbound.stubs import TalentLyftStub
from tests.integrations.inbound.test_contract import BODIES, POINTERS, proven


def address(connection):
    return f"/integrations/in/{connection.public_id}/"


def post(connection, body, headers, client=None):
    client = client or Client(enforce_csrf_checks=True)
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if callable(headers):
        headers = headers(body)
    return client.post(address(connection), body, content_type="application/json", headers=headers)


@pytest.fixture
def greenhouse(admin, subtype):
    mapping = {"stages": {"hired": subtype.pk}, "default": 0}
    return make_connection(admin, "greenhouse", "Global", mapping=mapping)


@pytest.fixture
def generic(admin, subtype):
    mapping = {"stages": {"message": subtype.pk}, "default": 0}
    return make_connection(admin, "generic", "HR tool", mapping=mapping, pointers=POINTERS)


def signed(kind, connection=None):
    secret = CREDENTIALS[kind]["hook_secret"]
    return lambda body: proven(kind, body, secret)


def test_a_proven_message_is_accepted_at_once_and_its_person_added_by_the_worker(greenhouse):
    response = post(greenhouse, BODIES["greenhouse"], signed("greenhouse"))
    assert (response.status_code, response.json()) == (202, {"message": "Accepted."})
    assert not ImportedRecord.objects.exists()
    assert sweep().added == 1
    row = ImportedRecord.objects.get()
    assert row.candidate.name == "Sneha Pillai"
    assert row.candidate.added_by_label == "Greenhouse(Global)"
    assert ReceivedMessage.objects.get().record is None  # forgotten again


def test_a_message_of_ones_own_making_is_too(generic):
    assert post(generic, BODIES["generic"], signed("generic")).status_code == 202
    assert sweep().added == 1
    assert ImportedRecord.objects.get().candidate.added_by_label == "Generic(HR tool)"


def test_a_repeat_is_accepted_and_adds_nobody(greenhouse):
    for _ in range(2):
        assert post(greenhouse, BODIES["greenhouse"], signed("greenhouse")).status_code == 202
    assert sweep().messages == 1


def refusals(greenhouse, acme):
    """Every way to be refused: the answers must be the same."""
    body = json.dumps(BODIES["greenhouse"]).encode()
    unknown = Connection(public_id="con_00000000000000000000000000")
    yield post(greenhouse, body, {})
    yield post(greenhouse, body, {"Signature": "sha256 00"})
    yield post(greenhouse, body, proven("greenhouse", body, "another"))
    yield post(unknown, body, signed("greenhouse"))
    yield post(Connection(public_id="x" * 500), body, signed("greenhouse"))
    yield post(Connection(public_id="%00"), body, signed("greenhouse"))
    acme.is_active = False
    acme.save()
    yield post(greenhouse, body, signed("greenhouse"))


def test_every_refusal_is_the_same(greenhouse, acme):
    answers = {(r.status_code, r.content) for r in refusals(greenhouse, acme)}
    assert answers == {(401, b'{"message": "Not accepted."}')}
    assert not ReceivedMessage.objects.exists()


def test_a_system_that_sends_nothing_has_no_address(admin):
    connection = make_connection(admin, "greythr")
    assert post(connection, {"id": 1}, {"Signature": "x"}).status_code == 401


def test_credentials_that_no_key_opens_refuse_too(greenhouse, settings):
    settings.MFA_SECRET_KEYS = ["another-" + "n" * 40]
    assert post(greenhouse, BODIES["greenhouse"], signed("greenhouse")).status_code == 401


def test_a_session_makes_nothing_of_it(greenhouse, admin):
    client = signed_in(admin)
    assert post(greenhouse, BODIES["greenhouse"], {}, client=client).status_code == 401


def test_a_message_of_more_than_64_kib_is_refused_and_one_of_64_taken(generic):
    filled = {**BODIES["generic"], "x": ""}
    filled["x"] = "x" * (LARGEST - len(json.dumps(filled)))
    assert len(json.dumps(filled)) == LARGEST
    assert post(generic, filled, signed("generic")).status_code == 202
    filled["x"] += "x"
    assert post(generic, filled, signed("generic")).status_code == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 30_000])
def test_what_is_no_object_is_said_to_be_none_once_it_is_proven(greenhouse, body):
    assert post(greenhouse, body, signed("greenhouse")).status_code == 400
    assert post(greenhouse, body, {}).status_code == 401


def test_nothing_but_post(greenhouse):
    assert Client().get(address(greenhouse)).status_code == 405


def test_too_many_messages_from_one_address_wait(greenhouse, settings):
    settings.ACCOUNT_RATE_LIMITS = {
        **ACCOUNT["ACCOUNT_RATE_LIMITS"], "connection_message": "3/m/ip",
    }  # fmt: skip
    cache.clear()
    statuses = [post(greenhouse, b"{}", {}).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    response = post(greenhouse, b"{}", {})
    assert response["Retry-After"] == "60"
    cache.clear()


def test_before_the_start_nothing_is_kept_but_the_preview(admin):
    connection = make_connection(admin, "generic", "HR tool")
    assert post(connection, BODIES["generic"], signed("generic")).status_code == 202
    connection.refresh_from_db()
    assert not ReceivedMessage.objects.exists()
    assert connection.last_body == BODIES["generic"]
    assert "Sneha" not in connection.encrypted_last_body


def test_of_others_no_body_is_kept(greenhouse):
    post(greenhouse, BODIES["greenhouse"], signed("greenhouse"))
    greenhouse.refresh_from_db()
    assert greenhouse.last_message_at
    assert greenhouse.last_body is None


def test_talentlyft_signs_with_the_secret_that_we_gave_it(connection):
    headers, body = TalentLyftStub.message(None, 5, "hook")
    assert post(connection, body, headers).status_code == 202
    assert ReceivedMessage.objects.get().external_id == "5"
    headers, body = TalentLyftStub.message(None, 5, "other")
    assert post(connection, body, headers).status_code == 401
