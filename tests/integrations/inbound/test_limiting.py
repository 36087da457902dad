"""A vendor's limit is kept to, by all processes and over restarts; to wait is no failure."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Candidate
from integrations.inbound.connectors.talentlyft import TalentLyft
from integrations.inbound.contract import Limit
from integrations.inbound.exceptions import Waits
from integrations.inbound.limiting import take_turn
from integrations.inbound.opening import connector_of
from integrations.inbound.worker import sweep
from integrations.models import Connection
from tests.integrations.inbound.conftest import make_connection
from tests.integrations.inbound.stubs import answer
from tests.integrations.inbound.test_pages import at, text

pytestmark = pytest.mark.django_db
LIMIT = Limit(calls=20, seconds=100)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    return time_machine


def calls_within(connection, clock, seconds, *, every=1):
    """The moments of calls that went through, tried *every* second, whatever is answered."""
    made = []
    for second in range(0, seconds, every):
        for _ in range(50):
            try:
                take_turn(connection.pk, LIMIT)
            except Waits:
                break
            made.append(second)
        clock.shift(every)
    return made


def test_no_window_of_the_length_sees_more_calls_than_allowed(connection, clock):
    made = calls_within(connection, clock, 400)
    windows = [sum(begin <= at < begin + 100 for at in made) for begin in range(300)]
    assert max(windows) in (LIMIT.calls - 1, LIMIT.calls)
    assert made.count(0) == LIMIT.calls // 2
    assert len(made) == 10 + 39  # half at once, and from then on one every ten seconds


def test_it_waits_until_half_of_them_are_back(connection, clock):
    for _ in range(10):
        take_turn(connection.pk, LIMIT)
    with pytest.raises(Waits) as waits:
        take_turn(connection.pk, LIMIT)
    assert 50 <= waits.value.seconds <= 60
    clock.shift(waits.value.seconds)
    for _ in range(5):
        take_turn(connection.pk, LIMIT)
    clock.shift(-10)
    with pytest.raises(Waits):
        take_turn(connection.pk, LIMIT)


def test_each_connection_has_its_own(connection, admin, clock):
    other = make_connection(admin, name="Pune")
    for _ in range(10):
        take_turn(connection.pk, LIMIT)
    take_turn(other.pk, LIMIT)


def test_a_connection_that_is_gone_has_none(db):
    take_turn(0, LIMIT)


def test_talentlyft_states_what_its_documentation_says():
    assert TalentLyft.limit == Limit(calls=600, seconds=600)


def test_every_call_counts_those_that_are_tried_again_too(connection, talentlyft, clock):
    talentlyft.break_next(answer({}, 503))
    connector_of(connection).fetch("1")
    assert len(talentlyft.asked) == 2
    connection.refresh_from_db()
    assert connection.used_until == timezone.now() + timedelta(seconds=4)


def test_a_poll_that_has_used_them_up_goes_on_where_it_was(
    connection, talentlyft, clock, monkeypatch
):
    monkeypatch.setattr(TalentLyft, "limit", Limit(calls=8, seconds=600))
    talentlyft.people = [talentlyft.person(key) for key in range(1, 301)]
    swept = sweep()
    assert swept.added == 150  # three pages, and one call for the jobs
    row = Connection.objects.get()
    assert (row.error_code, row.failing_since) == ("", None)
    assert row.cursor == {"page": 4}
    assert timedelta(minutes=5) <= row.next_poll_at - timezone.now() < timedelta(minutes=10)
    assert len(talentlyft.asked) == 4
    while Candidate.objects.count() < 300:
        clock.move_to(Connection.objects.get().next_poll_at, tick=False)
        before = len(talentlyft.asked)
        sweep()
        assert len(talentlyft.asked) - before <= 4
    assert not any(
        "page=1&perPage=50" in path for path in talentlyft.asked[4:] if "jobs" not in path
    )


def test_a_page_says_that_we_wait(admin_client, connection, talentlyft, clock, monkeypatch):
    monkeypatch.setattr(TalentLyft, "limit", Limit(calls=2, seconds=600))
    take_turn(connection.pk, TalentLyft.limit)
    response = admin_client.get(at(connection, "mapping"))
    assert response.status_code == 502
    assert "We have asked as often as it allows" in text(response)
    assert talentlyft.asked == []
