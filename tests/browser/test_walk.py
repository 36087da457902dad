"""The main job, as a new user would do it: token, curl, label, rename, copy again, delete."""

import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import clipboard_of
from tests.factories import PASSWORD

CURL = (
    "curl -s -o /dev/null -w %{{http_code}} {base}/external/v1/candidate/add "
    '-H "Authorization: Bearer {jwt}" -H "Content-Type: application/json" '
    '-d \'{{"candidate": {{"name": "Ananya Krishnan", "email": "{email}", "phone": "{phone}"}},'
    ' "package": {{"subtype_id": {subtype}}}}}\''
)


@pytest.fixture
def curl(live_server, catalogue):
    """curl(jwt) adds a candidate from a shell and returns the status."""
    calls = []

    def curl(jwt):
        calls.append(jwt)
        line = CURL.format(
            base=live_server.url, jwt=jwt, subtype=catalogue.pk,
            email=f"ananya{len(calls)}@example.in", phone=9845012340 + len(calls),
        )  # fmt: skip
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
        return int(done.stdout)

    return curl


def sign_in(page, email):
    page.goto("/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def expect_label_everywhere(page, label):
    page.goto("/candidates/")
    expect(page.get_by_role("table").get_by_text(label, exact=True).first).to_be_visible()
    page.get_by_role("link", name="Ananya Krishnan").first.click()
    expect(page.get_by_text(f"{label} added the candidate")).to_be_visible()
    expect(page.locator("dl").get_by_text(label, exact=True)).to_be_visible()


def test_the_main_job(open_page, admin, curl):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, admin.email)
    page.get_by_role("link", name="Security settings").first.click()
    page.get_by_role("link", name="API", exact=True).click()
    page.get_by_role("link", name="Generate token").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill("Greenhouse sync")
    dialog.get_by_role("radio", name="Never-ending").check()
    dialog.get_by_role("button", name="Generate token").click()

    expect(page.get_by_text("Token ready")).to_be_focused()
    page.get_by_role("button", name="Copy token", exact=True).click()
    jwt = clipboard_of(page)
    assert jwt.count(".") == 2
    expect(page.get_by_text("Waiting for the first call")).to_be_visible()
    assert curl(jwt) == 200
    expect(page.get_by_text("Working: first call")).to_be_visible()
    expect_label_everywhere(page, "API(Greenhouse sync)")

    page.goto("/security-settings/api/")
    page.get_by_role("link", name="Edit name Greenhouse sync").click()
    page.get_by_role("textbox").last.fill("Lever")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Edit name Lever")).to_be_focused()
    expect_label_everywhere(page, "API(Lever)")
    assert curl(jwt) == 200

    page.goto("/security-settings/api/")
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name="Copy token Lever").click()
    expect(page.get_by_role("status").filter(has_text="Copied Lever")).to_be_attached()
    assert clipboard_of(page) == jwt

    page.get_by_role("link", name="Delete token Lever").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 candidates were added through it")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete token")).to_be_disabled()
    dialog.get_by_role("textbox").fill("lever")
    dialog.get_by_role("button", name="Delete token").click()
    expect(page.get_by_text("Deleted Lever. Programs using it now get 401.")).to_be_visible()
    assert curl(jwt) == 401
    expect_label_everywhere(page, "API(Lever)")


def test_a_candidate_added_by_hand_says_who_added_it(page, catalogue):
    page.goto("/candidates/")
    page.get_by_role("link", name="Add candidate").first.click()
    page.get_by_label("Name", exact=True).fill("जोसेफ़ D’Souza")
    page.get_by_label("Mobile", exact=True).fill("9845012346")
    page.get_by_label("E-mail", exact=True).fill("joseph@example.in")
    page.get_by_role("button", name="Choose a package").last.click()
    page.get_by_role("radio", name="Experienced").check(force=True)
    page.get_by_role("button", name="Check and confirm").last.click()
    page.get_by_role("button", name="Add candidate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("जोसेफ़ D’Souza")
    expect(page.get_by_text("Asha Rao added the candidate")).to_be_visible()


def test_hr_sees_no_security_settings_and_gets_403(open_page, hr):
    page = open_page(user=hr)
    page.goto("/")
    expect(page.get_by_role("link", name="Security settings")).to_have_count(0)
    assert page.goto("/security-settings/api/").status == 403
    expect(page.get_by_text("Only Admins see this page")).to_be_visible()
    open_page.errors.clear()  # Chromium reports the 403 itself


def test_nobody_signed_in_is_led_to_log_in_and_back(open_page, admin):
    page = open_page()
    page.goto("/security-settings/api/")
    page.get_by_label("E-mail").fill(admin.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/security-settings/api/")
