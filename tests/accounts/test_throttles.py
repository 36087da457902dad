"""Too many attempts: by account and by address, at every step; and a missing cache."""

import socket

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.signin.second_factor import app_secret
from svportal.cache import DispensableRedisCache
from svportal.settings_signin import ACCOUNT
from tests.accounts.codes import code_of
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

CONFIRM = "/account/confirm/"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.ACCOUNT_RATE_LIMITS = ACCOUNT["ACCOUNT_RATE_LIMITS"]
    settings.MFA_RATE_LIMITS = {}
    cache.clear()
    yield
    cache.clear()


WRONG = "wrong"


def statuses(count, email, password=WRONG, **headers):
    return [log_in(Client(**headers), email, password).status_code for _ in range(count)]


def test_an_account_is_left_alone_after_five_failures_whatever_the_address(admin, hr):
    assert statuses(5, admin.email) == [200] * 5
    refused = log_in(Client(REMOTE_ADDR="198.51.100.7"), admin.email, PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert "Wait 5 minutes" in refused.content.decode()
    assert log_in(Client(), hr.email).status_code == 302


def test_the_account_is_the_same_in_capitals_and_with_blanks(admin):
    statuses(3, admin.email.upper())
    statuses(2, f" {admin.email} ")
    assert statuses(1, admin.email, PASSWORD) == [429]


def test_after_a_while_the_account_is_open_again(admin, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    statuses(5, admin.email)
    time_machine.shift(301)
    assert statuses(1, admin.email, PASSWORD) == [302]


def test_who_gets_it_right_is_not_counted(admin):
    assert statuses(9, admin.email, PASSWORD) == [302] * 9


def test_an_address_has_ten_failures_a_minute_over_all_accounts(admin):
    for number in range(10):
        assert statuses(1, f"nobody{number}@acme.test") == [200]
    assert statuses(1, admin.email, PASSWORD) == [429]
    assert statuses(1, admin.email, PASSWORD, REMOTE_ADDR="198.51.100.7") == [302]


def test_a_forwarded_address_counts_only_behind_a_proxy_of_ours(admin, settings):
    def from_(address, email):
        return statuses(1, email, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=address)

    assert [from_(f"203.0.113.{n}", f"a{n}@acme.test")[0] for n in range(11)] == [200] * 10 + [429]
    settings.APITOKENS_PROXY_DEPTH = 1
    assert [from_(f"203.0.113.{n}", f"b{n}@acme.test")[0] for n in range(11)] == [200] * 11


def test_the_neighbours_of_an_ipv6_address_count_as_it():
    for number in range(10):
        statuses(1, f"nobody{number}@acme.test", REMOTE_ADDR=f"2001:db8::{number + 1}")
    assert statuses(1, "x@acme.test", REMOTE_ADDR="2001:db8::ffff") == [429]
    assert statuses(1, "x@acme.test", REMOTE_ADDR="2001:db8:0:1::1") == [200]


def test_confirming_the_password_is_counted_with_the_log_in(admin, admin_client):
    answers = [admin_client.post(CONFIRM, {"password": "wrong"}).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]
    assert statuses(1, admin.email, PASSWORD) == [429]


def test_codes_are_guessed_five_times_whatever_the_address_and_then_even_the_right_one_waits(admin):
    secret = app_secret(admin)
    for number in range(5):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        log_in(client, admin.email)
        assert client.post("/login/code/", {"code": "000000"}).status_code == 200
    refused = client.post("/login/code/", {"code": code_of(secret)})
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert client.get("/").status_code == 302


def test_passkeys_are_tried_ten_times_a_minute_from_an_address(client):
    tries = [client.post("/login/passkey/", {"credential": "{}"}) for _ in range(11)]
    assert [answer.status_code for answer in tries] == [302] * 10 + [429]
    assert tries[-1]["Retry-After"] == "60"


def test_links_for_a_new_password_are_few(admin, mailoutbox):
    answers = [
        Client().post("/password/reset/", {"email": admin.email}).status_code for _ in range(6)
    ]
    assert answers == [302] * 5 + [429]
    assert len(mailoutbox) == 5


def test_changing_the_password_is_counted_too(admin):
    client = signed_in(admin)
    tries = [client.post("/password/", {"old_password": "wrong"}).status_code for _ in range(6)]
    assert tries == [200] * 5 + [429]


def redis_at(port):
    DispensableRedisCache._paused_until = 0.0
    return {
        "default": {
            "BACKEND": "svportal.cache.DispensableRedisCache",
            "LOCATION": f"redis://127.0.0.1:{port}/0",
        }
    }


@pytest.fixture(params=["dead", "hung"])
def broken_cache(request, settings):
    """A Redis that refuses connections, or takes them and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "hung":
            server.listen(16)
        settings.CACHES = redis_at(server.getsockname()[1])
        yield
    DispensableRedisCache._paused_until = 0.0


def test_without_a_cache_nobody_is_limited(broken_cache, admin):
    assert statuses(13, admin.email) == [200] * 13
    assert statuses(1, admin.email, PASSWORD) == [302]


def test_readiness_says_that_the_cache_is_down(broken_cache, client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (503, "down")


def test_a_disabled_persons_failures_are_told_as_anybodys(acme):
    UserFactory(company=acme, email="gone@acme.test", is_active=False)
    assert statuses(6, "gone@acme.test", PASSWORD) == [200] * 5 + [429]
