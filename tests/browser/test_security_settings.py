"""The security settings' tabs in a browser: looked at, saved, and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.security.models import SecurityPolicy
from tests.accounts.security.conftest import listed, set_policy
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.factories import PASSWORD, UserFactory

METHODS = "/security-settings/login-methods/"
EXPIRY = "/security-settings/password-expiry/"
DOMAINS = "/security-settings/domain-whitelist/"
IDLE = "/security-settings/auto-logout/"
HISTORY = "/security-settings/history/"
NETWORKS = "/security-settings/allowed-networks/"


def aged(user, days):
    User.objects.filter(pk=user.pk).update(
        password_changed_at=timezone.now() - timedelta(days=days)
    )


@pytest.fixture
def busy(acme, admin, hr):
    """Acme with something to show on each tab."""
    aged(hr, 70)
    UserFactory(company=acme, email="meghna@vendor.test", access_level="hr")
    set_policy(acme, password_days=72, domains=listed("acme.test", "xn--bcher-kva.example"))


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_the_tabs(open_page, admin, busy, options):
    page = open_page(user=admin, **options)
    for path in (METHODS, EXPIRY, IDLE, NETWORKS, HISTORY, f"{HISTORY}?kind=networks", DOMAINS):
        page.goto(path)
        assert_accessible(page)
    page.get_by_label("Add a domain").fill("acme,co.in")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Enter a domain such as acme.co.in")).to_be_visible()
    assert_accessible(page)
    page.goto(EXPIRY)
    page.get_by_label("Every").fill("366")
    expect(page.get_by_text("1 unsaved change")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Enter 1 to 365 days")).to_be_visible()
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports the 400s itself


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_where_an_expired_password_is_changed(open_page, hr, acme, options):
    set_policy(acme, password_days=30)
    aged(hr, 31)
    page = open_page(user=hr, **options)
    page.goto("/candidates/")
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    assert_accessible(page)


def test_a_pick_fills_the_number_and_what_is_not_saved_is_told(page, acme):
    page.goto(EXPIRY)
    save = page.get_by_role("button", name="Save changes")
    expect(save).to_be_disabled()
    page.get_by_role("switch", name="Passwords expire").check()
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.get_by_role("button", name="30 days").click()
    expect(page.get_by_label("Every")).to_have_value("30")
    expect(page.get_by_text("2 unsaved changes")).to_be_visible()
    page.get_by_role("button", name="See whom it meets").click()
    expect(page.get_by_text("Ends in 29 days")).to_be_visible()
    expect(page.get_by_text("2 unsaved changes")).to_be_visible()
    save.click()
    expect(page.get_by_text("Passwords expire after 30 days.")).to_be_visible()
    expect(save).to_be_disabled()
    assert SecurityPolicy.objects.get(company=acme).password_days == 30


@pytest.mark.parametrize("scripts", [True, False])
def test_a_domain_is_listed_put_in_force_and_removed_with_or_without_scripts(
    open_page, admin, acme, scripts
):
    page = open_page(user=admin, java_script_enabled=scripts)
    page.goto(DOMAINS)
    for domain in ("acme.test", "bücher.example"):
        page.get_by_label("Add a domain").fill(domain)
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text(f"{domain} is on the list.")).to_be_visible()
    page.get_by_role("switch", name="Only these domains").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Only people of these domains may sign in.")).to_be_visible()
    expect(page.get_by_text("Yours: it can’t be removed")).to_be_visible()
    page.get_by_role("button", name="Remove bücher.example").click()
    expect(page.get_by_text("bücher.example is off the list.")).to_be_visible()
    policy = SecurityPolicy.objects.get(company=acme)
    assert (policy.only_domains, policy.domain_names) == (True, ["acme.test"])


def test_an_expired_password_is_changed_without_scripts(open_page, hr, acme):
    set_policy(acme, password_days=30)
    aged(hr, 31)
    page = open_page(user=hr, java_script_enabled=False)
    page.goto("/candidates/")
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("a brand new passphrase")
    page.get_by_label("New password confirmation").fill("a brand new passphrase")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_auto_logout_and_networks_are_saved_with_or_without_scripts(
    open_page, admin, acme, scripts
):
    page = open_page(user=admin, java_script_enabled=scripts)
    page.goto(IDLE)
    page.get_by_role("switch", name="Sign out without activity").check()
    page.get_by_label("After").fill("15")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("People are signed out after 15 minutes")).to_be_visible()
    page.goto(NETWORKS)
    page.get_by_role("textbox", name="Allowed networks").fill("203.0.113.0/24")
    page.get_by_role("button", name="Save changes").click()
    expect(
        page.get_by_text("You would be outside: add your own address, 127.0.0.1")
    ).to_be_visible()
    page.get_by_role("textbox", name="Allowed networks").fill("203.0.113.0/24\n127.0.0.0/8")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("People sign in from these networks only.")).to_be_visible()
    open_page.errors.clear()  # Chromium reports the 400 itself


def test_history_is_filtered_and_taken_along_as_csv(page, admin, token):
    page.goto(EXPIRY)
    page.get_by_role("switch", name="Passwords expire").check()
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("link", name="History of security settings").click()
    expect(page.get_by_role("cell", name="off → 90 days")).to_be_visible()
    expect(page.get_by_role("cell", name="Greenhouse sync created")).to_be_visible()
    page.get_by_label("Setting", exact=True).select_option("password-expiry")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("cell", name="Greenhouse sync created")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    text = download.value.path().read_text()
    assert "off → 90 days" in text
    assert "Greenhouse" not in text


@pytest.mark.parametrize("scripts", [True, False])
def test_a_method_is_switched_off_once_the_password_was_confirmed(open_page, admin, acme, scripts):
    page = open_page(user=admin, java_script_enabled=scripts)
    page.goto(METHODS)
    page.get_by_role("switch", name="Passkey").uncheck()
    page.get_by_role("switch", name="Require MFA").check()
    if scripts:
        expect(page.get_by_text("2 unsaved changes")).to_be_visible()
        page.get_by_role("button", name="14 days").click()
    else:
        page.get_by_label("Grace period").fill("14")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("switch", name="Passkey")).not_to_be_checked()
    expect(page.get_by_label("Grace period")).to_have_value("14")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("It holds from the next request of everybody.")).to_be_visible()
    policy = SecurityPolicy.objects.get(company=acme)
    assert (policy.methods_off, policy.grace_days) == ("passkey", 14)


def test_the_last_method_stays_on_and_the_page_says_so(page, open_page):
    page.goto(METHODS)
    page.get_by_role("switch", name="Passkey").uncheck()
    page.get_by_role("switch", name="Password").uncheck()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("At least one method has to stay on")
    open_page.errors.clear()  # Chromium reports the 400 itself


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_where_a_second_factor_must_be_set_up(open_page, hr, acme, options):
    set_policy(acme, grace_days=0, second_factor_from=timezone.now())
    page = open_page(user=hr, **options)
    page.goto("/candidates/")
    expect(page.get_by_text("asks for two-step verification")).to_be_visible()
    expect(page).to_have_url(re.compile("/account/two-step/$"))
    assert_accessible(page)
