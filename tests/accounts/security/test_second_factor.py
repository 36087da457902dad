"""Require MFA: a grace period, then nothing but its set-up."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.security.models import SecurityEvent, SecurityPolicy
from tests.accounts.security.conftest import set_policy
from tests.accounts.security.test_login_methods import BY_PASSWORD, came_by
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/login-methods/"
SET_UP = "/account/two-step/"


@pytest.fixture
def required(rules):
    rules(grace_days=0, second_factor_from=timezone.now())


def require(client, **data):
    given = {"use_password": "on", "use_passkey": "on", "was_on": "password passkey", **data}
    return client.post(PAGE, given)


def test_people_have_so_many_days_and_are_told_on_every_page(admin, hr, acme):
    assert require(came_by(admin, BY_PASSWORD), on="on", number="7").status_code == 302
    client = signed_in(hr)
    page = client.get("/candidates/")
    assert page.status_code == 200
    assert "Acme Corp asks for two-step verification" in page.content.decode()
    due = SecurityPolicy.objects.get(company=acme).second_factor_from
    with time_machine.travel(due - timedelta(seconds=1), tick=False):
        assert signed_in(hr).get("/candidates/").status_code == 200
    with time_machine.travel(due, tick=False):
        assert signed_in(hr).get("/candidates/")["Location"] == SET_UP
    event = SecurityEvent.objects.get(kind="second-factor")
    assert event.data == {"before": None, "after": 7}


def test_none_means_from_the_next_request_on(admin, hr, acme):
    client = signed_in(hr)
    require(came_by(admin, BY_PASSWORD), on="on", number="0")
    assert client.get("/candidates/")["Location"] == SET_UP
    assert "add" in client.get(SET_UP).content.decode().lower()
    set_policy(acme, grace_days=None, second_factor_from=None)
    assert client.get("/candidates/").status_code == 200


def test_an_app_that_is_set_up_opens_everything_at_once(hr, required, settings):
    client = came_by(hr, BY_PASSWORD)
    assert client.get("/candidates/")["Location"] == SET_UP
    assert client.get("/account/two-step/app/").status_code == 200
    TOTP.activate(hr, generate_totp_secret())
    assert client.get("/candidates/").status_code == 200
    assert "asks for two-step" not in client.get("/candidates/").content.decode()


def test_a_passkey_counts_and_recovery_codes_alone_do_not(hr, required):
    client = signed_in(hr)
    RecoveryCodes.activate(hr)
    assert client.get("/candidates/").status_code == 302
    Authenticator.objects.create(user=hr, type=Authenticator.Type.WEBAUTHN, data={})
    assert client.get("/candidates/").status_code == 200


def test_another_persons_app_is_not_mine(hr, admin, required):
    TOTP.activate(admin, generate_totp_secret())
    assert signed_in(hr).get("/candidates/").status_code == 302


def test_switched_off_it_lets_everybody_go_on(hr, admin, required, acme):
    TOTP.activate(admin, generate_totp_secret())
    assert require(came_by(admin, BY_PASSWORD)).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).second_factor_from is None
    assert signed_in(hr).get("/candidates/").status_code == 200


def test_saved_again_it_does_not_begin_anew(admin, acme, rules):
    due = timezone.now() + timedelta(days=3)
    rules(grace_days=7, second_factor_from=due)
    require(came_by(admin, BY_PASSWORD), on="on", number="7")
    assert SecurityPolicy.objects.get(company=acme).second_factor_from == due


@pytest.mark.parametrize("days", ["31", "-1", "", "x", "1.5"])
def test_other_grace_periods_are_refused_by_name_and_nothing_of_the_tab_is_saved(admin, days):
    client = came_by(admin, BY_PASSWORD)
    response = client.post(
        PAGE, {"use_password": "on", "was_on": "password passkey", "on": "on", "number": days}
    )
    assert response.status_code == 400
    assert response.context["form"].errors["number"] == ["Enter 0 to 30 days"]
    assert not SecurityPolicy.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"grace_days": 31}, {"grace_days": 7, "second_factor_from": None}, {"grace_days": None}],
)
def test_the_database_keeps_range_and_moment(acme, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        set_policy(acme, **{"second_factor_from": timezone.now(), **values})


def test_the_page_counts_who_has_one_and_names_who_has_not(admin, hr, acme):
    TOTP.activate(hr, generate_totp_secret())
    context = came_by(admin, BY_PASSWORD).get(PAGE).context
    assert (context["with_one"], context["without"], context["everybody"]) == (
        1, ["admin@acme.test"], 2,
    )  # fmt: skip


def test_it_costs_no_query_more(hr, required, django_assert_num_queries):
    TOTP.activate(hr, generate_totp_secret())
    client = signed_in(hr)
    client.get("/password/")
    with django_assert_num_queries(2):
        client.get("/password/")
