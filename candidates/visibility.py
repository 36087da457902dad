"""Who sees which candidates: the one rule that pages, API, export and log share."""

from accounts.models import AccessLevel
from candidates.models import Candidate, Case, LogEntry

PROGRESS = [
    LogEntry.Kind.STATUS_CHANGED,
    LogEntry.Kind.CHECK_CHANGED,
    LogEntry.Kind.CHECK_ASSIGNED,
    LogEntry.Kind.DECIDED,
    LogEntry.Kind.REPORTED,
]
"""Lines of the log that tell how a case stands."""


def visible_candidates(user):
    """The candidates that a signed-in user may see (product.md §2).

    Admins see all of their company; HR and Recruiters those that they added themselves, HR those
    of the categories assigned to them too; staff work in the Django admin and see none here. A
    token acts as an Admin.
    """
    if user.company_id is None:
        return Candidate.objects.none()
    candidates = Candidate.objects.for_company(user.company_id)
    if user.access_level == AccessLevel.ADMIN:
        return candidates
    own = candidates.added_by_person(user)
    if user.access_level != AccessLevel.HR:
        return own
    assigned = list(user.categories.values_list("pk", flat=True))
    return own | candidates.filter(category_id__in=assigned) if assigned else own


def sight_of(user):
    """A text for what decides whom a user sees: who have the same one see the same candidates."""
    if user.is_company_admin:
        return f"{user.company_id}-all"
    assigned = [] if user.access_level != AccessLevel.HR else user.categories.order_by("pk")
    categories = ".".join(str(category.pk) for category in assigned)
    return f"{user.company_id}-{user.access_level}-{user.pk}-{categories}"


def visible_cases(user):
    """The cases of these candidates; an Admin's without a join, so that a million are counted."""
    cases = Case.objects.filter(company=user.company_id)
    if user.is_company_admin:
        return cases
    return cases.filter(candidate__in=visible_candidates(user))


def sees_progress(user):
    """Whether a user is shown states and dates: Recruiters are not."""
    return user.access_level != AccessLevel.RECRUITER


def may_hold_and_close(user):
    """Whether a user may hold and close the cases and checks of the candidates they see.

    Admins and HR (product.md §2, §4): HR runs the verification of those it sees. Recruiters only
    add, and don't know how a case stands.
    """
    return user.access_level in {AccessLevel.ADMIN, AccessLevel.HR}


def may_erase(user):
    """Whether a user may erase candidates, for good: Admins may."""
    return user.is_company_admin


def sees_addresses(user):
    """Whether a user is shown from which address something was done: Admins are."""
    return user.is_company_admin


def visible_kinds(user):
    """The kinds of lines, as (value, words), that a user may find in a log."""
    hidden = () if sees_progress(user) else PROGRESS
    return [choice for choice in LogEntry.Kind.choices if choice[0] not in hidden]


def visible_log(candidate, user):
    """The lines of the log of a candidate that the user sees."""
    log = candidate.log.all()
    return log if sees_progress(user) else log.exclude(kind__in=PROGRESS)
