"""Credits and rupees: what a company has paid for, taken one by one and never below zero.

Every movement is one conditional UPDATE and one line of the ledger, in one transaction.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Company
from apitokens.attribution import Actor
from candidates.exceptions import NoCredits, NoFunds
from candidates.models import Candidate, CreditEntry, Package, Wallet


def take_credit(package: Package, candidate: Candidate, actor: Actor) -> None:
    """Take one credit of *package* for *candidate*. Raises NoCredits."""
    if not _move_credits(package, -1):
        raise NoCredits(package.name)
    _enter_credits(package, -1, CreditEntry.Reason.USED, actor, candidate=candidate)


def pay(company: Company, price: Decimal, candidate: Candidate, actor: Actor) -> None:
    """Take *price* rupees for *candidate*'s add-ons from the wallet; nothing to pay is no line.

    Raises NoFunds.
    """
    if not price:
        return
    if not _move_rupees(company, -price):
        raise NoFunds(company.name)
    _enter_rupees(company, -price, CreditEntry.Reason.USED, actor, candidate=candidate)


@transaction.atomic
def change_credits(
    package: Package, change: int, *, reason: CreditEntry.Reason, actor: Actor, note: str = ""
) -> CreditEntry:
    """Give credits, or take some back. Raises NoCredits when more than there are are taken."""
    if not _move_credits(package, change):
        raise NoCredits(package.name)
    return _enter_credits(package, change, reason, actor, note=note)


@transaction.atomic
def change_rupees(
    company: Company, change: Decimal, *, reason: CreditEntry.Reason, actor: Actor, note: str = ""
) -> CreditEntry:
    """Pay rupees into the wallet, or out of it. Raises NoFunds when more than there are go out."""
    Wallet.objects.get_or_create(company=company)
    if not _move_rupees(company, change):
        raise NoFunds(company.name)
    return _enter_rupees(company, change, reason, actor, note=note)


def rupees_of(company: Company) -> Decimal:
    balance = Wallet.objects.filter(company=company).values_list("balance", flat=True).first()
    return Decimal(0) if balance is None else balance


def _move_credits(package: Package, change: int) -> int:
    rows = Package.objects.filter(pk=package.pk, credits__gte=-change)
    return rows.update(credits=F("credits") + change)


def _move_rupees(company: Company, change: Decimal) -> int:
    rows = Wallet.objects.filter(company=company, balance__gte=-change)
    return rows.update(balance=F("balance") + change)


def _enter_credits(
    package: Package, change: int, reason: CreditEntry.Reason, actor: Actor, **more: Any
) -> CreditEntry:
    balance = Package.objects.values_list("credits", flat=True).get(pk=package.pk)
    return CreditEntry.objects.create(
        company_id=package.company_id, package=package, change=change, balance=balance,
        reason=reason, **more, **CreditEntry.by(actor),
    )  # fmt: skip


def _enter_rupees(
    company: Company, change: Decimal, reason: CreditEntry.Reason, actor: Actor, **more: Any
) -> CreditEntry:
    return CreditEntry.objects.create(
        company=company, change=change, balance=rupees_of(company), reason=reason,
        **more, **CreditEntry.by(actor),
    )  # fmt: skip
