"""The candidate's form in a browser: walked through, looked at, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from apitokens.attribution import Actor
from candidates.intake.links import bgv_url
from candidates.services.add import add_candidate
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.candidates.files import JPEG
from tests.factories import SubtypeFactory

PHOTO = {"name": "pan-front.jpg", "mimeType": "image/jpeg", "buffer": JPEG}


@pytest.fixture
def meera(acme, admin, settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    return add_candidate(
        company=acme, actor=Actor(admin), subtype=SubtypeFactory(package__company=acme),
        name="Meera Iyer", email="meera@example.in", phone="9876543210",
    )  # fmt: skip


def save(page):
    page.get_by_role("button", name="Save and go on").click()


def fill_details(page):
    page.get_by_label("Date of birth").fill("1994-02-28")
    page.get_by_label("Gender").select_option("Female")
    save(page)


def fill_address(page):
    page.get_by_label("House, street and area").fill("12, 4th Cross, Indiranagar")
    page.get_by_label("City").fill("Bengaluru")
    page.get_by_label("State").fill("Karnataka")
    page.get_by_label("PIN code").fill("560038")
    save(page)


def add_photo(page, scripts):
    page.locator("input[type=file]").set_input_files(PHOTO)
    if not scripts:
        page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("pan-front.jpg")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_candidate_fills_in_signs_and_sends(open_page, meera, scripts):
    """Through a browser's own Origin and Referer: Referrer-Policy refuses none of the forms."""
    page = open_page(java_script_enabled=scripts)
    page.goto(bgv_url(meera))
    page.get_by_role("link", name="Begin").click()
    fill_details(page)
    fill_address(page)
    page.get_by_label("Document", exact=True).select_option("PAN card")
    add_photo(page, scripts)
    expect(page.get_by_label("Document", exact=True)).to_have_value("PAN")
    page.get_by_label("Number", exact=True).fill("abcpk1234m")
    page.get_by_label("Name on the document").fill("Meera Iyer")
    save(page)
    page.get_by_label("I have read this").check()
    page.get_by_label("What I entered is true").check()
    page.get_by_label("Your full name").fill("Meera Iyer")
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    meera.case.refresh_from_db()
    assert meera.case.submitted_at is not None
    assert meera.documents.get().name == "pan-front.jpg"
    assert {cookie["name"] for cookie in page.context.cookies()} == {"csrftoken"}


@pytest.mark.parametrize("options", VIEWS)
def test_axe_finds_nothing_on_any_page_of_the_form(open_page, meera, options, shots):
    page, url = open_page(**options), bgv_url(meera)
    page.goto(url)
    assert_accessible(page)
    page.get_by_role("link", name="Begin").click()
    save(page)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert_accessible(page)
    shots(page, "details-errors")
    fill_details(page)
    fill_address(page)
    add_photo(page, scripts=True)
    page.get_by_label("Document", exact=True).select_option("PAN card")
    page.get_by_label("Number", exact=True).fill("ABCPK1234M")
    page.get_by_label("Name on the document").fill("Meera Iyer")
    assert_accessible(page)
    shots(page, "identity")
    save(page)
    page.get_by_text("What you entered", exact=True).click()
    assert_accessible(page)
    shots(page, "consent")
    page.get_by_label("I have read this").check()
    page.get_by_label("What I entered is true").check()
    page.get_by_label("Your full name").fill("Meera Iyer")
    page.get_by_role("button", name="Sign and send").click()
    page.get_by_text("What was sent", exact=True).click()
    assert_accessible(page)
    shots(page, "done")
    page.goto("/bgv/forged/")
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports 400 and 404 itself


@pytest.fixture
def shots(request, tmp_path_factory):
    """Pictures for whoever looks; in the run's own folder."""
    folder = tmp_path_factory.mktemp("intake")

    def shoot(page, name):
        page.screenshot(path=folder / f"{name}-{request.node.callspec.id}.png", full_page=True)

    return shoot
