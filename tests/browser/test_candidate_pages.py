"""Pages about one candidate in a browser: erased, held, closed, and HR's form."""

import os
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.intake.links import bgv_url
from candidates.models import Case, CaseStatus, CheckStatus, FilledBy
from candidates.services.add import add_candidate
from candidates.services.checks import set_check
from candidates.services.erasure import erase
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.candidates.files import JPEG
from tests.factories import CategoryFactory, StaffFactory, SubtypeFactory, TagFactory

PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def subtype(acme):
    return SubtypeFactory(package__company=acme, name="Experienced")


@pytest.fixture
def meera(acme, admin, subtype, settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    return add_candidate(
        company=acme, actor=Actor(admin), subtype=subtype, filled_by=FilledBy.HR,
        name="Meera Iyer", email="meera@example.in", phone="9876543210",
    )  # fmt: skip


@pytest.fixture(params=VIEWS)
def look(request, open_page, admin):
    page = open_page(user=admin, **request.param)
    name = request.node.callspec.id

    def seen(shot):
        assert_accessible(page)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{shot}-{name}.png", full_page=True)

    page.seen = seen
    return page


def test_a_candidate_is_erased(look, meera, admin):
    look.goto(f"/candidates/{meera.pk}/")
    look.get_by_role("link", name="Erase").click()
    expect(look.get_by_role("heading", name="Erase Meera Iyer")).to_be_visible()
    look.seen("erase")
    look.get_by_role("button", name="Erase for good").click()
    expect(look.get_by_text("by Asha Rao. Name, contact")).to_be_visible()
    look.seen("erased")
    look.goto("/candidates/")
    expect(look.get_by_role("link", name="Erased candidate")).to_be_visible()
    look.seen("erased-list")


def test_the_retention_tab(look, meera, admin):
    bring_to(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(StaffFactory()))
    Case.objects.update(completed_at=timezone.now() - timedelta(days=400))
    look.goto("/security-settings/retention/")
    look.seen("retention-off")
    look.get_by_role("switch").check()
    look.get_by_label("After").fill("180")
    look.get_by_role("button", name="See whom it meets").click()
    expect(look.get_by_text("1 candidate is erased at the next run")).to_be_visible()
    look.seen("retention-preview")
    look.get_by_role("button", name="Save changes").click()
    expect(look.get_by_text("180 days after their case is finished.")).to_be_visible()
    look.seen("retention-on")


def test_a_case_and_a_check_are_held_and_closed(look, meera, open_page):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(StaffFactory()))
    look.goto(f"/candidates/{meera.pk}/hold/")
    look.seen("hold")
    look.get_by_label("For how long").fill("91")
    look.get_by_role("button", name="Hold the case").click()
    expect(look.get_by_text("Choose a reason").last).to_be_visible()
    look.seen("hold-errors")
    open_page.errors.clear()  # Chromium reports the 400 itself
    look.get_by_label("Reason").select_option("Waiting for the candidate")
    look.get_by_label("For how long").fill("7")
    look.get_by_role("button", name="Hold the case").click()
    expect(look.get_by_text("On hold until").first).to_be_visible()
    look.seen("held")
    look.get_by_role("link", name="Close Identity").click()
    expect(look.get_by_role("heading", name="Close Identity")).to_be_visible()
    look.seen("close-check")
    look.goto(f"/candidates/{meera.pk}/checks/{meera.case.checks.first().pk}/hold/")
    look.get_by_label("Reason").select_option("Waiting for the candidate")
    look.get_by_role("button", name="Hold Address").click()
    look.get_by_role("button", name="Take Address off hold").focus()
    look.seen("held-check")
    look.get_by_role("button", name="Take Address off hold").click()
    expect(look.get_by_text("Took Address off hold.")).to_be_visible()
    look.get_by_role("button", name="Take off hold").click()
    expect(look.get_by_text("Took the case off hold.")).to_be_visible()


def test_the_form_in_the_hands_of_hr(look, meera, open_page):
    look.goto(f"/candidates/{meera.pk}/")
    look.get_by_role("link", name="Fill in the form").click()
    look.seen("hr-details")
    look.get_by_role("button", name="Save and go on").click()
    expect(look.get_by_role("alert").first).to_be_visible()
    look.seen("hr-errors")
    open_page.errors.clear()  # Chromium reports the 400 itself
    look.goto(f"/candidates/{meera.pk}/form/identity/")
    look.seen("hr-identity")
    look.goto(f"/candidates/{meera.pk}/form/send/")
    look.seen("hr-send")


