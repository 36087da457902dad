"""The address that a candidate gets: signed, and good for 30 days."""

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from candidates.models import Candidate

LIFETIME = timedelta(days=30)
signer = TimestampSigner(salt="candidates.intake")


def bgv_url(candidate: Candidate) -> str:
    """The path of *candidate*'s form; whoever has it is taken for the candidate."""
    return reverse("intake:start", args=[signer.sign(candidate.uuid.hex)])


def read_link(token: str) -> UUID | None:
    """The candidate's uuid, or None when the link is forged or too old."""
    try:
        return UUID(signer.unsign(token, max_age=LIFETIME))
    except (BadSignature, ValueError):
        return None
