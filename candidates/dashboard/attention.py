"""What waits for somebody: at most a line each, leading to where it is set right."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apitokens.models import APIToken
from candidates.dashboard.counts import list_of, number_in
from candidates.models import CaseStatus
from candidates.visibility import visible_candidates

FEW_CREDITS = 10
LOOKED_AT = 200
"""So many of the newest tokens; the policy alone knows which have stopped."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: its colour and icon, what it is about, more of it, and where it leads."""

    tone: str
    icon: str
    text: str
    second: str
    url: str


def attention_of(user, figures, packages):
    """The Items of *user*; those on tokens and credits are for Admins, who can do something."""
    found = [discrepancies(user, figures), consents(figures), insufficiencies(figures),
             forms_for_hr(figures), unfunded(figures)]  # fmt: skip
    if user.is_company_admin:
        found += [stopped_tokens(user.company), few_credits(packages)]
    return [item for item in found if item]


def discrepancies(user, figures):
    if not (number := number_in(figures, CaseStatus.DISCREPANCY)):
        return None
    newest = visible_candidates(user).filter(pk__in=figures["discrepancies"]).order_by("-pk")
    return Item(
        "red", "exclamation-octagon",
        ngettext("%(n)d discrepancy", "%(n)d discrepancies", number) % {"n": number},
        ", ".join(newest.values_list("name", flat=True)),
        list_of(CaseStatus.DISCREPANCY),
    )  # fmt: skip


def consents(figures):
    number, since = (
        number_in(figures, CaseStatus.CONSENT_MISSING),
        figures["waiting"]["consent_since"],
    )
    if not number:
        return None
    return Item(
        "orange", "pen",
        ngettext("%(n)d consent missing", "%(n)d consents missing", number) % {"n": number},
        _("Oldest since %s") % date_format(localtime(since), "j M Y") if since else "",
        list_of(CaseStatus.CONSENT_MISSING),
    )  # fmt: skip


def insufficiencies(figures):
    if not (number := sum(figures["insufficient"].values())):
        return None
    return Item(
        "orange", "file-earmark-x",
        ngettext("%(n)d insufficiency", "%(n)d insufficiencies", number) % {"n": number},
        ", ".join(sorted(figures["insufficient"])),
        list_of(CaseStatus.AWAITING_INPUT),
    )  # fmt: skip


def forms_for_hr(figures):
    if not (number := figures["waiting"]["of_hr"]):
        return None
    return Item(
        "yellow", "pencil-square",
        ngettext("%(n)d form to fill in", "%(n)d forms to fill in", number) % {"n": number},
        _("You chose to do it for the candidate"),
        list_of(CaseStatus.AWAITING_INPUT),
    )  # fmt: skip


def unfunded(figures):
    if not (number := number_in(figures, CaseStatus.INSUFFICIENT_FUNDS)):
        return None
    return Item(
        "orange", "wallet",
        ngettext("%(n)d case without funds", "%(n)d cases without funds", number) % {"n": number},
        _("They go on when credits are there"),
        list_of(CaseStatus.INSUFFICIENT_FUNDS),
    )  # fmt: skip


def stopped_tokens(company):
    tokens = APIToken.objects.for_owner(company).existing().with_credentials()
    stopped = [token for token in tokens.order_by("-pk")[:LOOKED_AT] if token.state == "stopped"]
    if not stopped:
        return None
    text = ngettext("%(n)d token has stopped", "%(n)d tokens have stopped", len(stopped))
    return Item(
        "red", "key", text % {"n": len(stopped)},
        ", ".join(token.name for token in stopped[:2]),
        f"{reverse('apitokens:list')}?state=stopped",
    )  # fmt: skip


def few_credits(packages):
    low = [package.name for package in packages if package.credits < FEW_CREDITS]
    if not low:
        return None
    text = ngettext(
        "%(n)d package is nearly used up", "%(n)d packages are nearly used up", len(low)
    )
    return Item("orange", "wallet2", text % {"n": len(low)}, ", ".join(low[:3]), reverse("credits"))
