"""axe finds nothing on any state of any page, light or dark; nothing scrolls at 320 px."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apitokens.attribution import Actor
from candidates.services.add import add_candidate
from tests.browser.conftest import assert_accessible
from tests.factories import UserFactory, make_token

LIST = "/security-settings/api/"

VIEWS = [
    pytest.param({"viewport": {"width": width, "height": 800}}, id=str(width))
    for width in (1280, 320)
]


@pytest.fixture(params=VIEWS)
def look(request, open_page, admin):
    return open_page(user=admin, **request.param)


@pytest.fixture
def zoo(acme, admin):
    """Tokens in every state, more than five, so that filters show."""
    leaver = UserFactory(company=acme, name="Priya Nair")
    token = make_token(owner=acme, user=admin, name="Expired one", lifetime=timedelta(hours=1))[0]
    token.credentials.update(expires_at=token.created_at)
    make_token(owner=acme, user=leaver, name="Stopped one")
    make_token(owner=acme, user=admin, name="Ending one", lifetime=timedelta(hours=1))
    for name in ("Greenhouse sync", "<b>Bold</b> & “quoted”", "x" * 64):
        make_token(owner=acme, user=admin, name=name)
    leaver.access_level = "hr"
    leaver.save()


def test_the_empty_list(look):
    look.goto(LIST)
    expect(look.get_by_text("No tokens yet")).to_be_visible()
    assert_accessible(look)


def test_the_list_and_its_dialogs(look, zoo, open_page):
    look.goto(LIST)
    assert_accessible(look)
    look.goto(f"{LIST}?q=nothing-like-it")
    assert_accessible(look)
    look.goto(LIST)
    look.get_by_role("link", name="Generate token").first.click()
    look.get_by_role("dialog").get_by_text("Short-lived").click()
    assert_accessible(look)
    look.get_by_role("dialog").get_by_label("Name").fill("greenhouse sync")
    look.get_by_role("dialog").get_by_role("button", name="Generate token").click()
    expect(look.get_by_text("There is a token with this name")).to_be_visible()
    assert_accessible(look)
    open_page.errors.clear()  # Chromium reports the 400 itself
    look.goto(LIST)
    look.get_by_role("link", name="Edit name Greenhouse sync").click()
    assert_accessible(look)
    look.keyboard.press("Escape")
    look.get_by_role("link", name="Delete token Greenhouse sync").click()
    expect(look.get_by_role("dialog")).to_be_visible()
    assert_accessible(look)


def test_the_reveal(look, zoo):
    look.goto(LIST)
    look.get_by_role("link", name="Generate token").first.click()
    look.get_by_role("dialog").get_by_label("Name").fill("Onboarding script")
    look.get_by_role("dialog").get_by_role("button", name="Generate token").click()
    expect(look.get_by_text("Token ready")).to_be_visible()
    assert_accessible(look)


@pytest.fixture
def candidate(catalogue, admin, token):
    return add_candidate(
        company=catalogue.package.company, actor=Actor(user=admin, token=token),
        subtype=catalogue, name="Ananya Krishnan", email="a@example.in", phone="9845012346",
    )  # fmt: skip


def test_the_portals_pages(look, candidate):
    for path in ("/", "/candidates/", "/candidates/?q=zzz", f"/candidates/{candidate.pk}/",
                 "/candidates/add/", "/candidates/export/", "/password/"):  # fmt: skip
        assert look.goto(path).status == 200, path
        assert_accessible(look)


def test_the_candidate_form_with_errors(look, catalogue, open_page):
    look.goto("/candidates/add/")
    look.get_by_label("Name", exact=True).fill("<script>")
    look.locator("form[method=post]").last.evaluate("form => { form.noValidate = true; }")
    look.get_by_role("button", name="Choose a package").last.click()
    expect(look.get_by_text("Use letters, spaces").first).to_be_visible()
    assert_accessible(look)
    open_page.errors.clear()  # Chromium may report the status itself


@pytest.mark.parametrize("options", VIEWS)
def test_the_pages_for_strangers_and_errors(open_page, options, db):
    page = open_page(**options)
    page.goto("/login/")
    assert_accessible(page)
    page.get_by_label("E-mail").fill("a@b.test")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    assert_accessible(page)
    assert page.goto("/nowhere/").status == 404
    assert_accessible(page)
    open_page.errors.clear()  # Chromium reports the 404 itself


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_api_documentation_works_under_the_policy(open_page, scheme, db):
    page = open_page(color_scheme=scheme)
    page.goto("/api/docs/")
    page.get_by_text("/external/v1/candidate/add").first.click()
    expect(page.get_by_text("Candidate added successfully").first).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_role("heading", name="Available authorizations")).to_be_visible()
    assert page.context.cookies() == []
