"""What runs behind the pages, by Django's tasks interface (docs/operate.md, "Worker")."""

import logging

import django

from candidates.intake.mail import send_invitation
from candidates.models import BulkImport
from candidates.services.bulk_work import (
    GivenBack,
    Lost,
    actor_of,
    add_all,
    next_to_invite,
    note_invited,
    take,
)

if django.VERSION >= (6, 0):
    from django.tasks import task
else:
    from django_tasks import task  # type: ignore[no-redef]  # one of the two is imported

logger = logging.getLogger("candidates.bulk")

AT_ONCE = 10
"""Links between two notes of the progress."""


@task()
def add_bulk(key: str) -> None:
    """Go on with a confirmed file from where it is. Woken twice, or late, it does no harm."""
    bulk = take(key)
    if bulk is None:
        return
    try:
        if bulk.state == BulkImport.State.ADDING:
            add_all(bulk)
            bulk.refresh_from_db()
        if bulk.state == BulkImport.State.INVITING:
            invite_all(bulk)
    except Lost:
        logger.info("file %s is with another worker", key)


def wake(bulk: BulkImport) -> None:
    """Have a worker look at *bulk*, after the transaction that confirmed it."""
    add_bulk.enqueue(str(bulk.pk))


def invite_all(bulk: BulkImport) -> None:
    """Send the links, a few at a time. Raises Lost."""
    try:
        actor = actor_of(bulk)
    except GivenBack:  # they added everybody, and left: the links are theirs to send no more
        note_invited(bulk, len(bulk.uninvited), failed=len(bulk.uninvited))
        return
    while bulk.state == BulkImport.State.INVITING:
        candidates = next_to_invite(bulk, AT_ONCE)
        sent = [send_invitation(candidate, actor, bulk.base_url) for candidate in candidates]
        note_invited(bulk, AT_ONCE, failed=sent.count(False))
