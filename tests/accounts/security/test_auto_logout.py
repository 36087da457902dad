"""Auto-logout: what is activity, when a session ends, and what its pages are told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.security.models import SecurityEvent, SecurityPolicy
from tests.accounts.security.conftest import set_policy
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/auto-logout/"
STATUS = "/account/session/"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
JSON = {"accept": "application/json"}


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def idle(acme, clock):
    """Acme's people are signed out after 30 minutes, since long ago."""
    set_policy(acme, idle_minutes=30, idle_from=NOON - timedelta(days=1))


def test_a_session_ends_after_that_long_without_activity_and_says_why(clock, idle, hr):
    client = signed_in(hr)
    clock.shift(timedelta(minutes=29, seconds=59))
    assert client.get("/candidates/").status_code == 200
    clock.shift(timedelta(minutes=30))
    response = client.get("/candidates/", follow=True)
    assert response.redirect_chain[0] == ("/login/?ended=idle&next=/candidates/", 302)
    assert "signed out after a time without activity" in response.content.decode()
    assert SecurityEvent.objects.get(kind="ended").data == {"reason": "idle"}


def test_activity_keeps_it_open_for_as_long_as_it_takes(clock, idle, hr):
    client = signed_in(hr)
    for _ in range(20):
        clock.shift(timedelta(minutes=29))
        assert client.get("/candidates/").status_code == 200


@pytest.mark.parametrize("path", [STATUS, "/security-settings/api/{}/usage/"])
def test_what_pages_ask_by_themselves_is_no_activity(clock, idle, admin, token, path):
    client = signed_in(admin)
    path = path.format(token.public_id)
    for _ in range(29):
        clock.shift(timedelta(minutes=1))
        assert client.get(path, headers=JSON).status_code == 200
    clock.shift(timedelta(minutes=1))
    response = client.get(path, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (401, "idle")


def test_a_page_that_is_not_found_is_activity_too(clock, idle, hr):
    client = signed_in(hr)
    clock.shift(timedelta(minutes=29))
    client.get("/nowhere/")
    clock.shift(timedelta(minutes=29))
    assert client.get("/candidates/").status_code == 200


def test_staying_signed_in_counts_anew_and_asking_does_not(clock, idle, hr):
    client = signed_in(hr)
    clock.shift(timedelta(minutes=29))
    assert client.get(STATUS).json() == {"seconds_left": 60}
    assert client.post(STATUS, headers=JSON).json() == {"seconds_left": 1800}
    assert client.post(STATUS)["Location"] == "/"
    assert client.get(STATUS).json() == {"seconds_left": 1800}


def test_staying_needs_a_csrf_token_and_a_session(clock, idle, hr):
    client = Client(enforce_csrf_checks=True)
    client.force_login(hr)
    assert client.post(STATUS).status_code == 403
    assert Client().get(STATUS).status_code == 401


def test_an_ended_session_can_not_be_stayed_in(clock, idle, hr):
    client = signed_in(hr)
    clock.shift(timedelta(minutes=30))
    assert client.post(STATUS, headers=JSON).status_code == 401
    assert client.get("/candidates/").status_code == 302


def test_switched_on_it_counts_from_now_and_throws_nobody_out(clock, admin, hr):
    client, theirs = signed_in(admin), signed_in(hr)
    clock.shift(timedelta(hours=3))
    assert client.post(PAGE, {"on": "on", "number": "5"}).status_code == 302
    assert theirs.get("/candidates/").status_code == 200
    clock.shift(timedelta(minutes=5))
    assert theirs.get("/candidates/").status_code == 302


def test_a_shorter_span_acts_on_the_next_request(clock, idle, admin, hr):
    client, theirs = signed_in(admin), signed_in(hr)
    clock.shift(timedelta(minutes=10))
    client.post(PAGE, {"on": "on", "number": "5"})
    assert theirs.get("/candidates/").status_code == 302


def test_off_it_costs_no_write_and_pages_hold_no_script(hr_client, django_assert_num_queries):
    hr_client.get("/password/")
    with django_assert_num_queries(2):
        page = hr_client.get("/password/").content.decode()
    assert "auto-logout.js" not in page
    assert hr_client.get(STATUS).json() == {"seconds_left": None}


def test_on_pages_know_how_long_is_left(clock, idle, hr):
    page = signed_in(hr).get("/candidates/").content.decode()
    assert 'data-left="1800"' in page


def test_it_costs_one_write_in_ten_seconds_at_most(clock, idle, hr, django_assert_num_queries):
    client = signed_in(hr)
    clock.shift(timedelta(seconds=9))
    with django_assert_num_queries(2):
        client.get("/password/")
    clock.shift(timedelta(seconds=1))
    client.get("/password/")
    assert client.session["accounts_seen_at"] == int((NOON + timedelta(seconds=10)).timestamp())


@pytest.mark.parametrize("minutes", ["5", "1440"])
def test_from_5_to_1440_minutes_are_saved_and_in_the_history(admin_client, acme, minutes):
    assert admin_client.post(PAGE, {"on": "on", "number": minutes}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).idle_minutes == int(minutes)
    event = SecurityEvent.objects.get(kind="auto-logout")
    assert event.data == {"before": None, "after": int(minutes)}
    assert admin_client.post(PAGE, {"number": "x"}).status_code == 400
    assert admin_client.post(PAGE, {"number": "5"}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).idle_from is None


@pytest.mark.parametrize("minutes", ["4", "1441", "-5", "5.5", "", "x"])
def test_other_numbers_are_refused_by_name(admin_client, minutes):
    response = admin_client.post(PAGE, {"on": "on", "number": minutes})
    assert response.status_code == 400
    assert "Enter 5 to 1440 minutes" in str(response.context["form"].errors["number"])


@pytest.mark.parametrize(
    "values", [{"idle_minutes": 4}, {"idle_minutes": 1441}, {"idle_minutes": 5, "idle_from": None}]
)
def test_the_database_keeps_the_range_and_the_moment(acme, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        set_policy(acme, **{"idle_from": timezone.now(), **values})


@pytest.mark.parametrize("ended", ["idle", "network", "x", "<script>", "%00"])
def test_the_log_in_page_says_only_what_stands_in_our_list(client, db, ended):
    page = client.get(f"/login/?ended={ended}").content.decode()
    assert ("level-warning" in page) is (ended in ("idle", "network"))


def test_the_log_in_page_itself_ends_an_idle_session_without_leading_back_to_itself(
    clock, idle, hr
):
    client = signed_in(hr)
    clock.shift(timedelta(minutes=30))
    assert client.get("/login/?next=/candidates/")["Location"] == "/login/?ended=idle"


def test_an_error_page_does_not_stumble_over_the_query_that_was_wrong(client, admin_client):
    many = "&".join(["a=1"] * 2000)
    for one in (client, admin_client):
        assert one.get(f"/nowhere/?{many}").status_code == 404
    assert client.get(f"/login/?{many}").status_code == 400
