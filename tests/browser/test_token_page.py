"""The API tab in a browser: both ways of copying, Back, tooltips, Esc, no JavaScript."""

from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, expect

from apitokens.models import APIToken
from tests.browser.conftest import NO_CLIPBOARD, assert_tooltip_by_keyboard, clipboard_of
from tests.factories import make_token

LIST = "/security-settings/api/"


def open_dialog(page):
    page.goto(LIST)
    page.get_by_role("link", name="Generate token").first.click()
    return page.get_by_role("dialog")


def icon(page, action):
    """The icon button or link of that name in the row of "Greenhouse sync"."""
    name = f"{action} Greenhouse sync"
    return page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))


def generate(page, name="Onboarding script"):
    dialog = open_dialog(page)
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Generate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()


def test_copying_without_the_clipboard_api_reveals_the_token(open_page, admin, token, jwt):
    page = open_page(user=admin, scripts=[NO_CLIPBOARD])
    page.goto(LIST)
    page.get_by_role("button", name="Copy token Greenhouse sync").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    assert jwt in page.content()
    page.get_by_role("button", name="Copy token", exact=True).click()
    expect(
        page.get_by_text("Copied", exact=True).or_(page.get_by_text("Press Ctrl+C")).first
    ).to_be_attached()


def test_copying_from_the_row_shows_the_token_nowhere(page, token, jwt):
    page.goto(LIST)
    page.get_by_role("button", name="Copy token Greenhouse sync").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert clipboard_of(page) == jwt
    assert jwt not in page.content()


def test_back_after_a_reveal_does_not_show_the_token_again(page):
    generate(page)
    expect(page.locator("text=/eyJ0eXAi/").first).to_be_visible()
    page.goto("/candidates/")
    with suppress(Error):  # Chromium would have to send the form again, and asks first
        page.go_back()
    expect(page.locator("html")).not_to_contain_text("eyJ0eXAiOiJhcGl0b2tlbitqd3Qi")


def test_leaving_the_reveal_clears_it(page):
    generate(page)
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert "eyJ0eXAiOiJhcGl0b2tlbitqd3Qi" not in page.content()
    values = page.evaluate("[...document.querySelectorAll('input,textarea')].map(e => e.value)")
    assert not any("eyJ0eXAi" in value for value in values)


@pytest.mark.parametrize("action", ["Edit name", "Copy token", "Rotate", "Suspend", "Delete token"])
def test_tooltips_open_by_keyboard_and_close_by_esc(page, token, action):
    page.goto(LIST)
    control = icon(page, action)
    tip = page.get_by_role("tooltip", name=action)
    expect(tip).to_be_hidden()
    assert_tooltip_by_keyboard(page, control, tip)


@pytest.mark.parametrize("width", [1280, 320])
def test_a_tooltip_stays_while_hovered_and_is_never_clipped(open_page, admin, token, width):
    page = open_page(user=admin, viewport={"width": width, "height": 800})
    page.goto(LIST)
    for action in ("Edit name", "Copy token", "Rotate", "Suspend", "Delete token"):
        icon(page, action).hover()
        tip = page.get_by_role("tooltip", name=action)
        expect(tip).to_be_visible()
        box = tip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        tip.hover()
        expect(tip).to_be_visible()


def test_esc_closes_the_dialog_and_focus_returns(page, token):
    dialog = open_dialog(page)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Generate token").first).to_be_focused()


def test_esc_restores_the_name_and_focus(page, token):
    page.goto(LIST)
    page.get_by_role("link", name="Edit name Greenhouse sync").click()
    page.get_by_role("textbox").last.fill("Something else")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Edit name Greenhouse sync")).to_be_focused()
    assert APIToken.objects.get().name == "Greenhouse sync"


def test_a_taken_name_is_refused_in_place_and_the_input_kept(page, acme, admin, token, open_page):
    make_token(owner=acme, user=admin, name="Lever")
    page.goto(LIST)
    page.get_by_role("link", name="Edit name Greenhouse sync").click()
    field = page.get_by_role("textbox").last
    field.fill("LEVER")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is a token with this name")).to_be_visible()
    expect(field).to_have_value("LEVER")
    open_page.errors.clear()  # Chromium reports the 400 itself


def test_an_error_in_the_dialog_keeps_the_input_and_takes_the_focus(page, token, open_page):
    dialog = open_dialog(page)
    dialog.get_by_label("Name").fill("greenhouse SYNC")
    dialog.get_by_role("button", name="Generate token").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("There is a token with this name")).to_be_visible()
    field = dialog.get_by_label("Name")
    expect(field).to_have_value("greenhouse SYNC")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    open_page.errors.clear()  # Chromium reports the 400 itself


def test_a_short_lived_token_is_made_by_a_quick_pick(page):
    dialog = open_dialog(page)
    dialog.get_by_label("Name").fill("Short")
    dialog.get_by_text("Short-lived").click()
    dialog.get_by_role("button", name="10 min").click()
    expect(dialog.get_by_label("Expires after")).to_have_value("600")
    dialog.get_by_role("button", name="Generate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    credential = APIToken.objects.get().credential
    assert credential.expires_at - credential.issued_at == timedelta(seconds=600)


def test_a_double_click_makes_one_token(page):
    dialog = open_dialog(page)
    dialog.get_by_label("Name").fill("Twice")
    dialog.get_by_role("button", name="Generate token").dblclick()
    expect(page.get_by_text("Token ready")).to_be_visible()
    assert APIToken.objects.count() == 1


def test_a_reload_of_the_reveal_shows_the_same_token(page):
    generate(page)
    first = page.locator("text=/eyJ0eXAi/").first.text_content()
    page.reload()
    expect(page.get_by_text("Token ready")).to_be_visible()
    assert page.locator("text=/eyJ0eXAi/").first.text_content() == first
    assert APIToken.objects.count() == 1


def test_everything_works_without_javascript(open_page, admin):
    page = open_page(user=admin, java_script_enabled=False)
    page.goto(LIST)
    page.get_by_role("link", name="Generate token").first.click()
    page.get_by_label("Name").fill("No script")
    page.get_by_role("button", name="Generate token").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    page.goto(LIST)
    page.get_by_role("button", name="Copy token No script").click()
    expect(page.get_by_text("Token ready")).to_be_visible()
    page.goto(LIST)
    page.get_by_role("link", name="Edit name No script").click()
    page.get_by_role("textbox").last.fill("Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Renamed to Renamed.")).to_be_visible()
    page.get_by_role("link", name="Delete token Renamed").click()
    page.get_by_role("button", name="Delete token").click()
    expect(page.get_by_text("Deleted Renamed. Programs using it now get 401.")).to_be_visible()
    assert APIToken.objects.get().is_deleted


def test_after_a_deletion_the_next_row_has_the_focus(page, acme, admin):
    tokens = [make_token(owner=acme, user=admin, name=f"t{n}")[0] for n in range(3)]
    page.goto(LIST)
    page.get_by_role("link", name="Delete token t1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Delete token").click()
    expect(page.locator(f"#{tokens[0].public_id}")).to_be_focused()
