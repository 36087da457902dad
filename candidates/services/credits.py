"""Credits and rupees: what a company has paid for, never below zero.

Every movement is one conditional UPDATE and, for each candidate, one line of the ledger, in one
transaction.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Company
from apitokens.attribution import Actor
from candidates.exceptions import NoCredits, NoFunds
from candidates.models import Candidate, CreditEntry, Package, Wallet


def take_credits(package: Package, candidates: Sequence[Candidate], actor: Actor) -> None:
    """Take one credit of *package* for each of *candidates*, or none at all. Raises NoCredits."""
    if not _move_credits(package, -len(candidates)):
        raise NoCredits(package.name)
    _enter_used(package, candidates, actor)


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


def _enter_used(package: Package, candidates: Sequence[Candidate], actor: Actor) -> None:
    """A line for each, in their order, as if they had come one after the other."""
    left = Package.objects.values_list("credits", flat=True).get(pk=package.pk)
    CreditEntry.objects.bulk_create(
        CreditEntry(
            company_id=package.company_id, package=package, change=-1, balance=left + later,
            reason=CreditEntry.Reason.USED, candidate=candidate, **CreditEntry.by(actor),
        )
        for later, candidate in zip(reversed(range(len(candidates))), candidates, strict=True)
    )  # fmt: skip


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
