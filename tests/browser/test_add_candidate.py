"""Adding by hand in a real browser, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from apitokens.attribution import Actor
from candidates.models import AddOn, Candidate, CreditEntry
from candidates.services.add import add_candidate
from candidates.services.credits import change_rupees
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.candidates import files
from tests.factories import AddOnFactory, CheckFactory, PackageFactory, SubtypeFactory

RESUME = {"name": "Ananya Krishnan CV.pdf", "mimeType": "application/pdf", "buffer": files.PDF}


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path


@pytest.fixture
def shop(acme, admin, catalogue):
    """Two packages, three add-ons, one of them in the package already."""
    change_rupees(acme, 12_400, reason=CreditEntry.Reason.BOUGHT, actor=Actor(admin))
    checks = {
        code: CheckFactory(code=code, name=name, icon=icon, description=text)
        for code, name, icon, text in [
            ("world-check", "World check", "globe2", "Sanctions and watch lists"),
            ("credit", "Credit", "credit-card", "Score and open loans, needs PAN"),
        ]
    }
    for code, price in (("world-check", 250), ("credit", 180)):
        AddOnFactory(company=acme, kind=checks[code], price=price)
    AddOnFactory(company=acme, kind=CheckFactory(code="address"), price=100)
    SubtypeFactory(package=catalogue.package, name="Freshers", checks=[checks["credit"]])
    few = PackageFactory(company=acme, name="Executive", credits=9)
    SubtypeFactory(package=few, name="Leadership", checks=list(checks.values()))
    PackageFactory(company=acme, name="Executive Plus", credits=0)
    return catalogue


def fill_details(page):
    page.goto("/candidates/add/")
    page.get_by_label("Name", exact=True).fill("Ananya Krishnan")
    page.get_by_label("Mobile", exact=True).fill("9845012346")
    page.get_by_label("E-mail", exact=True).fill("ananya.k@example.in")
    page.locator("input[name=resume]").set_input_files(RESUME)


def next_step(page, name):
    page.get_by_role("button", name=name).last.click()


def test_the_walk(open_page, admin, shop):
    page = open_page(user=admin)
    fill_details(page)
    expect(page.locator("[data-drop]").first).to_contain_text("Ananya Krishnan CV.pdf")
    page.get_by_label("E-mail", exact=True).fill("ananya.k@example")
    next_step(page, "Choose a package")
    expect(page.get_by_text("Enter a whole address")).to_be_visible()
    expect(page.get_by_text("checked")).to_be_visible()
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports the 400 itself
    page.get_by_label("E-mail", exact=True).fill("ananya.k@example.in")
    next_step(page, "Choose a package")

    total = page.locator("[data-total]")
    page.get_by_role("radio", name="Experienced").check(force=True)
    expect(page.get_by_role("checkbox", name="Address")).to_be_disabled()
    page.get_by_role("checkbox", name="World check").check()
    page.get_by_role("checkbox", name="Credit").check()
    expect(total).to_contain_text("1 credit + ₹430")
    page.get_by_role("radio", name="Freshers").check(force=True)
    expect(total).to_contain_text("1 credit + ₹250")
    page.get_by_role("radio", name="Experienced").check(force=True)
    expect(total).to_contain_text("1 credit + ₹430")
    assert_accessible(page)

    page.get_by_role("button", name="Details").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ananya Krishnan")
    expect(page.get_by_text("Ananya Krishnan CV.pdf")).to_be_visible()
    next_step(page, "Choose a package")
    expect(page.locator("[data-total]")).to_contain_text("1 credit + ₹430")
    next_step(page, "Check and confirm")
    expect(page.get_by_text("1 credit + ₹430")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Add candidate").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ananya Krishnan")
    expect(page.get_by_text("PDF, 1 kB")).to_be_visible()
    page.go_back(wait_until="commit")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ananya Krishnan")
    assert Candidate.objects.count() == 1


def test_the_walk_without_javascript(open_page, admin, shop):
    page = open_page(user=admin, java_script_enabled=False)
    fill_details(page)
    next_step(page, "Choose a package")
    page.get_by_role("radio", name="Experienced").check(force=True)
    page.get_by_role("checkbox", name="World check").check()
    page.get_by_role("checkbox", name="Address").check()
    next_step(page, "Check and confirm")
    expect(page.get_by_text("1 credit + ₹250")).to_be_visible()
    page.get_by_role("button", name="Add candidate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ananya Krishnan")
    assert Candidate.objects.get().documents.count() == 1


@pytest.mark.parametrize("options", VIEWS)
def test_every_step_is_accessible(open_page, admin, shop, options):
    page = open_page(user=admin, **options)
    fill_details(page)
    page.get_by_role("radio", name="Signed letter").check()
    next_step(page, "Choose a package")
    expect(page.get_by_text("Add the signed letter")).to_be_visible()
    assert_accessible(page, "details")
    open_page.errors.clear()  # Chromium reports the 400 itself
    page.get_by_role("radio", name="By e-mail").check()
    next_step(page, "Choose a package")
    page.get_by_role("radio", name="Experienced").check(force=True)
    page.get_by_role("checkbox", name="World check").check()
    assert_accessible(page, "package")
    next_step(page, "Check and confirm")
    assert_accessible(page, "confirm")


@pytest.mark.parametrize("options", VIEWS)
def test_the_ledger_is_accessible(open_page, admin, token, shop, options):
    for number, actor in enumerate([Actor(admin), Actor(admin, token)]):
        add_candidate(
            company=admin.company, actor=actor, subtype=shop, name="Ananya Krishnan",
            email=f"a{number}@example.in", phone=f"984501234{number}",
            add_ons=AddOn.objects.filter(kind__code="credit").select_related("kind"),
        )  # fmt: skip
    page = open_page(user=admin, **options)
    page.goto("/")
    page.get_by_role("link", name="Ledger").click()
    expect(page.get_by_text("API(Greenhouse sync)").first).to_be_visible()
    assert_accessible(page, "ledger")
