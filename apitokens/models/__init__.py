"""The tables: a token, its credentials and those of other packages, its history.

The row is the authority and the JWT its envelope: every request looks the ``jti`` up, so what
happens to a row holds from the next request on, in every process.
"""

from apitokens.models.credential import Credential
from apitokens.models.database import atomic, written_to
from apitokens.models.event import APITokenEvent, EventsAreKept
from apitokens.models.legacy import LegacyCredential
from apitokens.models.naming import (
    PUBLIC_ID,
    PUBLIC_ID_ALPHABET,
    canonical_name,
    label_with,
    new_public_id,
    validate_token_name,
)
from apitokens.models.token import APIToken, announce

__all__ = [
    "PUBLIC_ID",
    "PUBLIC_ID_ALPHABET",
    "APIToken",
    "APITokenEvent",
    "Credential",
    "EventsAreKept",
    "LegacyCredential",
    "announce",
    "atomic",
    "canonical_name",
    "label_with",
    "new_public_id",
    "validate_token_name",
    "written_to",
]
