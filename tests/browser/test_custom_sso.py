"""Custom SSO in a real browser: connected on the tab, and signed in by it, with an identity
provider that others wrote.
"""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import SingleSignOn
from tests.accounts.identity_provider import identity_provider
from tests.accounts.sso.conftest import connect
from tests.accounts.sso.independent import independent_provider, introduce
from tests.browser.conftest import assert_accessible, clipboard_of
from tests.browser.test_accessibility import VIEWS
from tests.browser.test_signing_in import enter, signed_in_as

TAB = "/security-settings/custom-sso/"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_admin_connects_and_somebody_signs_in_by_it(open_page, admin, hr, scripts):
    with independent_provider() as provider:
        introduce(provider, "joseph", email=hr.email, email_verified=True)
        page = open_page(java_script_enabled=scripts)
        enter(page, admin.email)
        signed_in_as(page, "Asha Rao")
        page.goto(TAB)
        page.get_by_label("Issuer").fill(provider)
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("1 signing key found")).to_be_visible()
        page.get_by_label("Client ID").fill("portal")
        page.get_by_label("Client secret").fill("s3cret")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_text("Single sign-on is connected.")).to_be_visible()
        expect(page.get_by_label("Client secret")).to_have_value("")

        other = open_page(java_script_enabled=scripts, ignore_https_errors=True)
        other.route("https://cdn.jsdelivr.net/**", lambda route: route.abort())
        other.goto("/login/")
        other.get_by_role("link", name="SSO").click()
        other.get_by_label("Work e-mail").fill(hr.email)
        other.get_by_role("button", name="Continue").click()
        other.get_by_placeholder("sub").fill("joseph")
        other.get_by_role("button", name="Authorize").click()
        signed_in_as(other, "Joseph D’Souza")
        other.goto("/account/sessions/")
        expect(other.get_by_role("cell", name=re.compile("Single sign-on"))).to_be_visible()

        page.goto("/security-settings/history/?kind=signed-in")
        expect(page.get_by_text("By Single sign-on")).to_be_visible()
        page.goto(TAB)
        page.get_by_role("link", name="Disconnect").click()
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("Single sign-on is disconnected.")).to_be_visible()
        other.goto("/candidates/")
        expect(other).to_have_url(re.compile("ended=method"))
        for one in (page, other):
            one.close()
    asked = [error for error in open_page.errors if not error.startswith(f"asked {provider}")]
    assert [error for error in asked if "asked" in error and "jsdelivr" not in error] == []
    open_page.errors.clear()  # that another host was asked is the point here


def test_a_test_keeps_the_secret_that_was_typed_and_the_address_is_copied(page, open_page):
    page.goto(TAB)
    page.get_by_label("Client secret").fill("s3cret")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Enter the issuer, such as")).to_be_visible()
    assert [error for error in open_page.errors if "400" not in error] == []
    open_page.errors.clear()  # the console calls an answer of 400 an error
    page.get_by_label("Issuer").fill("https://10.0.0.1")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Nothing answers there")).to_be_visible()
    expect(page.get_by_text("Enter the issuer, such as")).to_be_hidden()
    expect(page.get_by_label("Client secret")).to_have_value("s3cret")
    page.get_by_role("button", name="Copy the redirect address").click()
    expect(page.locator("[data-copy-status]")).to_have_text("Copied")
    assert clipboard_of(page).endswith("/login/sso/acme/callback/")


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_its_pages(open_page, admin, acme, options):
    page, stranger = open_page(user=admin, **options), open_page(**options)
    page.goto(TAB)
    assert_accessible(page)
    with identity_provider() as provider:
        connect(acme, provider.url)
        page.goto(TAB)
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Configuration read")).to_be_visible()
        assert_accessible(page)
        SingleSignOn.objects.update(encrypted_secret="x")
        page.goto(TAB)
        page.get_by_label("Issuer").fill("https://10.0.0.1")
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Nothing answers there")).to_be_visible()
        assert_accessible(page)
        for path in ("/login/sso/", "/login/sso/acme/"):
            stranger.goto(path)
            assert_accessible(stranger)
