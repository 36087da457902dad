"""Left alone: the warning, "Stay signed in", several tabs, and the end. Both clocks are fake."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from tests.accounts.security.conftest import set_policy
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS

MINUTE = timedelta(minutes=1)


class Clocks:
    """The server's and the browser's, moved together."""

    def __init__(self, server):
        self.server, self.context = server, None

    def attach(self, page):
        self.context = page.context
        self.context.clock.install(time=timezone.now())

    def pass_by(self, span):
        self.server.shift(span)
        self.context.clock.fast_forward(int(span.total_seconds() * 1000))


@pytest.fixture
def clocks(acme):
    set_policy(acme, idle_minutes=5, idle_from=timezone.now() - timedelta(days=1))
    with time_machine.travel(timezone.now()) as server:
        yield Clocks(server)


@pytest.fixture
def tabs(open_page, clocks, hr):
    """Two tabs of one browser, on different pages."""
    first = open_page(user=hr)
    clocks.attach(first)
    second = first.context.new_page()
    first.goto("/candidates/")
    second.goto("/candidates/?q=x")
    return first, second


def asks(page):
    return page.get_by_role("dialog", name="Still there?")


def test_one_minute_before_every_tab_asks_and_staying_in_one_keeps_all(tabs, clocks):
    clocks.pass_by(3.9 * MINUTE)
    for tab in tabs:
        expect(asks(tab)).to_have_count(0)
    clocks.pass_by(0.3 * MINUTE)
    for tab in tabs:
        expect(asks(tab)).to_be_visible()
        expect(asks(tab)).to_contain_text("nothing has happened for 4 minutes")
    tabs[0].get_by_role("button", name="Stay signed in").click()
    for tab in tabs:
        expect(asks(tab)).to_have_count(0)
    clocks.pass_by(3 * MINUTE)
    tabs[1].reload()
    expect(tabs[1].get_by_role("heading", name="Candidates", level=1)).to_be_visible()


def test_without_an_answer_every_tab_is_at_the_log_in_which_says_why(tabs, clocks, open_page):
    clocks.pass_by(4.2 * MINUTE)
    expect(asks(tabs[0])).to_be_visible()
    clocks.pass_by(1 * MINUTE)
    for tab in tabs:
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(tab.get_by_text("signed out after a time without activity")).to_be_visible()
    assert "next=%2Fcandidates%2F" in tabs[0].url
    open_page.errors.clear()  # Chromium reports the 401 itself


def test_a_key_in_one_tab_is_activity_for_all(tabs, clocks):
    clocks.pass_by(3 * MINUTE)
    with tabs[1].expect_response("**/account/session/"):
        tabs[1].keyboard.press("a")
        clocks.context.clock.run_for(20_000)
    clocks.pass_by(2 * MINUTE)
    for tab in tabs:
        expect(asks(tab)).to_have_count(0)
        tab.reload()
        expect(tab.get_by_role("heading", name="Candidates", level=1)).to_be_visible()


def test_a_page_opened_in_one_tab_puts_off_the_other_ones_question(tabs, clocks):
    clocks.pass_by(3 * MINUTE)
    tabs[1].goto("/candidates/?q=y")
    clocks.pass_by(1.5 * MINUTE)
    expect(asks(tabs[0])).to_have_count(0)


def test_a_tab_that_slept_asks_the_server_first(tabs, clocks, open_page):
    clocks.pass_by(60 * MINUTE)
    for tab in tabs:
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    open_page.errors.clear()  # Chromium reports the 401 itself


def test_without_scripts_the_server_ends_it(open_page, hr, clocks):
    page = open_page(user=hr, java_script_enabled=False)
    page.goto("/candidates/")
    clocks.server.shift(5.1 * MINUTE)
    page.reload()
    expect(page.get_by_text("You were signed out after a time without activity.")).to_be_visible()


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_the_question(open_page, hr, clocks, options):
    page = open_page(user=hr, **options)
    clocks.attach(page)
    page.goto("/candidates/")
    clocks.pass_by(4.2 * MINUTE)
    expect(asks(page)).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert_accessible(page)
