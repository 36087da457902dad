"""The pages in a host without a framework and in languages of both directions: all of it fits."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apitokens.services import rotate_token
from tests.browser.conftest import assert_accessible
from tests.factories import UserFactory, make_token

LIST = "/security-settings/api/"
VIEWS = [
    pytest.param((language, width), id=f"{language}-{width}")
    for language, width in [("ar", 1280), ("ar", 320), ("hi", 320), ("en", 320)]
]


@pytest.fixture(params=VIEWS)
def look(request, settings, open_page, admin):
    """A page of a host with nothing but the app: its shell, its policy's texts, its language."""
    language, width = request.param
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    settings.APITOKENS_POLICY = "tests.apitokens.test_attribution_shown.NeverAskedTwice"
    settings.APITOKENS_HEADING_LEVEL = 1
    settings.APITOKENS_DOCS_URL = None
    settings.LANGUAGE_CODE = language
    return open_page(user=admin, viewport={"width": width, "height": 800})


@pytest.fixture
def zoo(acme, admin):
    """Tokens in several states, one of them rotated with an overlap; filters show."""
    token = make_token(owner=acme, user=admin, name="Greenhouse sync")[0]
    rotate_token(token=token, overlap=timedelta(days=1), actor=admin)
    stranger = make_token(owner=acme, user=admin, name="Stopped one")[0]
    type(stranger).objects.filter(pk=stranger.pk).update(user=UserFactory())
    make_token(owner=acme, user=admin, name="Ending one", lifetime=timedelta(hours=1))
    for name in ("نسخ احتياطي", "रात का बैकअप", "x" * 64):
        make_token(owner=acme, user=admin, name=name, networks=["192.0.2.0/24"])
    return token


def test_every_page_fits_and_is_accessible(look, zoo):
    for path in ("", "generate/", "history/", "{}/", "{}/edit/", "{}/rotate/", "{}/limits/",
                 "{}/delete/"):  # fmt: skip
        look.goto(LIST + path.format(zoo.public_id))
        assert_accessible(look)


def test_a_new_token_fits_and_reads_from_the_left(look, zoo):
    look.goto(LIST)
    look.locator("[data-at-open]").first.click()
    dialog = look.get_by_role("dialog")
    dialog.locator("#id_name").fill("Onboarding script")
    dialog.locator("[value=short-lived]").check()
    assert_accessible(look)
    dialog.locator(".at-btn-primary").click()
    jwt = look.locator("[data-at-jwt]")
    expect(jwt).to_contain_text("eyJ")
    assert_accessible(look)
    for text in (jwt, look.locator("pre").first):
        assert text.evaluate("(e) => getComputedStyle(e).direction") == "ltr"


def test_tabs_go_on_in_the_direction_of_the_language(look, zoo):
    look.goto(f"{LIST}generate/")
    look.locator("#id_name").fill("Onboarding script")
    look.locator("form .at-btn-primary").click()
    tabs = look.get_by_role("tab")
    tabs.first.focus()
    direction = look.evaluate("document.documentElement.dir")
    look.keyboard.press("ArrowLeft" if direction == "rtl" else "ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
