"""How many tokens an owner may have, and for how long: by service, command, page and REST."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apitokens import services
from apitokens.exceptions import LifetimeRefused, TokenLimitReached
from apitokens.models import APIToken, APITokenEvent
from apitokens.policy import get_policy
from svportal.token_policy import PortalTokenPolicy
from tests.apitokens.test_rest import TOKENS, of, send
from tests.apitokens.test_views import generate
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


# By the page ---------------------------------------------------------------------------------
@pytest.mark.parametrize("form", [{}, {"from_dialog": "True"}], ids=["page", "dialog"])
def test_the_page_says_how_many_are_allowed_and_keeps_what_was_typed(
    two, acme, admin, admin_client, form
):
    for name in ("first", "second"):
        assert generate(admin_client, name=name, **form).status_code == 200
    response = generate(admin_client, name="The third", **form)
    page = response.content.decode()
    assert (response.status_code, APIToken.objects.count()) == (400, 2)
    assert "2 tokens are allowed. Delete one first" in page
    assert 'value="The third"' in page
    assert not APITokenEvent.objects.filter(token_name="The third").exists()
    APIToken.objects.get(name="first").delete()
    assert generate(admin_client, name="The third", **form).status_code == 200


@pytest.mark.parametrize("form", [{}, {"from_dialog": "True"}], ids=["page", "dialog"])
@pytest.mark.parametrize(
    "kind", [{"kind": "never-ending"}, {"kind": "short-lived", "lifetime": "3601"}],
    ids=["never-ending", "longer"],
)  # fmt: skip
def test_the_page_says_that_so_long_a_lifetime_is_not_allowed(hour, admin_client, kind, form):
    response = generate(admin_client, **kind, **form)
    assert response.status_code == 400
    assert "So long a lifetime is not allowed here" in response.content.decode()
    assert not APIToken.objects.exists()
    assert generate(admin_client, kind="short-lived", lifetime="3600", **form).status_code == 200


# By REST -------------------------------------------------------------------------------------
def test_rest_answers_limit_reached(two, fresh, present):
    made = [send(fresh, "POST", TOKENS, {"name": name}).json() for name in ("first", "second")]
    response = send(fresh, "POST", TOKENS, {"name": "third"})
    assert (response.status_code, response.json()) == (
        409, {"detail": "2 tokens are allowed. Delete one first", "code": "limit_reached"},
    )  # fmt: skip
    assert [event.token_name for event in APITokenEvent.objects.all()] == ["first", "second"]
    assert [present(token["token"]).status_code for token in made] == [200, 200]
    send(fresh, "DELETE", f"{TOKENS}{made[0]['id']}/")
    assert send(fresh, "POST", TOKENS, {"name": "third"}).status_code == 201


@pytest.mark.parametrize("lifetime", [{}, {"lifetime": 3601}, {"lifetime": 86400}])
def test_rest_names_the_lifetime_that_the_policy_refuses(hour, fresh, lifetime):
    response = send(fresh, "POST", TOKENS, {"name": "CI", **lifetime})
    assert (response.status_code, response.json()) == (
        400, {"lifetime": ["Such a lifetime is not allowed here"]},
    )  # fmt: skip
    assert not APIToken.objects.exists()
    assert send(fresh, "POST", TOKENS, {"name": "CI", "lifetime": 3600}).status_code == 201


@pytest.mark.parametrize("lifetime", [None, timedelta(hours=2)])
def test_rest_answers_lifetime_refused_when_a_rotation_would_live_too_long(
    fresh, acme, admin, settings, present, lifetime
):
    token, jwt = make_token(owner=acme, user=admin, lifetime=lifetime)
    settings.APITOKENS_POLICY = f"{__name__}.HourPolicy"
    response = send(fresh, "POST", of(token, "rotate/"), {"overlap": 0})
    assert (response.status_code, response.json()["code"]) == (409, "lifetime_refused")
    assert token.credentials.count() == 1
    assert present(jwt).status_code == 200


def test_the_policy_is_asked_about_the_owner_of_a_new_token(acme, admin, monkeypatch):
    asked = []

    def limit(self, owner):
        asked.append(owner)

    for name in ("max_lifetime", "max_tokens"):
        monkeypatch.setattr(type(get_policy()), name, limit)
    make_token(owner=acme, user=admin)
    assert set(asked) == {acme}
    assert len(asked) >= 2