def test_what_a_check_lacks(look, meera, admin, open_page):
    staff = Actor(StaffFactory())
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=staff)
    for check in meera.case.checks.all():
        found = "The back of the card is missing"
        set_check(check=check, status=CheckStatus.INSUFFICIENCY, found=found, actor=staff)
    look.goto(f"/candidates/{meera.pk}/more/")
    look.seen("more-hr")
    look.goto(bgv_url(meera))
    expect(look.get_by_role("heading", name="Something is missing")).to_be_visible()
    look.seen("more")
    look.get_by_role("button", name="Send for Address").click()
    expect(look.get_by_text("Choose a file first")).to_be_visible()
    look.seen("more-errors")
    open_page.errors.clear()  # Chromium reports the 400 itself
    photo = {"name": "back.jpg", "mimeType": "image/jpeg", "buffer": JPEG}
    look.locator("input[type=file]").first.set_input_files(photo)
    look.get_by_role("button", name="Send for Address").click()
    expect(look.get_by_role("button", name="Send for Address")).to_have_count(0)
    expect(look.get_by_role("button", name="Send for Identity")).to_be_visible()


def test_no_page_of_an_erased_candidate_offers_what_is_gone(look, meera, admin):
    erase(candidate=meera, actor=Actor(admin))
    look.goto(f"/candidates/{meera.pk}/")
    for name in ("Erase", "Hold", "Close", "Report"):
        expect(look.get_by_role("link", name=name, exact=True)).to_have_count(0)


@pytest.fixture
def listed(acme, admin, token, meera):
    """Enough for a page, some with a category and a tag."""
    category, tag = CategoryFactory(company=acme, name="Engineering"), TagFactory(company=acme)
    for n, name in enumerate(["Ananya Krishnan", "Rohan Gupta", "Fatima Sheikh", "Kavya Reddy"]):
        add_candidate(
            company=acme, actor=Actor(admin, token if n % 2 else None), subtype=meera.case.subtype,
            name=name, email=f"c{n}@example.in", phone=f"987654321{n + 1}", category=category,
            tags=[tag],
        )  # fmt: skip


def test_the_list_and_its_folded_filters(look, listed):
    look.goto("/candidates/")
    summary = look.get_by_text("More filters")
    expect(look.get_by_label("Category")).to_be_hidden()
    assert_accessible(look, "list-folded")
    summary.focus()
    look.keyboard.press("Enter")
    look.get_by_label("Category").select_option("Engineering")
    look.get_by_label("Added from").fill("2026-01-01")
    look.get_by_role("button", name="Filter", exact=True).click()
    expect(look).to_have_url(re.compile("since=2026-01-01"))
    expect(look.get_by_label("Category")).to_be_visible()
    expect(look.get_by_role("link", name="Meera Iyer")).to_have_count(0)
    expect(look.get_by_role("link", name="Fatima Sheikh")).to_be_visible()
    assert_accessible(look, "list-unfolded")
    look.get_by_label("To", exact=True).fill("2025-12-31")
    look.get_by_role("button", name="Filter", exact=True).click()
    expect(look.get_by_text("This day is before the first")).to_be_visible()
    expect(look.get_by_label("To", exact=True)).to_have_accessible_description(
        "This day is before the first"
    )
    assert_accessible(look, "list-wrong-day")
    look.goto("/candidates/?until=2025-12-31")
    expect(look.get_by_role("heading", name="Nobody matches")).to_be_visible()
    assert_accessible(look, "list-none")


def test_filters_fold_and_work_without_javascript(open_page, admin, listed):
    page = open_page(user=admin, java_script_enabled=False)
    page.goto("/candidates/")
    page.get_by_text("More filters").click()
    page.get_by_label("Tag").select_option(index=1)
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_label("Tag")).to_be_visible()
    expect(page.get_by_role("link", name="Rohan Gupta")).to_be_visible()
    expect(page.get_by_role("link", name="Meera Iyer")).to_have_count(0)
