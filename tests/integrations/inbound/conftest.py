"""Connections, and the worker as it runs."""

import pytest

from apitokens.attribution import Actor
from integrations.inbound import client
from integrations.inbound.connecting import connect, set_mapping, start
from integrations.models import Connection, ImportedRecord
from tests.candidates.conftest import foreign_subtype, private_folder
from tests.integrations.inbound.stubs import TOKEN, TalentLyftStub, running

__all__ = ["foreign_subtype", "private_folder"]

CREDENTIALS = {
    "talentlyft": {"token": TOKEN, "hook_secret": "hook"},
    "greythr": {"tenant": "acme", "user": "api-user", "password": TOKEN, "token_address": "tenant"},
    "freshteam": {"domain": "acme", "key": TOKEN, "hook_secret": "hook"},
    "greenhouse": {"hook_secret": "hook"},
    "generic": {"scheme": "standard", "hook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
}


def make_connection(admin, kind="talentlyft", name="Berlin office", mapping=None, **more):
    """A connection of the admin's company; with *mapping* it is started."""
    actor = Actor(admin, address="203.0.113.7")
    connection = connect(
        company=admin.company, actor=actor, kind=kind, name=name,
        credentials=more.pop("credentials", CREDENTIALS[kind]), base_url="https://portal.test",
    )  # fmt: skip
    if mapping is not None:
        set_mapping(
            connection=connection, actor=actor, mapping=mapping, pointers=more.pop("pointers", {})
        )
        start(
            connection=connection, actor=actor,
            with_those_there=more.pop("with_those_there", True),
        )  # fmt: skip
    return connection


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    seconds = []
    monkeypatch.setattr(client, "pause", seconds.append)
    return seconds


@pytest.fixture
def talentlyft():
    with running(TalentLyftStub()) as stub:
        yield stub


@pytest.fixture
def connection(admin, subtype):
    """TalentLyft(Berlin office): Offer and Hired start a check with the subtype."""
    stages = {"name:offer": subtype.pk, "type:hired": 0}
    return make_connection(admin, mapping={"stages": stages, "default": subtype.pk})


def due_now(connection=None):
    Connection.objects.filter(started_at__isnull=False).exclude(next_poll_at=None).update(
        next_poll_at=connection.started_at if connection else "2026-01-01T00:00Z"
    )


def records(**narrow):
    return list(ImportedRecord.objects.filter(**narrow).order_by("external_id"))
