"""My Team in a browser: looked at, people out and tokens taken over, and without JavaScript."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import Invitation, User
from apitokens.models import APIToken
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.factories import CategoryFactory, UserFactory, make_token

TEAM = "/team/"


@pytest.fixture
def vikram(acme):
    """An Admin with a live token."""
    user = UserFactory(company=acme, name="Vikram Shah", email="vikram@acme.test")
    make_token(owner=acme, user=user, name="HRMS nightly export")
    return user


def invite(page, name="Meghna Das", email="meghna@acme.test"):
    page.goto(TEAM)
    page.get_by_role("link", name="Add person").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the invitation").click()


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_any_state(open_page, admin, hr, acme, vikram, options):
    CategoryFactory(company=acme, name="Sales")
    page = open_page(user=admin, **options)
    invite(page)
    expect(page.get_by_text("is invited")).to_be_visible()
    UserFactory(company=acme, name="Ravi", is_active=False)
    for path in (TEAM, f"{TEAM}?q=nobody", f"{TEAM}invite/", f"{TEAM}{hr.pk}/",
                 f"{TEAM}{vikram.pk}/disable/", f"{TEAM}{vikram.pk}/delete/"):  # fmt: skip
        page.goto(path)
        assert_accessible(page)
    page.goto(TEAM)
    page.get_by_role("link", name="Disable: Vikram Shah").click()
    expect(page.get_by_role("dialog").get_by_text("HRMS nightly export")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    assert_accessible(page)
    page.goto(f"/join/{Invitation.objects.get().link_text}/")
    assert_accessible(page)
    page.goto("/join/nonsense/")
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports the 410 itself


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_is_disabled_and_their_token_goes_on_as_the_admin(
    open_page, admin, vikram, scripts
):
    page = open_page(user=admin, java_script_enabled=scripts)
    page.goto(TEAM)
    page.get_by_role("link", name="Disable: Vikram Shah").click()
    page.get_by_role("button", name="Disable Vikram Shah").click()
    expect(page.get_by_text("Vikram Shah is disabled")).to_be_visible()
    assert not User.objects.get(pk=vikram.pk).is_active
    assert APIToken.objects.get().user == admin
    page.get_by_role("button", name="Enable: Vikram Shah").click()
    expect(page.get_by_text("Vikram Shah can sign in again")).to_be_visible()


def test_esc_and_cancel_close_the_question_and_nothing_happens(open_page, admin, vikram):
    page = open_page(user=admin)
    page.goto(TEAM)
    for close in (
        lambda: page.keyboard.press("Escape"),
        page.get_by_role("link", name="Cancel").click,
    ):
        page.get_by_role("link", name="Delete: Vikram Shah").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        close()
        expect(page.get_by_role("dialog")).not_to_be_visible()
    assert User.objects.get(pk=vikram.pk).is_active


def test_somebody_is_invited_joins_and_signs_in_without_javascript(open_page, admin):
    page = open_page(user=admin, java_script_enabled=False)
    invite(page)
    link = re.search(r"(/join/\S+/)", mail.outbox[0].body)[1]
    newcomer = open_page(java_script_enabled=False)
    newcomer.goto(link)
    newcomer.get_by_label("New password", exact=True).fill("a very long passphrase 7")
    newcomer.get_by_label("New password confirmation").fill("a very long passphrase 7")
    newcomer.get_by_role("button", name="Create the account").click()
    expect(newcomer.get_by_text("Your account is ready")).to_be_visible()
    newcomer.get_by_label("E-mail").fill("meghna@acme.test")
    newcomer.get_by_label("Password", exact=True).fill("a very long passphrase 7")
    newcomer.get_by_role("button", name="Sign in", exact=True).click()
    expect(newcomer.get_by_role("heading", name="Dashboard")).to_be_visible()
