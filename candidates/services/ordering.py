"""What is ordered for a candidate: the checks of a subtype, and add-ons at their price."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from candidates.exceptions import AddOnsIncomplete
from candidates.models import AddOn, Case, CaseCheck, Check, Subtype

NEEDS = {"court-record": "address", "education": "employment", "employment": "education"}
"""An add-on of the first kind needs the second, in the package or on top too (product.md §4)."""


def checks_to_order(subtype: Subtype, add_ons: Iterable[AddOn]) -> tuple[list[Check], list[AddOn]]:
    """The checks of *subtype* and those add-ons that it doesn't hold already.

    Raises AddOnsIncomplete, naming what is missing, when an add-on needs another check.
    """
    included = list(subtype.checks.all())
    codes = {check.code for check in included}
    extra = [add_on for add_on in add_ons if add_on.kind.code not in codes]
    ordered = codes | {add_on.kind.code for add_on in extra}
    missing = {
        add_on.kind.code: NEEDS[add_on.kind.code]
        for add_on in extra
        if NEEDS.get(add_on.kind.code, add_on.kind.code) not in ordered
    }
    if missing:
        raise AddOnsIncomplete(missing)
    return included, extra


def price_of(add_ons: Iterable[AddOn]) -> Decimal:
    return sum((add_on.price for add_on in add_ons), Decimal(0))


def order_all(cases: Iterable[Case], included: Iterable[Check], extra: Iterable[AddOn]) -> None:
    """Write the checks of each of *cases*, inside the caller's transaction."""
    CaseCheck.objects.bulk_create(
        check for case in cases for check in _checks_of(case, included, extra)
    )


def _checks_of(
    case: Case, included: Iterable[Check], extra: Iterable[AddOn]
) -> Iterator[CaseCheck]:
    for check in included:
        yield CaseCheck(case=case, kind=check)
    for add_on in extra:
        yield CaseCheck(case=case, kind=add_on.kind, is_add_on=True, price=add_on.price)
