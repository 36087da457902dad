"""The ledger: for Admins, of their company, newest first, with who moved what for whom."""

from decimal import Decimal

import pytest
from django.urls import reverse

from apitokens.attribution import Actor
from candidates.models import CreditEntry
from candidates.pages.paging import PAGE_SIZE
from candidates.services.credits import change_credits, change_rupees
from candidates.templatetags.money import credits_change, rupees, rupees_change
from tests.candidates.conftest import add
from tests.factories import AddOnFactory, CheckFactory, StaffFactory

CREDITS = reverse("credits")
BOUGHT = CreditEntry.Reason.BOUGHT


def rows(page):
    return page.split("<tbody")[1].split("</tbody>")[0].split("<tr")[1:]


def page_of(client, **query):
    response = client.get(CREDITS, query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_ledger_says_what_for_whom_by_whom_and_what_is_left(
    admin_client, acme, admin, subtype, token
):
    change_rupees(acme, Decimal(124_000), reason=BOUGHT, actor=Actor(StaffFactory(name="Omar Ops")))
    drug = AddOnFactory(company=acme, kind=CheckFactory(code="drug"), price=Decimal("950.50"))
    add(admin, subtype, name="Meera Iyer", add_ons=[drug])
    add(Actor(admin, token), subtype, name="Rohan Gupta")
    page = page_of(admin_client)
    by_token, paid, by_hand, bought = rows(page)
    assert "API(Greenhouse sync)" in by_token
    assert "Rohan Gupta" in by_token
    assert "998" in by_token
    assert "−₹950.50" in paid
    assert "₹1,23,049.50" in paid
    for shown in (admin.name, "Meera Iyer", subtype.package.name, "Candidate added", "−1", "999"):
        assert shown in by_hand
    for shown in ("Bought", "Wallet", "+₹1,24,000", "Operations"):
        assert shown in bought
    assert "Omar Ops" not in page


def test_the_balances_stand_above(admin_client, acme, subtype):
    page = page_of(admin_client)
    counts = page.split('class="counts"')[1].split("</dl>")[0]
    assert subtype.package.name in counts
    assert "1000" in counts
    assert "₹0" in counts
    assert "Nothing booked yet" in page


def test_another_companys_movements_are_not_shown(
    admin_client, other_admin, subtype, foreign_subtype
):
    add(other_admin, foreign_subtype, name="Foreign Person")
    page = page_of(admin_client)
    assert "Foreign Person" not in page
    assert "Globex only" not in page


@pytest.mark.parametrize("who", ["hr", "recruiter"])
def test_only_admins_see_it(request, who):
    assert request.getfixturevalue(f"{who}_client").get(CREDITS).status_code == 403


def test_strangers_programs_and_staff_do_not(client, api):
    assert client.get(CREDITS)["Location"].startswith(reverse("login"))
    assert api.get(CREDITS).status_code == 302
    client.force_login(StaffFactory())
    assert client.get(CREDITS).status_code == 403


def test_it_is_paged_by_key_and_a_forged_cursor_is_400(admin_client, admin, subtype):
    for number in range(1, PAGE_SIZE + 3):
        change_credits(subtype.package, number, reason=BOUGHT, actor=Actor(admin))
    first = admin_client.get(CREDITS)
    assert len(rows(first.content.decode())) == PAGE_SIZE
    second = admin_client.get(first.context["next_url"])
    assert [int(entry.change) for entry in second.context["entries"]] == [2, 1]
    assert (
        admin_client.get(second.context["previous_url"]).context["entries"]
        == (first.context["entries"])
    )
    for forged in ("x", "0", "-1", "9" * 40):
        assert admin_client.get(CREDITS, {"after": forged}).status_code == 400


def test_any_number_of_rows_takes_the_same_queries(
    admin_client, admin, subtype, token, django_assert_max_num_queries
):
    for actor in [Actor(admin), Actor(admin, token)] * 5:
        add(actor, subtype)
    with django_assert_max_num_queries(6):
        page_of(admin_client)


def test_a_candidate_that_is_gone_leaves_its_line(admin_client, meera):
    meera.delete()
    (row,) = rows(page_of(admin_client))
    assert "—" in row


def test_it_is_only_read_and_linked_from_the_dashboard(admin_client, recruiter_client, subtype):
    assert admin_client.post(CREDITS).status_code == 405
    assert f'href="{CREDITS}"' in admin_client.get("/").content.decode()
    assert f'href="{CREDITS}"' not in recruiter_client.get("/").content.decode()


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "₹0"), (180, "₹180"), (1000, "₹1,000"), (12_400, "₹12,400"), (124_000, "₹1,24,000"),
        (12_345_678, "₹1,23,45,678"), (Decimal("180.50"), "₹180.50"), (Decimal("-0.05"), "−₹0.05"),
    ],
)  # fmt: skip
def test_rupees_are_written_as_in_india(amount, written):
    assert rupees(amount) == written


def test_changes_have_a_sign():
    assert rupees_change(Decimal(250)) == "+₹250"
    assert rupees_change(Decimal(-250)) == "−₹250"
    assert credits_change(Decimal("-1.00")) == "−1"
    assert credits_change(Decimal("2000.00")) == "+2,000"
