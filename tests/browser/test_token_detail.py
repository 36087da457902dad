"""The token's own page in a browser: dialogs, rotation, suspension, take-over; with and without."""

import pytest
from playwright.sync_api import expect

from apitokens.models import APITokenEvent
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.factories import UserFactory, make_token

LIST = "/security-settings/api/"


def open_rotation(page, token):
    page.goto(f"{LIST}{token.public_id}/")
    page.get_by_role("link", name="Rotate", exact=True).click()
    return page.get_by_role("dialog")


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_the_new_states(open_page, admin, acme, token, options):
    leaver = UserFactory(company=acme, name="Priya Nair")
    stopped, _ = make_token(owner=acme, user=leaver, name="Stopped one")
    leaver.is_active = False
    leaver.save()
    page = open_page(user=admin, **options)
    expect(open_rotation(page, token)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Rotate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    for path in (token.public_id, f"{token.public_id}/limits", stopped.public_id):
        page.goto(f"{LIST}{path}/")
        assert_accessible(page)


def test_rotation_by_a_double_click_makes_one_and_back_shows_none(page, token):
    dialog = open_rotation(page, token)
    expect(dialog.get_by_role("radio", name="In 24 hours")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    dialog = open_rotation(page, token)
    dialog.get_by_role("button", name="Rotate token").dblclick()
    expect(page.get_by_text("Token ready")).to_be_focused()
    expect(page.get_by_text("Waiting for the first call")).to_be_visible()
    assert APITokenEvent.objects.filter(kind="rotated").count() == 1
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert "eyJ0eXAi" not in page.content()


def test_everything_works_without_javascript(open_page, admin, token):
    page = open_page(user=admin, java_script_enabled=False)
    page.goto(LIST)
    page.get_by_role("link", name="Rotate Greenhouse sync").click()
    page.get_by_role("button", name="Rotate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    page.goto(f"{LIST}{token.public_id}/")
    page.get_by_role("button", name="Cut now").click()
    expect(page.get_by_text("has ended")).to_be_visible()
    page.get_by_role("button", name="Suspend Greenhouse sync").click()
    page.get_by_role("button", name="Resume Greenhouse sync").click()
    expect(page.get_by_text("Resumed Greenhouse sync.")).to_be_visible()
