"""How tokens are named: the public id that we draw, and the name that people choose."""

import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PUBLIC_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: nothing to confuse, and no database folds its case."""


PUBLIC_ID = "tok_[0-9a-z]{12}"
"""A regular expression of what ``new_public_id`` gives, for addresses, filters and commands."""


def new_public_id() -> str:
    """``tok_`` and 12 characters (60 bits): shown, logged and in URLs, worthless as a secret."""
    return "tok_" + "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(12))


def label_with(word: str, name: str) -> str:
    """``API(Token Name)``: how whatever acted for no person present is named (product.md §1)."""
    return f"{word}({name})"


def canonical_name(name: str) -> str:
    """The form in which names are compared: NFKC, then casefold, white space squeezed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def validate_token_name(name: str) -> None:
    """Refuse what can't be seen or forges other text. Raises ValidationError."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in name):
        raise ValidationError(
            _("Use visible characters only, without control or direction marks"),
            code="invisible",
        )
