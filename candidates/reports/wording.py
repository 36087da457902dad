"""The result of a case in words: derived from its checks alone."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.models import CaseCheck, CaseStatus, CheckStatus

MAJOR, MINOR = CheckStatus.MAJOR, CheckStatus.MINOR
TONES = {MAJOR: "red", MINOR: "pink", CheckStatus.INCONCLUSIVE: "yellow"}


def tone(checks: Sequence[CaseCheck]) -> str:
    """The colour of the gravest result; grey when nothing was verified."""
    states = {check.status for check in checks}
    grave = next((name for state, name in TONES.items() if state in states), None)
    return grave or ("green" if CheckStatus.VERIFIED in states else "grey")


def headline(checks: Sequence[CaseCheck], status: CaseStatus) -> str:
    count = Counter(check.status for check in checks)
    if count[MAJOR] and count[MINOR]:
        text = ngettext(
            "%(major)d major and %(minor)d minor discrepancy.",
            "%(major)d major and %(minor)d minor discrepancies.",
            count[MINOR],
        )
        return text % {"major": count[MAJOR], "minor": count[MINOR]}
    if count[MAJOR]:
        text = ngettext("%d major discrepancy.", "%d major discrepancies.", count[MAJOR])
        return text % count[MAJOR]
    if count[MINOR]:
        text = ngettext("%d minor discrepancy.", "%d minor discrepancies.", count[MINOR])
        return text % count[MINOR]
    if status == CaseStatus.CANCELLED:
        return _("The case was cancelled.")
    if not count[CheckStatus.VERIFIED]:
        return _("Nothing was verified.")
    return _("No discrepancy.")


def sentences(checks: Sequence[CaseCheck]) -> list[str]:
    """What was found where something differs, then how many ended otherwise."""
    graver = sorted(
        (check for check in checks if check.status in {MAJOR, MINOR} and check.found),
        key=lambda check: check.status != MAJOR,
    )
    found = [f"{check.kind.name}: {check.found.rstrip('.')}." for check in graver]
    return [*found, *filter(None, counted(checks))]


def counted(checks: Sequence[CaseCheck]) -> list[str]:
    count = Counter(check.status for check in checks)
    inconclusive, closed = count[CheckStatus.INCONCLUSIVE], count[CheckStatus.CLOSED]
    unfinished = sum(not check.is_finished for check in checks)
    said = [
        (inconclusive, ngettext("%d check was inconclusive.", "%d checks were inconclusive.",
                                inconclusive)),
        (closed, ngettext("%d check was withdrawn.", "%d checks were withdrawn.", closed)),
        (unfinished, ngettext("%d check was not finished.", "%d checks were not finished.",
                              unfinished)),
    ]  # fmt: skip
    agree = agreeing(count[CheckStatus.VERIFIED], len(checks))
    return [*(text % number for number, text in said if number), agree]


def agreeing(verified: int, all_of_them: int) -> str:
    if not verified:
        return ""
    if verified == all_of_them:
        return _("All agree with what the candidate stated.")
    return _("All others agree with what the candidate stated.")
