"""History, the password asked again and the token page's own icons, in a browser."""

from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, expect

from apitokens import services
from apitokens.models import Credential
from tests.browser.conftest import (
    assert_accessible,
    assert_tooltip_by_keyboard,
    clipboard_of,
)
from tests.browser.test_accessibility import VIEWS
from tests.factories import PASSWORD, make_token

LIST = "/security-settings/api/"


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_history_and_the_states_that_are_left(
    open_page, admin, acme, token, options
):
    expired, _ = make_token(acme, admin, name="Expired one", lifetime=timedelta(hours=1))
    Credential.objects.filter(token=expired).update(expires_at=expired.created_at)
    services.rename_token(token=token, name="<b>Lever</b>", actor=admin, address="203.0.113.7")
    services.suspend_token(token=token, actor=admin)
    page = open_page(user=admin, **options)
    for path in (
        f"{LIST}history/", f"{LIST}history/?kind=deleted", f"{LIST}{expired.public_id}/",
        f"{LIST}{token.public_id}/", "/account/confirm/?next=/candidates/",
    ):  # fmt: skip
        page.goto(path)
        assert_accessible(page)


def test_history_is_filtered_and_taken_along_as_csv(page, token, admin):
    services.rename_token(token=token, name="Lever", actor=admin)
    page.goto(LIST)
    page.get_by_role("link", name="History of all tokens").click()
    expect(page.get_by_role("cell").get_by_text("Renamed")).to_be_visible()
    page.get_by_label("Event", exact=True).select_option("created")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("cell").get_by_text("Renamed")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text()
    assert "created" in text.lower()
    assert "renamed" not in text.lower()


def test_an_old_sign_in_confirms_the_password_and_then_copies(
    page, open_page, token, jwt, settings
):
    settings.APITOKENS_REAUTH_AGE = 0
    page.goto(LIST)
    page.wait_for_timeout(1100)  # older than no second at all
    page.get_by_role("button", name="Copy token Greenhouse sync").click()
    expect(page.get_by_role("heading", name="Confirm that it’s you")).to_be_visible()
    open_page.errors.clear()  # Chromium reports the 403 itself
    settings.APITOKENS_REAUTH_AGE = 3600
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Copy token Greenhouse sync").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    assert clipboard_of(page) == jwt


@pytest.mark.parametrize("action", ["Edit name", "Suspend", "Delete token"])
def test_tooltips_of_the_tokens_page_open_by_keyboard_and_close_by_esc(page, token, action):
    page.goto(f"{LIST}{token.public_id}/")
    control = page.locator(f"[aria-label='{action} Greenhouse sync']")
    tip = page.get_by_role("tooltip", name=action)
    assert_tooltip_by_keyboard(page, control, tip)


def test_back_after_a_rotation_shows_no_token(page, token):
    page.goto(f"{LIST}{token.public_id}/rotate/")
    page.get_by_role("button", name="Rotate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    page.goto("/candidates/")
    with suppress(Error):  # Chromium may refuse to show a form's answer again
        page.go_back()
    expect(page.locator("html")).not_to_contain_text("eyJ0eXAiOiJhcGl0b2tlbitqd3Qi")
