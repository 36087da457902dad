"""The address that a candidate gets: signed, and good for 30 days."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner, b62_decode
from django.urls import reverse

from candidates.models import Candidate

LIFETIME = timedelta(days=30)
signer = TimestampSigner(salt="candidates.intake")


class Link(NamedTuple):
    """Whom a good link names, and until when it is good."""

    uuid: UUID
    until: datetime


def bgv_url(candidate: Candidate) -> str:
    """The path of *candidate*'s form; whoever has it is taken for the candidate."""
    return reverse("intake:start", args=[signer.sign(candidate.uuid.hex)])


def read_link(token: str) -> Link | None:
    """What the link names, or None when it is forged or too old."""
    try:
        uuid = UUID(signer.unsign(token, max_age=LIFETIME))
    except (BadSignature, ValueError):
        return None
    signed_at = datetime.fromtimestamp(b62_decode(token.split(signer.sep)[-2]), UTC)
    return Link(uuid, signed_at + LIFETIME)
