"""How many tokens an owner may have, and for how long: by service and by command."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apitokens import services
from apitokens.exceptions import LifetimeRefused, TokenLimitReached
from apitokens.models import APIToken
from svportal.token_policy import PortalTokenPolicy
from tests.factories import make_token

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


class TwoPolicy(PortalTokenPolicy):
    def max_tokens(self, owner):
        return 2


class HourPolicy(PortalTokenPolicy):
    def max_lifetime(self, owner):
        return HOUR


@pytest.fixture
def two(settings):
    settings.APITOKENS_POLICY = f"{__name__}.TwoPolicy"


@pytest.fixture
def hour(settings):
    settings.APITOKENS_POLICY = f"{__name__}.HourPolicy"


def create(admin, *arguments, name="By command"):
    call_command("apitokens_create", *arguments, user=admin.email, name=name)


def test_one_token_more_than_the_policy_allows_is_refused(two, acme, admin, globex, other_admin):
    for name in ("first", "second"):
        make_token(owner=acme, user=admin, name=name)
    with pytest.raises(TokenLimitReached):
        make_token(owner=acme, user=admin, name="third")
    with pytest.raises(CommandError, match="--user: 2 tokens are allowed; delete one first"):
        create(admin)
    assert APIToken.objects.count() == 2
    make_token(owner=globex, user=other_admin)


def test_a_deleted_one_makes_room_and_a_suspended_or_expired_one_does_not(
    two, acme, admin, time_machine
):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    expired, _ = make_token(owner=acme, user=admin, name="expired", lifetime=timedelta(seconds=600))
    suspended, _ = make_token(owner=acme, user=admin, name="suspended")
    services.suspend_token(token=suspended, actor=admin)
    time_machine.shift(600)
    with pytest.raises(TokenLimitReached):
        make_token(owner=acme, user=admin, name="third")
    expired.delete()
    create(admin)


def test_rotation_needs_no_room(two, acme, admin):
    for name in ("first", "second"):
        token, _ = make_token(owner=acme, user=admin, name=name)
    services.rotate_token(token=token, overlap=HOUR, actor=admin)


@pytest.mark.django_db(transaction=True)
def test_five_at_once_never_make_more_than_the_limit(two, acme, admin):
    """On SQLite one after the other: its in-memory database lets one thread write."""

    def issue(number):
        try:
            make_token(owner=acme, user=admin, name=f"t{number}")
        except TokenLimitReached:
            return False
        else:
            return True
        finally:
            if connection.vendor != "sqlite":
                connection.close()

    if connection.vendor == "sqlite":
        made = [issue(number) for number in range(5)]
    else:
        with ThreadPoolExecutor(5) as threads:
            made = list(threads.map(issue, range(5)))
    assert sum(made) == APIToken.objects.count() == 2


@pytest.mark.parametrize("lifetime", [None, HOUR + timedelta(seconds=1), timedelta(days=1)])
def test_longer_than_the_policy_allows_is_refused(hour, acme, admin, lifetime):
    with pytest.raises(LifetimeRefused):
        make_token(owner=acme, user=admin, lifetime=lifetime)
    arguments = [] if lifetime is None else [f"--lifetime={int(lifetime.total_seconds())}"]
    with pytest.raises(CommandError, match="--lifetime"):
        create(admin, *arguments)
    assert not APIToken.objects.exists()


def test_as_long_as_the_policy_allows_is_fine(hour, acme, admin):
    make_token(owner=acme, user=admin, lifetime=HOUR)
    create(admin, "--lifetime=3600")


@pytest.mark.parametrize("lifetime", [None, timedelta(hours=2)])
def test_a_rotation_does_not_outlive_what_is_allowed_by_now(acme, admin, settings, lifetime):
    token, _ = make_token(owner=acme, user=admin, lifetime=lifetime)
    settings.APITOKENS_POLICY = f"{__name__}.HourPolicy"
    with pytest.raises(LifetimeRefused):
        services.rotate_token(token=token, overlap=timedelta(0), actor=admin)
    with pytest.raises(CommandError, match="can't live as long again"):
        call_command("apitokens_rotate", token.public_id)
    assert token.credentials.count() == 1
