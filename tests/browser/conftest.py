"""A real Chromium against the real server. Skipped, and said so, where there is no Chromium."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.conftest import signed_in
from tests.factories import (
    CategoryFactory,
    CheckFactory,
    PackageFactory,
    SubtypeFactory,
    TagFactory,
)

# Playwright runs an event loop in this thread; Django's guard against that is not for tests.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ["chromium-headless-shell", "chromium", "chromium-browser"]
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""Debian's headless shell where there is one: the same engine, and a quarter less time."""

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PATIENCE = 30_000  # ms: the machine may be busy; what is quick is not held up by it
expect.set_options(timeout=PATIENCE)

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
NO_CLIPBOARD = 'Object.defineProperty(navigator, "clipboard", {value: undefined});'


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )


@pytest.fixture
def open_page(browser, live_server):
    """open_page(**context options) → a page that fails the test on any error it reports."""
    contexts, errors = [], []

    def at_home(url):
        """No page asks another host for anything, nor uses data: addresses."""
        return url.startswith((live_server.url, "about:", "blob:"))

    def open_page(*, user=None, scripts=(), **options):
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        for script in (REPORT_VIOLATIONS, *scripts):
            context.add_init_script(script)
        if user is not None:
            cookie = signed_in(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda r: None if at_home(r.url) else errors.append(f"asked {r.url}"))
        return page

    open_page.errors = errors
    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page, admin):
    """The Admin's browser, allowed to use the clipboard."""
    return open_page(user=admin, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture
def catalogue(acme):
    """Something that a candidate can be added with."""
    check = CheckFactory(code="identity", name="Identity")
    package = PackageFactory(company=acme, name="Standard")
    subtype = SubtypeFactory(package=package, name="Experienced", friendly_name="Experienced")
    subtype.checks.add(check)
    CategoryFactory(company=acme, name="Engineering")
    TagFactory(company=acme, name="Bengaluru")
    return subtype


def clipboard_of(page):
    return page.evaluate("navigator.clipboard.readText()")


END_TRANSITIONS = """
  const changing = () => document.getAnimations().filter((a) => a instanceof CSSTransition);
  for (let round = 0; round < 10; round++) changing().forEach((a) => a.finish());
"""
"""They are ended, not waited for: in a window that draws no frames they never end. They begin when
the scheme changes and, for what was folded up meanwhile, when it is unfolded.
"""
IN_NEW_COLOURS = f"""
() => {{
  {END_TRANSITIONS}
  return axe.run(document, {{runOnly: ["color-contrast"], resultTypes: ["violations"]}});
}}
"""


def assert_accessible(page, name=None):
    """No axe violation in the page as it stands, light and dark; nothing wider than the window.

    In the dark only colours differ, so only they are looked at there. With PICTURES set to a
    folder, both are photographed there under *name*.
    """
    page.wait_for_load_state()  # a click waits for the answer to a link, not for the page in it
    page.emulate_media(color_scheme="light")
    page.evaluate(f"() => {{ {END_TRANSITIONS} }}")
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    picture(page, name, "light")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(IN_NEW_COLOURS)["violations"] == []
    picture(page, name, "dark")
    page.emulate_media(color_scheme="light")


def picture(page, name, scheme):
    if name and (folder := os.environ.get("PICTURES")):
        file = f"{folder}/{name}-{scheme}-{page.viewport_size['width']}.png"
        page.screenshot(path=file, full_page=True)


def assert_tooltip_by_keyboard(page, control, tip):
    """*tip* shows when the keyboard reaches *control*, and Esc closes it without moving focus."""
    page.keyboard.press("Tab")
    control.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(control).to_be_focused()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(control).to_be_focused()
