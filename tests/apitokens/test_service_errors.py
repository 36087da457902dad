"""What the services refuse, each error with what it is about."""

from datetime import timedelta

import pytest

from apitokens import exceptions, services
from apitokens.models import APIToken, Credential
from apitokens.services.issuing import check_end
from svportal.token_policy import PortalTokenPolicy
from tests.apitokens.test_acts import ACTS, ADDRESS, HOUR, NOW
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def colleague(acme):
    return UserFactory(company=acme, name="Vikram Shah")


class BoundedPolicy(PortalTokenPolicy):
    def max_lifetime(self, owner):
        return HOUR

    def max_tokens(self, owner):
        return 1


def issue_any(owner, user, **more):
    services.issue_token(**{"owner": owner, "user": user, "name": "CI", "lifetime": None, **more})


ODD = timedelta(seconds=600, microseconds=1)
MANY = [f"10.0.{number}.0/24" for number in range(65)]


@pytest.mark.parametrize(
    ("error", "about", "wish"),
    [(exceptions.NameTaken, "GREENHOUSE sync", {"name": "GREENHOUSE sync"}),
     (exceptions.ScopeUnknown, "all", {"scopes": ["candidates:read", "all"]}),
     (exceptions.ScopeUnknown, 7, {"scopes": [7]}),
     (exceptions.NetworkInvalid, "10.0.0.1/8", {"networks": ["10.0.0.0/8", "10.0.0.1/8"]}),
     (exceptions.NetworkInvalid, 7, {"networks": [7]}),
     (exceptions.NetworkInvalid, MANY[64], {"networks": MANY}),
     (exceptions.LifetimeRefused, "not whole seconds", {"lifetime": ODD}),
     (exceptions.LifetimeRefused, "not whole seconds", {"lifetime": 600}),
     (exceptions.LifetimeRefused, "out of bounds", {"lifetime": timedelta(seconds=599)}),
     (exceptions.LifetimeRefused, "out of bounds", {"lifetime": timedelta(seconds=86401)})],
    ids=str,
)  # fmt: skip
def test_an_error_names_what_it_is_about(token, acme, admin, error, about, wish):
    with pytest.raises(error) as caught:
        issue_any(acme, admin, **wish)
    assert caught.value.args == (about,)
    assert APIToken.objects.count() == 1


def test_64_networks_are_not_too_many(acme, admin):
    issue_any(acme, admin, networks=[*MANY[:64], *MANY[:64]])
    assert APIToken.objects.get().allowed_networks.split() == MANY[:64]


@pytest.mark.parametrize(
    ("error", "about", "lifetime"),
    [(exceptions.LifetimeRefused, "never-ending tokens are not allowed", None),
     (exceptions.LifetimeRefused, "out of bounds", HOUR + timedelta(seconds=1)),
     (exceptions.TokenLimitReached, 1, HOUR)],
)  # fmt: skip
def test_an_error_names_the_bound_of_the_policy(
    token, acme, admin, settings, error, about, lifetime
):
    settings.APITOKENS_POLICY = f"{__name__}.BoundedPolicy"
    with pytest.raises(error) as caught:
        issue_any(acme, admin, lifetime=lifetime)
    assert caught.value.args == (about,)


@pytest.mark.parametrize(
    ("expires_at", "words"),
    [(None, "never-ending tokens are not allowed"),
     (NOW + HOUR + timedelta(seconds=1), "so long a lifetime is not allowed")],
)  # fmt: skip
def test_an_imported_end_is_bounded_by_the_policy_alone(acme, settings, expires_at, words):
    check_end(acme, expires_at)
    settings.APITOKENS_POLICY = f"{__name__}.BoundedPolicy"
    with pytest.raises(exceptions.LifetimeRefused) as caught:
        check_end(acme, expires_at)
    assert str(caught.value) == words
    check_end(acme, NOW + HOUR)


@pytest.mark.parametrize("overlap", [timedelta(seconds=1), -HOUR, timedelta(days=8), None])
def test_an_overlap_that_is_none_of_four_is_named_and_nothing_ends(token, colleague, overlap):
    with pytest.raises(exceptions.OverlapRefused) as caught:
        services.rotate_token(token=token, overlap=overlap, actor=colleague)
    assert caught.value.args == (overlap,)
    assert Credential.objects.get().ends_at is None


@pytest.mark.parametrize("act", ["copied", "rotated"])
def test_what_does_not_work_is_named_by_its_state(token, admin, colleague, act):
    services.suspend_token(token=token, actor=colleague)
    for state in ("suspended", "stopped"):
        with pytest.raises(exceptions.TokenNotUsable) as caught:
            ACTS[act](token, {"actor": colleague, "address": ADDRESS})
        assert caught.value.reason == state
        APIToken.objects.update(user=None)
