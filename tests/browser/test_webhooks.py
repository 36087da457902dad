"""From a check that is done in the admin to a webhook that arrives, by the real worker; and how the
pages about endpoints work in a real browser.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import CaseStatus
from integrations.models import Endpoint, Off
from integrations.outbound.endpoints import give_secret, rotate
from integrations.outbound.worker import Worker
from tests.browser.conftest import assert_accessible, clipboard_of
from tests.browser.test_accessibility import VIEWS
from tests.candidates.conftest import add
from tests.factories import StaffFactory
from tests.integrations.conftest import make_endpoint
from tests.integrations.receiver import receiver

WEBHOOKS = "/integrations/webhooks/"


@pytest.fixture
def customer():
    with receiver() as server:
        yield server


def test_a_check_done_in_the_admin_arrives_signed(page, open_page, admin, catalogue, customer):
    page.goto(WEBHOOKS)
    assert_accessible(page)
    page.get_by_role("link", name="Add endpoint").click()
    page.get_by_label("Address").fill(f"{customer.url}/bgv")
    page.get_by_role("textbox", name="Name").fill("HRMS status sync")
    page.get_by_role("button", name="Add endpoint").click()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert_accessible(page)
    page.get_by_role("button", name="Copy secret").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    assert clipboard_of(page) == secret

    candidate = add(admin, catalogue, name="Rohan Gupta")
    staff = StaffFactory(name="Operations")
    bring_to(case=candidate.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    desk = open_page(user=staff)
    for check in candidate.case.checks.all():
        desk.goto(f"/admin/candidates/casecheck/{check.pk}/change/")
        desk.locator("#id_status").select_option("verified")
        desk.get_by_role("button", name="Save", exact=True).click()
        desk.wait_for_load_state()
    Worker(threads=4).sweep()

    bodies = customer.verified(secret, "/bgv")
    done = [body for body in bodies if body["type"] == "case.completed"]
    assert [(body["candidate_id"], body["name"]) for body in done] == [
        (candidate.pk, "Rohan Gupta")
    ]
    endpoint = Endpoint.objects.get()
    page.goto(f"{WEBHOOKS}{endpoint.pk}/")
    expect(page.get_by_text("Working")).to_be_visible()
    page.locator("summary", has_text="case.completed").first.click()
    expect(page.locator("details[open] pre").first).to_contain_text('"name": "Rohan Gupta"')
    assert_accessible(page)


def test_a_secret_is_gone_when_its_page_is_left(page, open_page, customer):
    page.goto(f"{WEBHOOKS}add/")
    page.get_by_label("Address").fill(f"{customer.url}/bgv")
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_role("textbox", name="Secret")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    with pytest.raises(Error, match="ERR_CACHE_MISS"):  # the browser has nothing to show again
        page.go_back()
    expect(page.locator("html")).not_to_contain_text("whsec_")
    expect(page.locator("[value^=whsec_]")).to_have_count(0)
    page.close()
    misses = [error for error in open_page.errors if "ERR_CACHE_MISS" in error]
    assert open_page.errors == misses  # Chromium may report them itself, or not
    open_page.errors.clear()


def test_an_endpoint_is_deleted_in_a_dialog_and_tests_go_out_without_a_script(
    page, open_page, admin, customer
):
    page.goto(f"{WEBHOOKS}add/")
    page.get_by_label("Address").fill(f"{customer.url}/bgv")
    page.get_by_role("button", name="Add endpoint").click()
    plain = open_page(user=admin, java_script_enabled=False)
    plain.goto(WEBHOOKS)
    plain.get_by_role("button", name=re.compile("Send a test")).click()
    expect(plain.get_by_text("A test is on its way")).to_be_visible()
    Worker(threads=4).sweep()
    assert len(customer.ids("/bgv")) == 1
    page.goto(WEBHOOKS)
    page.get_by_role("link", name=re.compile("^Delete")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("link", name="Cancel")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("button", name="Delete endpoint").click()
    expect(page.get_by_text("is deleted")).to_be_visible()
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("options", VIEWS)
def test_every_page_of_them(open_page, admin, acme, catalogue, customer, options):
    look = open_page(user=admin, **options)
    look.goto(WEBHOOKS)
    assert_accessible(look, "webhooks-none")
    hrms = make_endpoint(acme, url=f"{customer.url}/bgv", description="HRMS status sync")
    give_secret(hrms)
    letters = make_endpoint(
        acme, "case.completed", url=f"{customer.url}/ats", description="Offer letters", is_thin=True
    )
    give_secret(letters)
    gone = {"off_reason": Off.FAILING, "off_since": timezone.now()}
    make_endpoint(acme, "report.ready", "case.completed", url="https://bi.acme.test/x", **gone)
    customer.answers["/ats"] = (503, {"Retry-After": "300"}, b"<h1>503</h1>")
    staff = StaffFactory(name="Operations")
    for number in range(2):
        candidate = add(admin, catalogue, email=f"r{number}@example.in", phone=f"987654321{number}")
        bring_to(case=candidate.case, status=CaseStatus.COMPLETED, actor=Actor(staff))
    Worker(threads=4).sweep()
    rotate(endpoint=hrms, actor=admin, address=None, overlap=timedelta(days=1))
    for address, name in [
        ("", "webhooks"), ("add/", "webhooks-add"), ("verify/", "webhooks-verify"),
        *((f"{hrms.pk}/{page}", f"webhook-{page[:-1] or 'endpoint'}")
          for page in ("", "edit/", "rotate/", "resend/", "delete/")),
        (f"{letters.pk}/", "webhook-failing"),
    ]:  # fmt: skip
        look.goto(f"{WEBHOOKS}{address}")
        assert_accessible(look, name)
    look.locator(".delivery > summary").first.click()
    assert_accessible(look, "webhook-failing-open")
    look.goto(f"{WEBHOOKS}{hrms.pk}/")
    look.get_by_role("button", name=re.compile("Show the secret")).click()
    expect(look.get_by_role("textbox", name="Secret")).to_be_visible()
    assert_accessible(look, "webhook-reveal")
