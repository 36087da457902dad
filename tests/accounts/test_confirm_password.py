"""Confirm your password: the right one makes the sign-in new, and leads back within this site."""

import pytest

from apitokens.reauthentication import SESSION_KEY
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

CONFIRM = "/account/confirm/"


def test_the_right_password_renews_the_session_and_leads_back(admin_client, admin, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    admin_client.force_login(admin)
    before = admin_client.session
    signed_in_at = before[SESSION_KEY]
    time_machine.shift(5000)
    answer = admin_client.post(CONFIRM, {"password": PASSWORD, "next": "/password/?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/password/?a=1")
    after = admin_client.session
    assert after[SESSION_KEY] == signed_in_at + 5000
    assert after.session_key != before.session_key
    assert not type(before)().exists(before.session_key)


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD + " ", "x" * 5000, "\x00"])
def test_a_wrong_password_is_refused_and_renews_nothing(admin_client, password):
    before = admin_client.session
    answer = admin_client.post(CONFIRM, {"password": password, "next": "/password/"})
    assert answer.status_code == 400
    assert b'name="next" value="/password/"' in answer.content
    assert password == "" or password not in answer.content.decode()
    assert admin_client.session.session_key == before.session_key


@pytest.mark.parametrize(
    "address",
    ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "http:///evil.test",
     " //evil.test", "https:evil.test", ""],
)  # fmt: skip
def test_next_leads_to_no_other_site(admin_client, address):
    page = admin_client.get(CONFIRM, {"next": address})
    assert b'name="next"' not in page.content
    answer = admin_client.post(CONFIRM, {"password": PASSWORD, "next": address})
    assert answer["Location"] == "/"


def test_nobody_signed_in_is_sent_to_log_in(client, admin):
    for answer in (client.get(CONFIRM), client.post(CONFIRM, {"password": PASSWORD})):
        assert answer["Location"] == f"/login/?next={CONFIRM}"


def test_it_is_everybodys_page_and_is_not_cached(hr_client):
    page = hr_client.get(CONFIRM)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_has_nothing_to_confirm_with_signs_in_again_and_goes_on(admin, admin_client, method):
    """Whoever comes by Google or single sign-on may have neither password nor second factor."""
    admin.set_unusable_password()
    admin.save()
    admin_client.force_login(admin)
    page = getattr(admin_client, method)(CONFIRM, {"next": "/team/"})
    assert page.status_code == 403
    assert "Sign out and in" in page.content.decode()
    answer = admin_client.post("/logout/", {"next": page.context["log_in_again"]})
    assert answer["Location"] == "/login/?next=%2Fteam%2F"
    page = getattr(admin_client, method)(CONFIRM, {"next": "//evil.test"})
    assert "evil" not in page.content.decode()
