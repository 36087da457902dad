"""What staff do in the Django admin to people and companies, told in the company's history."""

from accounts.security.audit import record
from accounts.security.models import SecurityEvent

Kind = SecurityEvent.Kind


def tell_change(actor, before, after):
    """*before* is the person as they were, or None: newly made."""
    if before is None or before.company_id != after.company_id:
        if before is not None:
            tell(actor, before.company_id, Kind.ACCESS_LEVEL, before, **level(before, None))
        tell(actor, after.company_id, Kind.JOINED, after, access_level=after.access_level)
    elif before.access_level != after.access_level:
        tell(actor, after.company_id, Kind.ACCESS_LEVEL, after, **level(before, after))
    if before is not None and before.email != after.email:
        tell(actor, after.company_id, Kind.EMAIL, after, before=before.email, after=after.email)
    if before is not None and before.is_active != after.is_active:
        kind = Kind.ENABLED if after.is_active else Kind.DISABLED
        tell(actor, after.company_id, kind, after)


def tell_deletion(actor, person):
    tell(actor, person.company_id, Kind.CLOSED, person)


def tell_retention(actor, before, after):
    """*before* is the company as it was, or None: newly made."""
    days = before and before.retention_days
    if days != after.retention_days:
        record(
            after.pk, Kind.RETENTION, actor=actor.user, address=actor.address,
            before=days, after=after.retention_days,
        )  # fmt: skip


def tell(actor, company_id, kind, person, **data):
    """Staff themselves are of no company, and have no such history."""
    if company_id is not None:
        record(company_id, kind, actor=actor.user, subject=person, address=actor.address, **data)


def level(before, after):
    return {"before": before.access_level, "after": after.access_level if after else ""}
