"""From one system to another with every process real: gunicorn, a worker of each kind, Chromium."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.certificates import certificates
from tests.integrations.inbound.stubs import TOKEN, TalentLyftStub, running
from tests.integrations.receiver import receiver
from tests.servers import PASSWORD, ROOT, portal, prepared, run, wait_for

CATALOGUE = f"""
from accounts.models import Company, User
from candidates.models import Check, Package, Subtype
acme = Company.objects.get(slug="acme")
package = Package.objects.create(company=acme, name="Standard", credits=1000)
subtype = Subtype.objects.create(package=package, name="Experienced", friendly_name="Experienced")
subtype.checks.add(Check.objects.create(code="identity-x", name="Identity"))
User.objects.create_superuser("ops@svportal.test", "{PASSWORD}", name="Operations")
"""
A_QUARTER_OF_AN_HOUR_LATER = """
from django.utils import timezone
from integrations.models import Connection
Connection.objects.update(next_poll_at=timezone.now())
"""
ASKED = """
from integrations.models import Connection
print(Connection.objects.get().last_success_at)
"""
SUBMITTED = """
from accounts.models import User
from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import CaseStatus, Subtype
from candidates.services.add import add_candidate
admin = User.objects.get(email="admin@acme.test")
candidate = add_candidate(
    company=admin.company, actor=Actor(admin), subtype=Subtype.objects.get(), name="Rohan Gupta",
    email="rohan@example.in", phone="9876543210",
)
bring_to(case=candidate.case, status=CaseStatus.PROCESSING, actor=Actor(admin))
print(candidate.pk, candidate.case.checks.get().pk)
"""


@pytest.fixture
def talentlyft():
    with running(TalentLyftStub()) as stub:
        yield stub


@pytest.fixture
def customer():
    with receiver() as server:
        yield server


@pytest.fixture
def variables(tmp_path, talentlyft, customer):
    """Of a portal with its catalogue, for which the vendor and the customer are on loopback."""
    loopback = "127.0.0.0/8,::1/128"
    variables = prepared(
        f"sqlite:///{tmp_path / 'portal.sqlite3'}", tmp_path,
        INTEGRATION_NETWORKS=loopback, INTEGRATION_ADDRESSES=json.dumps(talentlyft.addresses),
        WEBHOOK_NETWORKS=loopback, WEBHOOK_PORTS=str(customer.server_port),
        REQUESTS_CA_BUNDLE=certificates()[0],
    )  # fmt: skip
    run(variables, CATALOGUE)
    return variables


@pytest.fixture
def signed_in(browser, variables):
    """signed_in(email) → a page of that person's browser."""
    contexts = []
    with portal(variables, workers=1) as port:

        def signed_in(email):
            context = browser.new_context(base_url=f"http://127.0.0.1:{port}")
            contexts.append(context)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.goto("/login/")
            page.get_by_label("E-mail").fill(email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
            return page

        yield signed_in
        for context in contexts:
            context.close()


@contextmanager
def worker(variables, *arguments):
    """One that runs meanwhile, and leaves when it is told to."""
    command = [sys.executable, "manage.py", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    try:
        yield
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(40) == 0


def test_from_a_stage_that_changes_to_a_candidate_with_label_package_and_log(
    signed_in, variables, talentlyft
):
    talentlyft.people = [talentlyft.person(1, "Applied")]
    with worker(variables, "poll_integrations", "--loop", "--pause", "0.2"):
        page = signed_in("admin@acme.test")
        page.goto("/integrations/connect/talentlyft/")
        page.get_by_label("Name").fill("Berlin office")
        page.get_by_label("Access token").fill(TOKEN)
        page.get_by_role("button", name="Test and go on").click()
        page.get_by_label("Offer").select_option(label="Add with Standard, Experienced (1000 left)")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("Candidates flow in from now on.")).to_be_visible()
        wait_for(lambda: run(variables, ASKED).splitlines()[-1] != "None", 60)
        page.goto("/candidates/")
        expect(page.get_by_text("No candidates yet")).to_be_visible()

        talentlyft.move(1, "Offer")
        run(variables, A_QUARTER_OF_AN_HOUR_LATER)
        page.goto("/candidates/")
        added = page.get_by_role("table").get_by_text("TalentLyft(Berlin office)")
        wait_for(lambda: page.reload() and added.count() == 1, 60)
    expect(page.get_by_role("cell", name="Standard")).to_be_visible()
    page.get_by_role("link", name="Ananya Krishnan").first.click()
    expect(page.get_by_text("TalentLyft(Berlin office) added the candidate")).to_be_visible()


def test_from_a_check_done_in_the_admin_to_a_webhook_that_is_verified(
    signed_in, variables, customer
):
    with worker(variables, "deliver_webhooks", "--loop"):
        page = signed_in("admin@acme.test")
        page.goto("/integrations/webhooks/add/")
        page.get_by_label("Address").fill(f"{customer.url}/bgv")
        page.get_by_role("button", name="Add endpoint").click()
        secret = page.get_by_role("textbox", name="Secret").input_value()
        candidate, check = run(variables, SUBMITTED).splitlines()[-1].split()

        desk = signed_in("ops@svportal.test")
        desk.goto(f"/admin/candidates/casecheck/{check}/change/")
        desk.locator("#id_status").select_option("verified")
        desk.get_by_role("button", name="Save", exact=True).click()
        desk.wait_for_load_state()
        wait_for(lambda: "report.ready" in told(customer, secret, candidate), 60)
    assert told(customer, secret, candidate) >= {
        "candidate.added", "case.status_changed", "case.completed", "report.ready",
    }  # fmt: skip


def told(customer, secret, candidate):
    """Kinds of what came about the candidate, each verified with the secret."""
    bodies = customer.verified(secret, "/bgv")
    return {body["type"] for body in bodies if body["candidate_id"] == int(candidate)}
