"""How the states of cases and checks, and the lines of a log, look."""

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

CHECK_CHANGED = {
    "verified": "check-circle", "major": "exclamation-octagon", "minor": "exclamation-triangle",
    "inconclusive": "question-circle", "insufficiency": "file-earmark-x",
    "in-progress": "play-circle", "processing": "arrow-repeat",
}  # fmt: skip
DONE = {
    "hold": "pause", "resume": "play-circle", "close": "lock", "cancel": "x-circle",
    "unfund": "wallet", "reopen": "unlock", "answer": "file-earmark-arrow-up",
}  # fmt: skip
LINES = {
    "added": "person-plus", "status-changed": "arrow-repeat", "check-assigned": "person-gear",
    "edited": "pencil", "invited": "send", "form-saved": "pencil-square",
    "form-submitted": "clipboard-check", "consented": "pen",
    "document-added": "file-earmark-arrow-up", "document-removed": "file-earmark-x",
    "document-opened": "eye", "reported": "file-earmark-text", "erased": "trash",
}  # fmt: skip


@register.filter
def log_icon(entry):
    """The icon of one line: by what was done, else by its kind."""
    if entry.kind == "added" and entry.added_through is not None:
        return "code-slash"
    if entry.kind == "added" and entry.added_from is not None:
        return "plug"
    by_act = DONE.get(entry.data.get("act"))
    by_state = CHECK_CHANGED.get(entry.data.get("check_status"))
    return by_act or by_state or LINES.get(entry.kind, "clock-history")


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
