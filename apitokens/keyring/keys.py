"""One signing key, and what it may be made of."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from apitokens.conf import conf
from apitokens.exceptions import KeyringError

ALGORITHMS = frozenset({"HS256", "EdDSA"})
"""Deterministic algorithms: copying a token re-signs it, so two signatures must be equal."""

STATES = frozenset({"next", "active", "verify", "retired"})

MINIMUM_SECRET_BYTES = 32
"""As long as the hash's output (RFC 7518 §3.2)."""

SEED = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""32 bytes in unpadded base64url: ``d`` of an Ed25519 JWK (RFC 8037 §2)."""

PUBLISHED_FORMS = (
    "-----BEGIN ", "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp", "-cert-v01@openssh.com",
)  # fmt: skip
"""What key files begin with: whoever pastes one as an HMAC secret may paste a public key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key. ``secret`` is kept out of ``repr`` so that no log shows it."""

    kid: str
    algorithm: str
    state: str
    secret: str = field(repr=False)
    published_at: datetime | None = None

    @classmethod
    @sensitive_variables()
    def parse(cls, entry: Any) -> "Key":
        """Read ``{"kid", "alg", "state", "secret", "published_at"}``.

        Raises KeyringError naming the fault, and never the secret.
        """
        if not isinstance(entry, Mapping):
            raise KeyringError("each key must be an object with kid, alg, state and secret")
        kid, algorithm = _kid(entry.get("kid")), entry.get("alg", "HS256")
        state, secret = entry.get("state", "active"), entry.get("secret")
        if algorithm not in ALGORITHMS:
            raise KeyringError(
                f"key {kid}: alg must be one of {', '.join(sorted(ALGORITHMS))} (copying a token "
                "signs it again, so the algorithm must be deterministic; ES256 and PS256 are not)"
            )
        if state not in STATES:
            raise KeyringError(f"key {kid}: state must be one of {', '.join(sorted(STATES))}")
        published_at = _instant(kid, entry.get("published_at"))
        key = cls(kid, algorithm, state, _secret(kid, secret), published_at)
        key.pair()
        return key

    def pair(self) -> tuple[Any, Any]:
        """What signs and what verifies. Raises KeyringError when that can't be made."""
        if self.algorithm == "HS256":
            _check_hmac_secret(self.kid, self.secret)
            return self.secret, self.secret
        private = _ed25519(self.kid, self.secret)
        return private, private.public_key()


def _kid(kid: Any) -> str:
    if not isinstance(kid, str) or not 1 <= len(kid) <= 64 or not kid.isascii():
        raise KeyringError("a key's kid must be 1 to 64 ASCII characters")
    if not kid.isprintable():
        raise KeyringError("a key's kid must be printable")
    return kid


def _instant(kid: str, text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise KeyringError(f"key {kid}: published_at must be an ISO 8601 instant with its zone")
    return instant


@sensitive_variables()
def _secret(kid: str, secret: Any) -> str:
    """*secret*, long enough and nobody else's. Raises KeyringError."""
    if not isinstance(secret, str) or len(_bytes(secret)) < MINIMUM_SECRET_BYTES:
        raise KeyringError(f"key {kid}: secret must be at least {MINIMUM_SECRET_BYTES} bytes")
    for name, other in conf.host_secrets:
        if secret == other:
            raise KeyringError(f"key {kid}: secret must not be {name}")
    return secret


@sensitive_variables()
def _check_hmac_secret(kid: str, secret: str) -> None:
    if any(form in secret for form in PUBLISHED_FORMS):
        raise KeyringError(f"key {kid}: an HS256 secret is random text, no PEM or SSH key")


@sensitive_variables()
def _ed25519(kid: str, seed: str) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError:
        raise KeyringError(
            f"key {kid}: EdDSA needs the package cryptography: install the extra eddsa "
            "(svportal-apitokens[eddsa])"
        ) from None
    raw = urlsafe_b64decode(f"{seed}=") if SEED.fullmatch(seed) else b""
    if urlsafe_b64encode(raw).decode() != f"{seed}=":
        raise KeyringError(
            f"key {kid}: an EdDSA secret is the 32-byte Ed25519 seed as 43 characters of base64url"
        )
    return Ed25519PrivateKey.from_private_bytes(raw)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
