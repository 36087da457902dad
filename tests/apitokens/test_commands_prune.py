"""What prune forgets, and what it never touches."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apitokens import services
from apitokens.attribution import Actor
from apitokens.models import APIToken, APITokenEvent, Credential
from candidates.models import Candidate
from tests.apitokens.test_rest_list import seed
from tests.candidates.conftest import add
from tests.conftest import bearer
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    return time_machine


def pruned(capsys, *arguments):
    call_command("apitokens_prune", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def test_tombstones_that_nobody_refers_to_go_after_a_year(clock, token, capsys):
    token.delete()
    clock.shift(YEAR)
    assert pruned(capsys)["tombstones"] == 0
    clock.shift(1)
    assert pruned(capsys)["tombstones"] == 1
    assert not APIToken.objects.exists()
    assert not Credential.objects.exists()
    assert APITokenEvent.objects.filter(kind="deleted").exists()


def test_what_candidates_refer_to_stays(clock, token, admin, subtype, capsys):
    add(Actor(admin, token), subtype)
    token.delete()
    clock.shift(2 * YEAR)
    assert pruned(capsys)["tombstones"] == 0
    assert Candidate.objects.get().added_by_label == "API(Greenhouse sync)"


def test_tokens_that_exist_stay_whatever_their_state_and_age(clock, acme, admin, capsys):
    leaver = UserFactory(company=acme)
    _, jwt = make_token(owner=acme, user=admin, name="unending")
    make_token(owner=acme, user=admin, name="expired", lifetime=timedelta(seconds=600))
    make_token(owner=acme, user=leaver, name="stopped")
    suspended, _ = make_token(owner=acme, user=admin, name="suspended")
    services.suspend_token(token=suspended, actor=admin)
    leaver.delete()
    clock.shift(20 * YEAR)
    states = sorted(t.state for t in APIToken.objects.with_credentials())
    assert states == ["expired", "stopped", "suspended", "unending"]
    result = pruned(capsys, "--days=1")
    assert (result["tombstones"], result["credentials"]) == (0, 0)
    assert APIToken.objects.count() == Credential.objects.count() == 4
    assert bearer(jwt).get("/external/v1/me").status_code == 200


def test_credentials_that_ended_go_and_the_current_one_stays(clock, token, admin, capsys):
    services.rotate_token(token=token, overlap=timedelta(hours=1), actor=admin)
    clock.shift(2 * YEAR)
    assert pruned(capsys)["credentials"] == 1
    assert Credential.objects.get().is_current


def test_addresses_of_old_events_are_dropped_and_the_events_kept(clock, token, admin, capsys):
    services.copy_token(token=token, actor=admin, address="203.0.113.7")
    clock.shift(YEAR + timedelta(seconds=1))
    services.copy_token(token=token, actor=admin, address="203.0.113.9")
    assert pruned(capsys)["addresses"] == 1
    copied = APITokenEvent.objects.filter(kind="copied").order_by("pk")
    assert list(copied.values_list("address", flat=True)) == [None, "203.0.113.9"]


def test_a_dry_run_counts_and_changes_nothing(clock, acme, admin, capsys):
    old, _ = make_token(owner=acme, user=admin, name="old")
    kept, _ = make_token(owner=acme, user=admin, name="kept")
    services.rotate_token(token=kept, overlap=timedelta(0), actor=admin, address="203.0.113.7")
    old.delete()
    clock.shift(2 * YEAR)
    would = pruned(capsys, "--dry-run")
    assert would == {"tombstones": 1, "credentials": 1, "addresses": 1, "dry_run": True}
    assert APIToken.objects.count() == 2
    assert pruned(capsys) == {**would, "dry_run": False}
    assert pruned(capsys) == {"tombstones": 0, "credentials": 0, "addresses": 0, "dry_run": False}


def test_in_words(capsys):
    call_command("apitokens_prune", "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        "Would remove 0 tombstones",
        "Would remove 0 credentials",
        "Would remove 0 addresses",
    ]


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "x", "", "36501", "9" * 5000])
def test_less_than_a_day_is_refused(clock, token, days):
    token.delete()
    clock.shift(YEAR)
    with pytest.raises(CommandError, match="--days: give 1 to 36500 whole days"):
        call_command("apitokens_prune", f"--days={days}")
    assert APIToken.objects.exists()


def test_days_can_be_a_number_in_code(clock, token):
    token.delete()
    clock.shift(timedelta(days=1, seconds=1))
    call_command("apitokens_prune", days=1)
    assert not APIToken.objects.exists()


def test_what_was_deleted_or_ended_at_the_very_moment_stays(clock, token, admin):
    services.rotate_token(token=token, overlap=timedelta(0), actor=admin)
    moment = timezone.now()
    assert services.prune(deleted_before=moment).credentials == 0
    assert services.prune(deleted_before=moment + timedelta(seconds=1)).credentials == 1
    token.delete()
    assert services.prune(deleted_before=moment).tombstones == 0
    assert services.prune(deleted_before=moment + timedelta(seconds=1)).tombstones == 1


def test_ended_credentials_of_a_tombstone_in_use_stay_with_it(clock, token, admin, subtype):
    services.rotate_token(token=token, overlap=timedelta(0), actor=admin)
    add(Actor(admin, token), subtype)
    token.delete()
    clock.shift(YEAR)
    for dry_run in (True, False):
        assert services.prune(deleted_before=timezone.now(), dry_run=dry_run).credentials == 0
    assert Credential.objects.count() == 2


def test_many_tombstones_go_in_few_queries_and_those_in_use_stay(
    clock, acme, admin, subtype, django_assert_max_num_queries
):
    """1,000, of which three are in use: a query for each would be 12,000."""
    used = [make_token(owner=acme, user=admin, name=f"Used {n}")[0] for n in range(3)]
    for token in used:
        add(Actor(admin, token), subtype)
        token.delete()
    seeded = seed(acme, admin, 997)
    APIToken._base_manager.filter(deleted_at=None).update(deleted_at=timezone.now())
    clock.shift(1)
    for dry_run in (True, False):
        with django_assert_max_num_queries(600):
            pruned = services.prune(deleted_before=timezone.now(), dry_run=dry_run)
        assert pruned.tombstones == len(seeded)
    assert set(APIToken._base_manager.all()) == set(used)
    assert {credential.token for credential in Credential.objects.all()} == set(used)
