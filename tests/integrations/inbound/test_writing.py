"""The state of a case on its way back to where its candidate came from."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.models import Candidate, Decision, Reason
from candidates.services.cases import decide
from integrations.inbound import worker
from integrations.inbound.worker import sweep
from integrations.models import Connection, ImportedRecord
from tests.integrations.inbound.conftest import CREDENTIALS, make_connection
from tests.integrations.inbound.stubs import FreshteamStub, answer, running


@pytest.fixture
def freshteam():
    with running(FreshteamStub()) as stub:
        yield stub


@pytest.fixture
def imported(admin, subtype, freshteam):
    make_connection(
        admin, "freshteam", "Pune", mapping={"stages": {"stage:offer": subtype.pk}},
        credentials={**CREDENTIALS["freshteam"], "field": "cf_check"},
    )  # fmt: skip
    freshteam.people = [freshteam.person(5)]
    sweep()
    Connection.objects.update(next_poll_at=None)
    return Candidate.objects.get()


def close(candidate, admin):
    decide(
        case=candidate.case, decision=Decision.CLOSED, reason=Reason.values[0], actor=Actor(admin)
    )


def test_a_new_state_is_written_as_a_private_comment_and_into_the_field(imported, admin, freshteam):
    assert freshteam.comments == []
    close(imported, admin)
    assert sweep().written == 1
    ((key, comment),) = freshteam.comments
    assert (key, comment["body"]) == ("5", "<p>Background verification: Closed</p>")
    assert freshteam.fields["5"] == {
        "custom_fields": {"cf_check": "Background verification: Closed"}
    }
    assert sweep().written == 0


def test_what_cannot_be_written_is_tried_again_and_not_for_ever(imported, admin, freshteam):
    close(imported, admin)
    freshteam.break_next(answer({}, 503))
    sweep()
    assert freshteam.comments == []
    row = ImportedRecord.objects.get()
    assert row.write_at > timezone.now() + timedelta(seconds=30)
    ImportedRecord.objects.update(write_at=timezone.now())
    sweep()
    assert len(freshteam.comments) == 1
    ImportedRecord.objects.update(write_at=timezone.now(), write_tries=worker.MOST_TRIES - 1)
    freshteam.break_next(answer({}, 503))
    sweep()
    assert ImportedRecord.objects.get().write_at is None


def test_systems_that_take_none_and_people_by_hand_are_left_alone(connection, talentlyft, admin):
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    close(Candidate.objects.get(), admin)
    assert ImportedRecord.objects.get().write_at is None
