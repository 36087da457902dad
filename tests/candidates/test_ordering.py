"""What is ordered with a candidate: the package's checks, add-ons, and what they cost."""

from decimal import Decimal

import pytest

from apitokens.attribution import Actor
from candidates.exceptions import AddOnsIncomplete, NoCredits, NoFunds
from candidates.models import AddOn, Candidate, CreditEntry, Package, Wallet
from candidates.services.credits import change_credits, change_rupees, rupees_of
from tests.candidates.conftest import add
from tests.factories import CheckFactory, SubtypeFactory

BOUGHT = CreditEntry.Reason.BOUGHT


@pytest.fixture
def add_ons(acme):
    """By code, with prices of 100, 200, …"""
    codes = ["credit", "court-record", "education", "employment", "identity"]
    return {
        code: AddOn.objects.create(
            company=acme, kind=CheckFactory(code=code, name=code.title()), price=100 * (n + 1)
        )
        for n, code in enumerate(codes)
    }


def fill_wallet(acme, admin, rupees):
    change_rupees(acme, Decimal(rupees), reason=BOUGHT, actor=Actor(admin))


def test_the_checks_of_the_package_and_the_add_ons_are_ordered_at_todays_price(
    acme, admin, subtype, add_ons
):
    fill_wallet(acme, admin, 1000)
    candidate = add(admin, subtype, add_ons=[add_ons["credit"]])
    AddOn.objects.update(price=9999)
    ordered = {c.kind.code: (c.is_add_on, c.price) for c in candidate.case.checks.all()}
    assert ordered == {
        "identity": (False, None), "address": (False, None), "credit": (True, Decimal(100)),
    }  # fmt: skip
    assert rupees_of(acme) == 900


def test_an_add_on_that_the_package_holds_costs_nothing(acme, admin, subtype, add_ons):
    candidate = add(admin, subtype, add_ons=[add_ons["identity"]])
    assert candidate.case.checks.count() == 2
    assert not CreditEntry.objects.filter(package=None).exists()


@pytest.mark.parametrize(
    ("chosen", "missing"),
    [
        (["education"], {"education": "employment"}),
        (["employment"], {"employment": "education"}),
        (["education", "employment"], {}),
        (["credit"], {}),
    ],
)
def test_education_goes_with_employment(acme, admin, subtype, add_ons, chosen, missing):
    fill_wallet(acme, admin, 5000)
    if not missing:
        add(admin, subtype, add_ons=[add_ons[code] for code in chosen])
        return
    with pytest.raises(AddOnsIncomplete) as caught:
        add(admin, subtype, add_ons=[add_ons[code] for code in chosen])
    assert caught.value.missing == missing
    assert not Candidate.objects.exists()


def test_a_court_record_needs_an_address(acme, admin, subtype, add_ons):
    fill_wallet(acme, admin, 5000)
    add(admin, subtype, add_ons=[add_ons["court-record"]])
    without = SubtypeFactory(package=subtype.package, checks=[CheckFactory(code="identity")])
    with pytest.raises(AddOnsIncomplete):
        add(admin, without, add_ons=[add_ons["court-record"]])


@pytest.mark.parametrize("rupees", [0, 99])
def test_without_funds_nothing_is_added_and_no_credit_is_gone(
    acme, admin, subtype, add_ons, rupees
):
    if rupees:
        fill_wallet(acme, admin, rupees)
    with pytest.raises(NoFunds):
        add(admin, subtype, add_ons=[add_ons["credit"]])
    assert not Candidate.objects.exists()
    assert Package.objects.get().credits == 1000
    assert rupees_of(acme) == rupees


def test_the_ledger_says_who_took_what_for_whom(acme, admin, subtype, token, add_ons):
    fill_wallet(acme, admin, 250)
    candidate = add(Actor(admin, token), subtype, add_ons=[add_ons["credit"]])
    rupees, credit = CreditEntry.objects.filter(candidate=candidate)
    assert (credit.package, credit.change, credit.balance) == (subtype.package, -1, 999)
    assert (rupees.package, rupees.change, rupees.balance) == (None, -100, 150)
    assert {rupees.added_by_label, credit.added_by_label} == {"API(Greenhouse sync)"}


def test_balances_never_go_below_zero_by_hand_either(acme, admin, subtype):
    package, actor = subtype.package, Actor(admin)
    with pytest.raises(NoCredits):
        change_credits(package, -1001, reason=CreditEntry.Reason.CORRECTED, actor=actor)
    with pytest.raises(NoFunds):
        change_rupees(acme, Decimal(-1), reason=CreditEntry.Reason.CORRECTED, actor=actor)
    assert not CreditEntry.objects.exists()
    assert not Wallet.objects.exists()


def test_a_candidate_that_is_deleted_leaves_its_lines_in_the_ledger(admin, meera):
    meera.delete()
    assert CreditEntry.objects.get().candidate is None
