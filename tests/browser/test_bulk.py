"""Bulk add in a real browser, with and without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from candidates.models import BulkImport, Candidate, Package
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.candidates.bulk import ANANYA, HEADINGS, ROHAN, csv_file, person
from tests.candidates.conftest import add
from tests.candidates.workbooks import xlsx

EXTRA = ["Location", "Alt contact", "Remarks"]
ROWS = [
    [*ANANYA, "Bengaluru", "080-41234567", "Joins 1 Dec"],
    ["Rohan Gupta", "990112233", *ROHAN[2:4], "100904231188", "Bengaluru", "", ""],
    ["Joseph D’Souza", "+91 98120 45567", "joseph.d@example", "AC-2319", "1009042311", "", "", ""],
    ["Sneha Pillai", "9731045568", "sneha.p@example.in", "AC-2304", "", "", "", ""],
    *[[*person(number), "", "", ""] for number in range(12)],
]
FILE = {
    "name": "joiners-nov.xlsx",
    "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "buffer": xlsx([[*HEADINGS, *EXTRA], *ROWS]),
}


@pytest.fixture
def shop(acme, admin, catalogue):
    Package.objects.update(credits=164)
    add(admin, catalogue, email="p3@example.in")
    return catalogue


def upload(page, file=FILE):
    page.goto("/candidates/bulk/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Match columns").click()


def match(page):
    page.get_by_label("Alt contact").select_option(label="Leave out")
    page.get_by_label("Category").select_option(label="Engineering")
    page.get_by_label("Package").select_option(label="Standard, Experienced")
    page.get_by_role("button", name="Review 16 rows").click()


def fix(page):
    page.get_by_role("button", name="Drop +91 or 0 of 1 number").click()
    page.get_by_label("Mobile, row 3").fill("9901122334")
    page.get_by_label("E-mail, row 4").fill("joseph.d@example.in")
    page.get_by_label("UAN, row 4").fill("")
    page.get_by_role("button", name="Check again").last.click()
    expect(page.get_by_text("Also in row 2")).to_be_visible()
    page.get_by_role("button", name="Leave out row 5").click()


def walk(page, look=lambda page, name: None):
    page.goto("/candidates/bulk/")
    look(page, "upload")
    upload(page)
    look(page, "columns")
    match(page)
    look(page, "review")
    fix(page)
    look(page, "review-right")
    page.get_by_role("link", name="Confirm 14").click()
    look(page, "confirm")
    page.get_by_role("button", name="Add 14 candidates").click()
    expect(page.get_by_role("heading", name="Added 14 candidates")).to_be_visible()
    look(page, "progress-done")
    assert Candidate.objects.count() == 15
    assert Package.objects.get(name="Standard").credits == 149


def test_the_walk(open_page, admin, shop):
    page = open_page(user=admin)
    page.goto("/candidates/")
    page.get_by_role("link", name="Bulk add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bulk add")
    walk(page)


def test_the_walk_without_javascript(open_page, admin, shop):
    walk(open_page(user=admin, java_script_enabled=False))


def test_a_file_that_is_refused_says_so_at_its_field(open_page, admin, shop):
    page = open_page(user=admin)
    upload(page, {**FILE, "buffer": csv_file(ROWS)})
    error = page.get_by_text("The name says XLSX, the content is CSV")
    expect(error).to_be_visible()
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports the 400 itself


@pytest.mark.parametrize("options", VIEWS)
def test_every_state_is_accessible(open_page, admin, shop, options):
    page = open_page(user=admin, **options)

    def look(page, name):
        assert_accessible(page, f"bulk-{name}")

    walk(page, look)
    upload(page)
    look(page, "columns-again")
    Package.objects.update(credits=3)
    match(page)
    page.get_by_role("button", name="Leave out the").click()
    look(page, "review-none")
    page.get_by_role("link", name="Left out").click()
    look(page, "left-out")
    page.goto("/candidates/bulk/")
    look(page, "begun")


@pytest.mark.parametrize("options", VIEWS)
def test_every_state_of_the_work_is_accessible(open_page, admin, acme, shop, options):
    page = open_page(user=admin, **options)
    now = timezone.now()
    bulk = BulkImport.objects.create(
        company=acme, user=admin, file_name="joiners-nov.xlsx", sheet="Nov joiners", total=233,
        subtype=shop, state="queued", confirmed_at=now, lease_until=now + BulkImport.LEASE,
    )  # fmt: skip
    for state, changes in {
        "queued": {},
        "adding": {"state": "adding"},
        "inviting": {"state": "inviting", "added": 233, "done": 148, "unsent": 2},
        "stalled": {"lease_until": now},
    }.items():
        BulkImport.objects.filter(pk=bulk.pk).update(**changes)
        page.goto(f"/candidates/bulk/{bulk.pk}/progress/")
        assert_accessible(page, f"bulk-progress-{state}")
        page.goto("about:blank")  # or the page makes itself anew while the next is asked for


def test_the_page_follows_the_work(open_page, admin, acme, shop):
    page = open_page(user=admin)
    now = timezone.now()
    rows = BulkImport.objects.filter(file_name="a.csv")
    bulk = BulkImport.objects.create(
        company=acme, user=admin, file_name="a.csv", total=20, subtype=shop, state="adding",
        confirmed_at=now, lease_until=now + BulkImport.LEASE,
    )  # fmt: skip
    page.goto(f"/candidates/bulk/{bulk.pk}/progress/")
    expect(page.get_by_role("heading", name="Adding 20 candidates")).to_be_visible()
    rows.update(state="inviting", added=20, done=10)
    expect(page.get_by_role("heading", name="Sending the links")).to_be_visible()
    expect(page.locator("progress")).to_have_js_property("value", 10)
    rows.update(done=15, unsent=1)
    expect(page.locator("[data-links]")).to_have_text("14")
    expect(page.locator("progress")).to_have_js_property("value", 15)
    rows.update(state="done", done=20, finished_at=now)
    expect(page.get_by_role("heading", name="Added 20 candidates")).to_be_visible()
