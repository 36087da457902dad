"""Secrets of other packages, judged by what those stored of them and without the package.

A digest is written ``sha512$$hex``, as djangorestframework-api-key writes it. knox's digests and
that package's hashes are taken over as they stand. DRF's authtoken stores plain text, so its keys
are hashed on import: they are 160 random bits, which nobody guesses, so that neither salt nor
rounds could add anything to one SHA-256 (both are for passwords, which people choose).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable

from django.contrib.auth.hashers import check_password, identify_hasher

from apitokens.exceptions import InvalidToken

AUTHTOKEN, KNOX, API_KEY = "authtoken", "knox", "rest_framework_api_key"
SOURCES = (AUTHTOKEN, KNOX, API_KEY)

MAXIMUM_LENGTH = 4096
"""Longer secrets are refused before any hashing. The packages' own have 40 to 74 characters."""

SENDABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
"""What one word of a header can carry."""

LOWER_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)

LONG_ENOUGH = 32
"""Random characters of an API key for which one round of SHA-256 is as good as many."""

OWN = "sha256"
"""The digest that we make ourselves."""

ALGORITHMS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b")
"""What knox may have been set to. Weaker ones aren't taken over."""

OF_HEX = "-of-hex"
"""knox before 5 hashed the bytes that the secret's hexadecimal digits stand for."""


def _digest(algorithm: str) -> Callable[[str], str]:
    return lambda secret: hashlib.new(algorithm, secret.encode()).hexdigest()


def _digest_of_hex(algorithm: str) -> Callable[[str], str]:
    def digest(secret: str) -> str:
        if not LOWER_HEX.fullmatch(secret):  # upper case would be the same bytes, not the secret
            return ""
        return hashlib.new(algorithm, bytes.fromhex(secret)).hexdigest()

    return digest


DIGESTS = {name: _digest(name) for name in ALGORITHMS} | {
    f"{name}{OF_HEX}": _digest_of_hex(name) for name in ALGORITHMS
}


def clean_secret(raw: str) -> str:
    """*raw* if it may be hashed at all. Raises InvalidToken."""
    if len(raw) > MAXIMUM_LENGTH:
        raise InvalidToken("too-long")
    if not SENDABLE.fullmatch(raw):
        raise InvalidToken("malformed")
    return raw


def hashed(secret: str, algorithm: str = OWN) -> str:
    return f"{algorithm}$${DIGESTS[algorithm](secret)}"


def is_known_hash(text: str) -> bool:
    """Whether ``matches`` can judge by *text*: a digest of DIGESTS or a hash of Django's."""
    algorithm, separator, digest = text.partition("$$")
    if separator:
        return algorithm in DIGESTS and bool(re.fullmatch(r"[0-9a-f]{64,128}", digest, re.ASCII))
    try:
        identify_hasher(text)
    except ValueError:
        return False
    return True


def matches(text: str, secret: str) -> bool:
    """Whether *text* was made of *secret*, found out in a time that says nothing of how much of
    it is right."""
    algorithm, separator, digest = text.partition("$$")
    if separator:
        made = DIGESTS[algorithm](secret) if algorithm in DIGESTS else ""
        return bool(made) and hmac.compare_digest(made, digest)
    return check_password(secret, text)


def quicker(text: str, secret: str) -> str | None:
    """A digest to keep instead of *text*, a slow hash of the API key *secret*; None where that
    would be weaker or no gain. The package does the same by itself since 3.0.
    """
    if "$$" in text or len(secret.partition(".")[2]) < LONG_ENOUGH:
        return None
    return hashed(secret)


def lookup_of(source: str, handle: str) -> str:
    """By what the row of an old secret is found: its package and its digest, or an API key's
    prefix. Hashed, so that no database takes ``Ab`` for ``aB``.
    """
    return hashlib.sha256(f"{source}:{handle}".encode()).hexdigest()


def lookups(secret: str, sources: Iterable[str]) -> list[str]:
    """Where *secret* may stand if it is one of the packages *sources*."""
    return [lookup_of(source, handle) for source in sources for handle in HANDLES[source](secret)]


HANDLES: dict[str, Callable[[str], list[str]]] = {
    AUTHTOKEN: lambda secret: [hashed(secret)],
    KNOX: lambda secret: [hashed(secret, algorithm) for algorithm in DIGESTS],
    API_KEY: lambda secret: [secret.partition(".")[0]],
}
