"""Signatures as Standard Webhooks has them; standardwebhooks verifies what it signed itself."""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import Q
from standardwebhooks import Webhook

from accounts.encryption import Unreadable
from integrations.models import Endpoint, SigningSecret
from integrations.models.outbound import SECRET_PREFIX

RANDOM_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode()


def headers_of(
    message_id: str, at: datetime, body: str, secrets_in_force: Iterable[str]
) -> dict[str, str]:
    """What goes along with *body*, sent at the instant *at*: a signature for each secret."""
    at = at.astimezone(UTC)  # the library takes the clock's figures for UTC's, whatever zone it has
    signed = [Webhook(secret).sign(message_id, at, body) for secret in secrets_in_force]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def secrets_of(endpoints: Iterable[Endpoint], now: datetime) -> dict[int, tuple[str, ...]]:
    """Endpoint's key → the secrets in force, newest first; none where one can't be read."""
    rows = SigningSecret.objects.filter(endpoint__in=list(endpoints))
    found: dict[int, list[SigningSecret]] = {}
    for row in rows.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("-pk"):
        found.setdefault(row.endpoint_id, []).append(row)
    return {key: readable(rows) for key, rows in found.items()}


def readable(rows: Iterable[SigningSecret]) -> tuple[str, ...]:
    try:
        return tuple(row.text for row in rows)
    except Unreadable:
        return ()
