"""Connections in a real browser: from a stage that changes over there to a candidate here."""

from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from integrations.inbound.editing import dismiss, edit
from integrations.inbound.importing import take
from integrations.models import Connection
from tests.browser.conftest import assert_accessible
from tests.browser.test_accessibility import VIEWS
from tests.integrations.inbound.conftest import make_connection
from tests.integrations.inbound.stubs import TOKEN, TalentLyftStub, running
from tests.integrations.inbound.test_importing import somebody

CARDS = "/integrations/"


@pytest.fixture
def talentlyft():
    with running(TalentLyftStub()) as stub:
        yield stub


def test_from_a_stage_that_changes_to_a_candidate_with_label_package_and_log(
    page, catalogue, talentlyft
):
    talentlyft.people = [talentlyft.person(1, "Applied")]
    page.goto(CARDS)
    page.get_by_role("link", name="Connect TalentLyft").click()
    page.get_by_label("Name").fill("Berlin office")
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("api.talentlyft.com takes the token")).to_be_visible()
    expect(page.get_by_label("Access token")).to_have_value(TOKEN)
    page.get_by_role("button", name="Test and go on").click()
    page.get_by_label("Offer").select_option(label="Add with Standard, Experienced (1000 left)")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Candidates flow in from now on.")).to_be_visible()

    call_command("poll_integrations", stdout=StringIO())
    page.goto("/candidates/")
    expect(page.get_by_text("No candidates yet")).to_be_visible()
    talentlyft.move(1, "Offer")
    Connection.objects.update(next_poll_at="2026-01-01T00:00Z")
    call_command("poll_integrations", stdout=StringIO())

    page.goto("/candidates/")
    expect(page.get_by_role("table").get_by_text("TalentLyft(Berlin office)")).to_be_visible()
    expect(page.get_by_role("cell", name="Standard")).to_be_visible()
    page.get_by_role("link", name="Ananya Krishnan").first.click()
    expect(page.get_by_text("TalentLyft(Berlin office) added the candidate")).to_be_visible()
    page.goto(CARDS)
    expect(page.get_by_text("1 added")).to_be_visible()


@pytest.mark.parametrize("options", VIEWS)
def test_every_page_of_them(open_page, admin, catalogue, talentlyft, options):
    look = open_page(user=admin, **options)
    look.goto(CARDS)
    assert_accessible(look, "connections-none")
    mapping = {"stages": {"name:offer": catalogue.pk}, "default": 0}
    berlin = make_connection(admin, mapping=mapping)
    make_connection(admin, "generic", "The tool that HR in Bengaluru uses", mapping=None)
    look.goto("/integrations/attention/")
    assert_accessible(look, "attention-none")
    look.goto("/integrations/attention/ended/")
    assert_accessible(look, "attention-ended-none")
    for key, fields in enumerate([{"phone": "080-4123"}, {"email": "no"}, {"name": "Tariq Ali 2"}]):
        take(berlin, somebody(str(key), **fields))
    take(berlin, somebody("8"))
    dismiss(take(berlin, somebody("4711", phone="")).pk)
    edit(take(berlin, somebody("12", phone="")).pk, {"phone": "9876543299", "email": "m@x.in"})
    take(berlin, somebody("9", email="a8@example.in"))
    Connection.objects.filter(pk=berlin.pk).update(
        error_code="refused", error_detail="401 Token revoked", failing_since=berlin.created_at
    )
    look.goto(CARDS)
    assert_accessible(look, "connections")
    for kind in ("talentlyft", "greythr", "freshteam", "generic"):
        look.goto(f"/integrations/connect/{kind}/")
        assert_accessible(look, f"connect-{kind}")
    look.get_by_role("button", name="Go on").click()
    assert_accessible(look, "connect-error")
    open_page.errors.clear()  # Chromium reports the 400 itself
    look.get_by_label("Name", exact=True).fill("Another")
    look.get_by_role("button", name="Go on").click()
    expect(look.get_by_role("textbox", name="Secret")).to_be_visible()
    assert_accessible(look, "connect-reveal")
    for address, name in [
        (f"connections/{berlin.public_id}/", "detail"),
        (f"connections/{berlin.public_id}/mapping/", "mapping"),
        (f"connections/{berlin.public_id}/credentials/", "credentials"),
        (f"connections/{berlin.public_id}/disconnect/", "disconnect"),
        ("attention/", "attention"),
        ("attention/?reason=credits", "attention-narrowed"),
        ("attention/ended/", "attention-ended"),
    ]:
        look.goto(f"{CARDS}{address}")
        assert_accessible(look, name)
    talentlyft.people = [
        talentlyft.person(1), talentlyft.person(2, PhoneNumbers=[]),
        talentlyft.person(3, "Applied"),
    ]  # fmt: skip
    look.goto(f"{CARDS}connections/{berlin.public_id}/mapping/")
    look.get_by_role("button", name="Preview").click()
    expect(look.get_by_text("3 of 3 who were read")).to_be_visible()
    assert_accessible(look, "mapping-preview")
    generic = Connection.objects.filter(kind="generic").first()
    look.goto(f"{CARDS}connections/{generic.public_id}/mapping/")
    assert_accessible(look, "mapping-generic")
    look.goto(f"{CARDS}attention/")
    look.get_by_role("link", name="Ananya Krishnan").first.click()
    assert_accessible(look, "edit")


def test_without_a_script_too(open_page, admin, catalogue, talentlyft):
    page = open_page(user=admin, java_script_enabled=False)
    page.goto("/integrations/connect/talentlyft/")
    page.get_by_label("Name").fill("Berlin office")
    page.get_by_label("Access token").fill("wrong")
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_text("It refused the credentials")).to_be_visible()
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_role("button", name="Test and go on").click()
    page.get_by_label("Hired").select_option(label="Add with Standard, Experienced (1000 left)")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Candidates flow in from now on.")).to_be_visible()
    open_page.errors.clear()
