"""Signing in in a real browser: codes, passkeys, without JavaScript, narrow, dark, under CSP."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.signin.second_factor import app_secret
from tests.accounts.codes import code_of
from tests.accounts.identity_provider import identity_provider
from tests.accounts.test_providers import providers
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.factories import PASSWORD

TWO_STEP = "/account/two-step/"
NEW = "a brand new passphrase"


@pytest.fixture(autouse=True)
def no_code_was_used():
    cache.clear()


def enter(page, email, password=PASSWORD):
    page.goto("/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def signed_in_as(page, name):
    expect(page.get_by_role("heading", level=1, name="Dashboard")).to_be_visible()
    expect(page.get_by_text(name).first).to_be_attached()


def with_authenticator(page, verified=True):
    """A passkey device in the browser; it says yes by itself, or no."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    device = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, device["authenticatorId"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_app_is_added_and_its_code_signs_in(open_page, admin, scripts):
    page = open_page(java_script_enabled=scripts)
    enter(page, admin.email)
    signed_in_as(page, "Asha Rao")
    page.goto(TWO_STEP)
    page.get_by_role("link", name="Add app").click()
    expect(page.get_by_role("img", name="QR code with the key below")).to_be_visible()
    secret = page.locator(".secret-key").inner_text()
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Add app").click()
    expect(page.locator(".codes code")).to_have_count(10)
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 left")).to_be_visible()

    other = open_page(java_script_enabled=scripts)
    enter(other, admin.email)
    expect(other.get_by_text(admin.email)).to_be_visible()
    other.get_by_role("textbox", name="Code").fill("000000")
    other.get_by_role("button", name="Continue").click()
    expect(other.get_by_text("This code is not right")).to_be_visible()
    other.get_by_role("link", name="Recovery code").click()
    expect(other.get_by_role("heading", name="Enter a recovery code")).to_be_visible()
    other.get_by_role("textbox", name="Code").fill(recovery)
    other.get_by_role("button", name="Continue").click()
    signed_in_as(other, "Asha Rao")

    other.goto("/account/sessions/")
    expect(other.get_by_text("Password and recovery code")).to_be_visible()
    other.get_by_role("button", name="Sign out all others").click()
    expect(other.get_by_text("1 session is signed out.")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/login/"))


def test_without_scripts_nothing_of_passkeys_shows_at_the_log_in(open_page, db):
    page = open_page(java_script_enabled=False)
    page.goto("/login/")
    expect(page.get_by_role("button", name="Passkey")).to_be_hidden()
    expect(page.get_by_role("link", name="SSO")).to_be_visible()


def test_without_scripts_a_passkey_page_says_what_it_needs(open_page, admin):
    page = open_page(user=admin, java_script_enabled=False)
    page.goto(f"{TWO_STEP}passkeys/add/")
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()


def test_a_passkey_is_added_signs_in_alone_confirms_and_is_removed(open_page, admin):
    page = open_page(user=admin)
    with_authenticator(page)
    page.goto(TWO_STEP)
    page.get_by_role("link", name="Add passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator(".codes code")).to_have_count(10)
    page.goto(TWO_STEP)
    expect(page.get_by_text("Work laptop").first).to_be_visible()
    page.locator("summary", has_text="Asha Rao").click()
    page.get_by_role("button", name="Sign out").last.click()

    page.goto("/login/")
    page.get_by_role("button", name="Passkey").click()
    signed_in_as(page, "Asha Rao")
    page.goto("/account/sessions/")
    expect(page.get_by_role("cell", name=re.compile("Passkey"))).to_be_visible()

    page.goto(f"/account/confirm/passkey/?next={TWO_STEP}")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=2, name="Two-step verification")).to_be_visible()
    page.get_by_role("link", name="Rename Work laptop").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_a_passkey_is_the_second_step_too(open_page, admin):
    page = open_page(user=admin)
    with_authenticator(page)
    page.goto(f"{TWO_STEP}passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator(".codes code")).to_have_count(10)
    page.context.clear_cookies()
    enter(page, admin.email)
    page.get_by_role("button", name="Passkey").click()
    signed_in_as(page, "Asha Rao")


def test_a_passkey_that_is_not_used_is_said_in_the_page(open_page, admin):
    page = open_page(user=admin)
    with_authenticator(page, verified=False)
    page.goto(f"{TWO_STEP}passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    assert not Authenticator.objects.exists()


def test_a_disabled_persons_passkey_signs_nobody_in(open_page, admin):
    page = open_page(user=admin)
    with_authenticator(page)
    page.goto(f"{TWO_STEP}passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator(".codes code")).to_have_count(10)
    admin.is_active = False
    admin.save()
    page.goto("/login/")
    page.get_by_role("button", name="Passkey").click()
    expect(page.get_by_text("This account can’t sign in")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/login/"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_hop_to_a_provider_is_let_go_by_the_policy(open_page, admin, settings, scripts):
    with identity_provider() as server:
        settings.SOCIALACCOUNT_PROVIDERS = providers(server.url)
        page = open_page(java_script_enabled=scripts, ignore_https_errors=True)
        page.goto("/login/")
        page.get_by_role("button", name="Google").click()
        page.wait_for_url(f"{server.url}/authorize?*")
        page.close()
    asked = [error for error in open_page.errors if not error.startswith(f"asked {server.url}")]
    assert [error for error in asked if "favicon" not in error and "404" not in error] == []
    open_page.errors.clear()  # that another host was asked is the point here


@pytest.mark.parametrize("options", VIEWS)
def test_nothing_to_object_to_on_any_page(open_page, admin, settings, options):
    settings.SOCIALACCOUNT_PROVIDERS = providers("http://127.0.0.1:9")
    stranger = open_page(**options)
    for path in ("/login/", "/password/reset/", "/password/reset/sent/", "/password/reset/1-x/",
                 "/password/reset/done/", "/login/e-mail/", "/login/e-mail/x/"):  # fmt: skip
        stranger.goto(path)
        assert_accessible(stranger)
    page = open_page(user=admin, **options)
    for path in ("/password/", TWO_STEP, f"{TWO_STEP}app/", f"{TWO_STEP}passkeys/add/",
                 "/account/sessions/", "/account/confirm/"):  # fmt: skip
        assert page.goto(path).status == 200, path
        assert_accessible(page)
    app_secret(admin)
    enter(stranger, admin.email)
    for path in ("/login/code/", "/login/code/?recover"):
        stranger.goto(path)
        assert_accessible(stranger)
    for path in (TWO_STEP, f"{TWO_STEP}codes/", f"{TWO_STEP}codes/new/", f"{TWO_STEP}app/remove/",
                 "/account/confirm/", "/account/confirm/code/"):  # fmt: skip
        page.goto(path)
        assert_accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_mailed_link_leads_to_a_new_password_that_signs_in(
    open_page, admin, mailoutbox, scripts
):
    page = open_page(java_script_enabled=scripts)
    page.goto("/login/")
    page.get_by_role("link", name="Forgot").click()
    page.get_by_label("E-mail").fill(admin.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    page.goto(re.search(r"http://\S+/password/reset/\S+", mailoutbox[0].body)[0])
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password confirmation").fill(NEW)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Password saved")
    enter(page, admin.email, NEW)
    signed_in_as(page, "Asha Rao")
