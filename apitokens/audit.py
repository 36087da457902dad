"""The history's entrance, and its line in the log."""

import logging
from typing import Any

from django.db.models.signals import post_save

from apitokens.models import APIToken, APITokenEvent

logger = logging.getLogger("apitokens.audit")


def record(
    token: APIToken,
    kind: str,
    *,
    actor: Any,
    address: str | None = None,
    label: str | None = None,
    **data: Any,
) -> APITokenEvent:
    """Append an event about *token* in the caller's transaction, beside the token's row."""
    return APITokenEvent.objects.db_manager(token._state.db).append(
        token, kind, actor=actor, address=address, label=label, **data
    )


def log_event(instance: APITokenEvent, created: bool, **kwargs: Any) -> None:
    """Log an event however it came about. Ids only: names are chosen by people and could lie."""
    if created:
        who = instance.actor_id or "-"
        logger.info("token %s %s by user %s", instance.token_public_id, instance.kind, who)


def connect() -> None:
    post_save.connect(log_event, sender=APITokenEvent, dispatch_uid="apitokens.audit")
