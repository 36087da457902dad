"""What may be forgotten of the security history."""

from django.db import router

from accounts.security.models import SecurityEvent, unlocked_events


def prune(*, before, dry_run=False):
    """Delete events from before the instant *before*. Returns how many."""
    alias = router.db_for_write(SecurityEvent)
    old = SecurityEvent.objects.using(alias).filter(at__lt=before)
    if dry_run:
        return old.count()
    with unlocked_events(alias):
        return old.delete()[0]
