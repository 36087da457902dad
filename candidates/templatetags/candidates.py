"""How the states of cases and checks look."""

from django import template

from candidates.models import CaseStatus, CheckStatus

register = template.Library()

LOOKS = {
    CaseStatus.IN_PROGRESS: ("blue", "play-circle-fill"),
    CaseStatus.COMPLETED: ("green", "check-circle-fill"),
    CaseStatus.AWAITING_INPUT: ("yellow", "hourglass-split"),
    CaseStatus.PROCESSING: ("sky", "arrow-repeat"),
    CaseStatus.DISCREPANCY: ("red", "exclamation-octagon-fill"),
    CaseStatus.COMPLETED_WITH_EXCEPTION: ("pink", "check2-circle"),
    CaseStatus.CLOSED: ("grey", "lock-fill"),
    CaseStatus.ON_HOLD: ("black", "pause-circle-fill"),
    CaseStatus.CANCELLED: ("grey", "x-circle-fill"),
    CaseStatus.CONSENT_MISSING: ("orange", "pen-fill"),
    CaseStatus.INSUFFICIENT_FUNDS: ("orange", "wallet-fill"),
}
"""Tone and icon of each state of a case."""

CHECK_LOOKS = {
    CheckStatus.PROCESSING: ("sky", "arrow-repeat"),
    CheckStatus.IN_PROGRESS: ("blue", "play-circle-fill"),
    CheckStatus.VERIFIED: ("green", "check-circle-fill"),
    CheckStatus.MAJOR: ("red", "exclamation-octagon-fill"),
    CheckStatus.MINOR: ("pink", "exclamation-triangle-fill"),
    CheckStatus.INCONCLUSIVE: ("yellow", "question-circle-fill"),
    CheckStatus.INSUFFICIENCY: ("orange", "file-earmark-x-fill"),
    CheckStatus.CLOSED: ("grey", "lock-fill"),
    CheckStatus.ON_HOLD: ("black", "pause-circle-fill"),
}
"""The same of a check."""


@register.inclusion_tag("candidates/_state.html")
def case_state(case):
    """The badge: word, colour and icon."""
    tone, icon = LOOKS[CaseStatus(case.status)]
    return {"tone": tone, "icon": icon, "word": case.get_status_display()}


@register.inclusion_tag("candidates/_state.html")
def check_state(check):
    """The badge of one check."""
    tone, icon = CHECK_LOOKS[CheckStatus(check.status)]
    return {"tone": tone, "icon": icon, "word": check.get_status_display()}
