"""Allowed networks: the client's address by the same rule as the tokens', never an Admin's own."""

import pytest
from django.test import Client

from accounts.security.models import SecurityEvent, SecurityPolicy
from tests.accounts.test_log_in import log_in

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/allowed-networks/"
OFFICE, HOME = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def office(rules):
    rules(networks="203.0.113.0/24 2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        (OFFICE, True), ("203.0.113.255", True), ("203.0.114.0", False), (HOME, False),
        ("2001:db8::1", True), ("2001:db9::1", False), ("::ffff:203.0.113.7", True),
        ("::ffff:198.51.100.9", False), ("", False), ("unix:", False),
    ],
)  # fmt: skip
def test_who_comes_from_elsewhere_can_not_log_in_nor_go_on(hr, office, address, inside):
    client = Client()
    assert log_in(client, hr.email)["Location"] == "/login/"  # the tests' own address is outside
    page = client.post(
        "/login/", {"username": hr.email, "password": "correct horse battery staple"},
        REMOTE_ADDR=address,
    )  # fmt: skip
    assert page["Location"] == ("/" if inside else "/login/")
    client.force_login(hr)
    assert client.get("/candidates/", REMOTE_ADDR=address).status_code == (200 if inside else 302)


def test_a_session_that_moves_outside_ends_and_stays_ended(hr_client, office):
    assert hr_client.get("/candidates/", REMOTE_ADDR=OFFICE).status_code == 200
    response = hr_client.get("/candidates/", REMOTE_ADDR=HOME, follow=True)
    assert "from its own networks only" in response.content.decode()
    assert hr_client.get("/candidates/", REMOTE_ADDR=OFFICE).status_code == 302
    event = SecurityEvent.objects.get(kind="ended")
    assert (event.data, event.address) == ({"reason": "network"}, HOME)


def test_a_header_that_clients_write_moves_nobody_inside(hr_client, office):
    forged = {"REMOTE_ADDR": HOME, "HTTP_X_FORWARDED_FOR": OFFICE}
    assert hr_client.get("/candidates/", **forged).status_code == 302


def test_behind_our_proxies_the_client_is_whom_the_outermost_saw(hr_client, office, settings):
    settings.APITOKENS_PROXY_DEPTH = 1
    via = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"{HOME}, {OFFICE}"}
    assert hr_client.get("/candidates/", **via).status_code == 200
    via["HTTP_X_FORWARDED_FOR"] = f"{OFFICE}, {HOME}"
    assert hr_client.get("/candidates/", **via).status_code == 302


def test_networks_are_saved_as_they_are_meant_and_in_the_history(admin_client, acme):
    text = "127.0.0.0/8\r\n\r\n 2001:DB8::/32 \r\n127.0.0.0/8"
    assert admin_client.post(PAGE, {"networks": text}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).networks == "127.0.0.0/8 2001:db8::/32"
    assert SecurityEvent.objects.get(kind="networks").data == {
        "before": [], "after": ["127.0.0.0/8", "2001:db8::/32"],
    }  # fmt: skip
    assert admin_client.post(PAGE, {"networks": ""}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).networks == ""


def test_an_admin_can_not_lock_themselves_out(admin_client, acme):
    response = admin_client.post(PAGE, {"networks": "203.0.113.0/24"})
    assert response.status_code == 400
    errors = response.context["form"].errors["networks"]
    assert errors == ["You would be outside: add your own address, 127.0.0.1"]
    assert not SecurityPolicy.objects.exists()
    assert not SecurityEvent.objects.filter(kind="networks").exists()


@pytest.mark.parametrize(
    "text", ["x", "127.0.0.1/8", "10.0.0.0/33", "a" * 5000, "127.0.0.1\x00", "::/129"]
)
def test_poor_networks_are_told_and_nothing_is_written(admin_client, text):
    response = admin_client.post(PAGE, {"networks": text})
    assert response.status_code == 400
    assert response.context["form"].errors["networks"]
    assert not SecurityPolicy.objects.exists()


def test_more_than_64_networks_are_refused(admin_client):
    text = "\n".join(["127.0.0.1", *[f"10.0.{n}.0/24" for n in range(64)]])
    assert admin_client.post(PAGE, {"networks": text}).status_code == 400
