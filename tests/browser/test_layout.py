"""What is cut, broken or out of line, which axe doesn't see."""

import pytest

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import CaseStatus, Package
from integrations.inbound.importing import take
from tests.browser.test_bulk import match, upload
from tests.candidates.conftest import add
from tests.factories import StaffFactory
from tests.integrations.inbound.conftest import make_connection
from tests.integrations.inbound.test_importing import somebody

PHONE = {"viewport": {"width": 320, "height": 800}}


def edges(locator):
    """Where its first match begins and ends, across."""
    box = locator.first.bounding_box()
    return box["x"], box["x"] + box["width"]


@pytest.mark.parametrize("path", ["history/", "api/history/"])
def test_on_a_phone_the_days_of_a_history_share_a_line(open_page, admin, token, path):
    page = open_page(user=admin, **PHONE)
    page.goto(f"/security-settings/{path}")
    since, until, button = (
        page.locator(part).bounding_box()
        for part in ("[name=since]", "[name=until]", "form[role=search] button")
    )
    assert (since["y"], since["width"]) == (until["y"], until["width"])
    assert since["x"] == button["x"] < until["x"]
    assert until["x"] + until["width"] == button["x"] + button["width"]


def test_on_a_phone_the_buttons_of_a_card_begin_where_its_words_do(open_page, admin, catalogue):
    mapping = {"stages": {"name:offer": catalogue.pk}, "default": 0}
    take(make_connection(admin, mapping=mapping), somebody(phone="080-4123"))
    page = open_page(user=admin, **PHONE)
    page.goto("/integrations/attention/")
    begin, _ = edges(page.locator(".rows .row-name"))
    assert edges(page.locator(".cell-actions .btn"))[0] == begin


def test_the_state_of_a_candidate_is_one_line_on_the_dashboard(page, admin, token, catalogue):
    candidate = add(Actor(admin, token), catalogue, name="Aditya Kulkarni-Venkataraman")
    bring_to(
        case=candidate.case, status=CaseStatus.COMPLETED_WITH_EXCEPTION, actor=Actor(StaffFactory())
    )
    page.goto("/")
    badge = page.locator(".rows .badge").first
    assert badge.inner_text().strip() == "Completed with exception"
    assert badge.bounding_box()["height"] < 24


def test_no_value_is_cut_where_a_file_is_reviewed(page, admin, catalogue):
    Package.objects.update(credits=164)
    upload(page)
    match(page)
    fields = {it.input_value(): it for it in page.locator(".review-rows input").all()}
    assert {"Joseph D’Souza", "+91 98120 45567", "100904231188"} <= fields.keys()
    cut = "it => it.scrollWidth > it.clientWidth"
    assert [value for value, field in fields.items() if field.evaluate(cut)] == []
    panel = page.locator(".review-panel")
    assert not panel.evaluate(cut)
