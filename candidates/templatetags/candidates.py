"""How a case's state looks."""

from django import template

from candidates.models import CaseStatus

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
"""Tone and icon of each state."""


@register.inclusion_tag("candidates/_state.html")
def case_state(case):
    """The badge: word, colour and icon."""
    tone, icon = LOOKS[CaseStatus(case.status)]
    return {"tone": tone, "icon": icon, "word": case.get_status_display()}
