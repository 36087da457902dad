"""Claims ⇄ compact JWT. A pure function of its input: no database, no clock.

The format is frozen (a golden-bytes test holds it), because copying a token signs it again and
must give the same bytes. Header members stand in the order ``typ, alg, kid``, so that every token
starts alike and a secret scanner can find it; claims are ``iss, aud, jti, iat`` and, when
short-lived, ``exp`` (RFC 7519 §4.1).

Reading is strict by construction: a token is accepted only if it is, byte for byte, what we would
sign for the claims it carries. Nothing of an unverified token is parsed but its length, its
alphabet and the literal bytes of its header.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import InvalidTokenError
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from apitokens.conf import conf
from apitokens.exceptions import InvalidToken
from apitokens.keyring import Key, Keyring, get_keyring

TYP = "apitoken+jwt"
"""The header's ``typ``: explicit typing keeps other JWTs of the host apart (RFC 8725 §3.11)."""


def stable_base64(text: str) -> str:
    """The characters with which base64url begins, whatever follows *text*."""
    data = text.encode()
    return urlsafe_b64encode(data).decode()[: len(data) * 8 // 6]


PREFIX = stable_base64(f'{{"typ":"{TYP}","alg":"')
"""How every token of ours begins, whatever its algorithm and key: for scanners, and to tell it
from other JWTs without parsing anything."""

MAXIMUM_LENGTH = 4096
"""Longer tokens are refused before any decoding. Ours have about 300 characters."""

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a JWT of ours says; instants are whole seconds since the epoch."""

    kid: str
    jti: UUID
    issued_at: int
    expires_at: int | None

    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = {"jti": encode_jti(self.jti), "iat": self.issued_at}
        if self.expires_at is not None:
            payload["exp"] = self.expires_at
        return payload


class APITokenBackend(TokenBackend):
    """simplejwt's backend for one key, with our header and without claims judged by a clock."""

    def __init__(self, key: Key, *, issuer: str, audience: str) -> None:
        signing, verifying = key.pair()
        super().__init__(key.algorithm, signing, verifying, issuer=issuer, audience=audience)
        self.key = key
        self.header_segment = self.encode({}).partition(".")[0]

    def encode(self, payload: dict[str, Any]) -> str:
        claims = {"iss": self.issuer, "aud": self.audience, **payload}
        return jwt.encode(
            claims,
            self.prepared_signing_key,
            algorithm=self.algorithm,
            headers={"typ": TYP, "alg": self.algorithm, "kid": self.key.kid},
            sort_headers=False,
        )

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """Claims of a JWT with a good signature. Instants are left to the row (leeway 0)."""
        try:
            return jwt.decode(
                token,
                self.prepared_verifying_key,
                algorithms=[self.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "strict_aud": True,
                },
            )
        except (InvalidTokenError, ValueError, RecursionError) as error:
            raise TokenBackendError("refused") from error


class Signer:
    """Signs and reads under one keyring, issuer and audience; remembers checked signatures.

    The memory is bounded, locked and per process. It holds the outcome of the signature alone:
    whether a token lives is asked of its row every time.
    """

    def __init__(self, keyring: Keyring, *, issuer: str, audience: str, memory: int) -> None:
        backends = [
            APITokenBackend(key, issuer=issuer, audience=audience)
            for key in keyring.verifying.values()
        ]
        self.by_kid = {backend.key.kid: backend for backend in backends}
        self.by_header = {backend.header_segment: backend for backend in backends}
        self.memory = memory
        self.remembered: OrderedDict[bytes, Claims] = OrderedDict()
        self.lock = Lock()

    def sign(self, claims: Claims) -> str:
        """The one JWT of these claims. Raises InvalidToken when the kid is retired or unknown."""
        backend = self.by_kid.get(claims.kid)
        if backend is None:
            raise InvalidToken("unknown-key")
        return backend.encode(claims.payload())

    def read(self, raw: str) -> Claims:
        """Claims of *raw*, whose signature is good. Raises InvalidToken."""
        if len(raw) > MAXIMUM_LENGTH:
            raise InvalidToken("too-long")
        digest = sha256(raw.encode("utf-8", "surrogatepass")).digest()
        claims = self.remembered.get(digest)
        if claims is None:
            claims = self._check(raw)
            self._remember(digest, claims)
        return claims

    def _check(self, raw: str) -> Claims:
        if not COMPACT.fullmatch(raw):
            raise InvalidToken("malformed")
        backend = self.by_header.get(raw.partition(".")[0])
        if backend is None:
            raise InvalidToken("unknown-header")
        try:
            payload = backend.decode(raw)
        except TokenBackendError as error:
            raise InvalidToken("signature-or-claims") from error
        claims = claims_of(backend.key.kid, payload)
        if not hmac.compare_digest(self.sign(claims), raw):
            raise InvalidToken("not-canonical")
        return claims

    def _remember(self, digest: bytes, claims: Claims) -> None:
        if self.memory <= 0:
            return
        with self.lock:
            self.remembered[digest] = claims
            while len(self.remembered) > self.memory:
                self.remembered.popitem(last=False)


def token_pattern(issuer: str, audience: str) -> str:
    """A regular expression for the tokens of this issuer and audience, under whatever key.

    It uses only what Python's re, RE2 and Hyperscan share. A token stands between characters
    that are none of base64url's.
    """
    names = {"iss": issuer, "aud": audience}
    payload = stable_base64(json.dumps(names, separators=(",", ":"))[:-1] + ',"jti":"')
    rest = "[A-Za-z0-9_-]"
    return rf"{PREFIX}{rest}{{8,240}}\.{payload}{rest}{{40,120}}\.{rest}{{43,86}}"


def claims_of(kid: str, payload: dict[str, Any]) -> Claims:
    """Claims out of a decoded payload. Raises InvalidToken on any type but the ones we sign."""
    jti, issued_at, expires_at = (
        payload.get("jti"),
        payload.get("iat"),
        payload.get("exp"),
    )
    if type(issued_at) is not int or ("exp" in payload and type(expires_at) is not int):
        raise InvalidToken("claims")
    return Claims(kid=kid, jti=decode_jti(jti), issued_at=issued_at, expires_at=expires_at)


def encode_jti(jti: UUID) -> str:
    """16 bytes as 22 characters of unpadded base64url (RFC 4648 §5)."""
    return urlsafe_b64encode(jti.bytes).rstrip(b"=").decode()


def decode_jti(value: Any) -> UUID:
    """The inverse of encode_jti. Raises InvalidToken. Spare bits are caught by re-signing."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{22}", value, re.ASCII):
        raise InvalidToken("jti")
    return UUID(bytes=urlsafe_b64decode(value + "=="))


_signer: tuple[tuple[Any, ...], Signer] | None = None


def get_signer() -> Signer:
    """The signer of the current settings; a new one, with an empty memory, when they change."""
    global _signer
    settings = (get_keyring(), conf.issuer, conf.audience, conf.signature_cache_size)
    if _signer is None or _signer[0] != settings:
        keyring, issuer, audience, memory = settings
        _signer = (
            settings,
            Signer(keyring, issuer=issuer, audience=audience, memory=memory),
        )
    return _signer[1]
