"""Refused tokens by address, good ones by token; without a cache, no limit (security.md H)."""

import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import run_checks
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens import throttling
from apitokens.services import OVERLAPS, rotate_token
from tests.apitokens.conftest import assert_bearer_failure
from tests.factories import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean(settings, time_machine, monkeypatch):
    settings.APITOKENS_FAILURE_LIMIT = 3
    time_machine.move_to("2026-11-24T12:00:10Z", tick=False)
    monkeypatch.setattr(throttling, "_paused_until", 0.0)
    throttling._say_malformed.cache_clear()
    cache.clear()
    yield
    cache.clear()


def refusals(present, count, **extra):
    return [present("x", **extra).status_code for _ in range(count)]


def test_over_the_limit_a_refused_token_is_429_and_a_good_one_200(present, jwt, time_machine):
    assert refusals(present, 5) == [401, 401, 401, 429, 429]
    response = present("x")
    assert response["Retry-After"] == "50"
    assert response.json().keys() == {"message", "errors"}
    assert present(jwt).status_code == 200
    assert_bearer_failure(present("x", REMOTE_ADDR="203.0.113.7"))
    time_machine.shift(50)
    assert refusals(present, 1) == [401]


def test_a_count_lasts_as_long_as_its_window_and_is_then_forgotten(present, time_machine):
    key = f"apitokens:refused:127.0.0.1:{int(time.time()) // throttling.WINDOW}"
    assert refusals(present, 3) == [401] * 3
    time_machine.shift(49)
    assert refusals(present, 1) == [429]
    assert cache.get(key) == 4
    time_machine.shift(2 * throttling.WINDOW)
    assert cache.get(key) is None


def test_the_limit_is_300_unless_told(present, settings):
    del settings.APITOKENS_FAILURE_LIMIT
    assert refusals(present, 301) == [401] * 300 + [429]


def test_x_forwarded_for_resets_nothing(present, settings):
    for i in range(4):
        last = present("x", HTTP_X_FORWARDED_FOR=f"203.0.113.{i}").status_code
    assert last == 429
    settings.APITOKENS_PROXY_DEPTH = 1
    assert present("x", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 401


def test_a_64_of_ipv6_is_counted_as_one(present):
    statuses = [present("x", REMOTE_ADDR=f"2001:db8::{i}").status_code for i in range(4)]
    assert statuses == [401, 401, 401, 429]
    assert present("x", REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_0_turns_it_off(present, settings):
    settings.APITOKENS_FAILURE_LIMIT = 0
    assert refusals(present, 6) == [401] * 6


def broken(*args, **kwargs):
    raise ConnectionError("no cache")


@pytest.mark.parametrize("answer", [broken, lambda *a, **k: "rubbish", lambda *a, **k: None])
def test_without_a_working_cache_there_is_no_limit(
    present, jwt, monkeypatch, settings, caplog, answer
):
    settings.APITOKENS_TOKEN_RATE = "2/min"
    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(LocMemCache, name, answer)
    started = time.perf_counter()
    assert refusals(present, 5) == [401] * 5
    assert present(jwt).status_code == 200
    assert time.perf_counter() - started < 5
    assert "aren't counted" in caplog.text
    assert "no cache" not in caplog.text


@pytest.mark.parametrize("first", ["refused", "good"])
def test_a_cache_that_failed_is_asked_once_in_five_seconds(
    present, jwt, monkeypatch, settings, caplog, first
):
    settings.APITOKENS_TOKEN_RATE = "2/min"
    asked = []

    def failing(*args, **kwargs):
        asked.append(args)
        raise ConnectionError("no cache")

    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(LocMemCache, name, failing)
    for raw in ("x", jwt, "x", jwt) if first == "refused" else (jwt, "x", jwt, "x"):
        assert present(raw).status_code == (200 if raw == jwt else 401)
    assert len(asked) == 1
    assert "ConnectionError" in caplog.text
    assert "no cache" not in caplog.text  # what a cache says may hold its address and password
    assert 0 < throttling._paused_until - time.monotonic() <= 5


def test_who_has_no_address_is_not_counted(present):
    """Behind a unix socket everybody would be one."""
    assert [present("x", REMOTE_ADDR="").status_code for _ in range(5)] == [401] * 5


def test_a_poisoned_count_limits_nothing(present, jwt):
    window = int(time.time()) // throttling.WINDOW
    cache.set(f"apitokens:refused:127.0.0.1:{window}", "poison")
    assert refusals(present, 5) == [401] * 5


def test_requests_are_limited_by_token_and_a_rotation_changes_nothing(
    present, acme, admin, token, jwt, settings
):
    settings.APITOKENS_TOKEN_RATE = "2/min"
    _, other = make_token(owner=acme, user=admin, name="Other")
    assert [present(jwt).status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(present(jwt)["Retry-After"]) <= 60
    _, rotated = rotate_token(token=token, overlap=OVERLAPS[1], actor=admin)
    assert present(rotated).status_code == 429
    assert present(other).status_code == 200


def test_people_are_neither_limited_nor_taken_for_a_cache_that_failed(rf, admin, settings):
    """A host's view may have the throttle and let people in as well."""
    settings.APITOKENS_TOKEN_RATE = "1/min"

    class Host(APIView):
        authentication_classes = [SessionAuthentication]
        permission_classes = []
        throttle_classes = [throttling.TokenRateThrottle]

        def get(self, request):
            return Response()

    request = rf.get("/")
    for request.user in (admin, admin, AnonymousUser(), AnonymousUser()):
        assert Host.as_view()(request).status_code == 200
    assert throttling._paused_until == 0.0


def test_without_a_rate_a_good_request_asks_the_cache_nothing(present, jwt, monkeypatch):
    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(LocMemCache, name, lambda *a, **k: pytest.fail("the cache was asked"))
    assert present(jwt).status_code == 200


def faults():
    return [m.id for m in run_checks() if m.id.startswith("apitokens")]


@pytest.mark.parametrize(
    "rate",
    ["600/parsec", "600/month", "x", "", "/", "600", "600/", "/min", "-1/min", "0/min", "1.5/min",
     "\u0661/min", "1/min/min", " 1/min", "1/min\n", "1/MIN", 600, -1, True, [], b"1/min"],
)  # fmt: skip
def test_a_malformed_rate_is_E007_and_limits_nothing_and_is_logged_once(
    present, jwt, settings, caplog, rate
):
    settings.APITOKENS_TOKEN_RATE = rate
    assert faults() == ["apitokens.E007"]
    assert [present(jwt).status_code for _ in range(3)] == [200, 200, 200]
    lines = [r.getMessage() for r in caplog.records if "APITOKENS_TOKEN_RATE" in r.getMessage()]
    assert lines == [f"requests aren't limited: APITOKENS_TOKEN_RATE is no rate: {rate!r}"]


@pytest.mark.parametrize(
    ("period", "seconds"),
    [("s", 1), ("sec", 1), ("second", 1), ("m", 60), ("min", 60), ("minutes", 60), ("h", 3600),
     ("hour", 3600), ("d", 86400), ("day", 86400)],
)  # fmt: skip
def test_a_rate_counts_by_second_minute_hour_or_day(present, jwt, settings, period, seconds):
    settings.APITOKENS_TOKEN_RATE = f"1/{period}"
    assert faults() == []
    assert present(jwt).status_code == 200
    assert present(jwt)["Retry-After"] == str(seconds)


def test_no_rate_is_no_fault(settings):
    settings.APITOKENS_TOKEN_RATE = None
    assert faults() == []
