"""Is an ID token the identity provider's word on this log-in? (OpenID Connect Core §3.1.3.7)

allauth leaves the signature unchecked where the token came over TLS. Here the provider is one that
a company's Admin named, so nothing is taken on trust.
"""

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.utils.crypto import constant_time_compare

ALGORITHMS = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
"""Signatures with a private key alone: none of those that whoever knows the public one can make."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ."""

LONGEST_SUBJECT = 255


class IDTokenInvalid(OAuth2Error):
    """It is not the provider's, not for us, not for this log-in, or no longer good."""


def verified_claims(token, keys, *, issuer, client_id, nonce):
    """The claims of *token*, signed by one of *keys* (the provider's JWK set, as it was read).

    Raises IDTokenInvalid.
    """
    try:
        claims = jwt.decode(
            token,
            key_for(token, keys),
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={
                "require": ["iss", "aud", "exp", "iat", "sub", "nonce"],
                "enforce_minimum_key_length": True,
            },
        )
    except (jwt.PyJWTError, TypeError, ValueError, RecursionError) as error:
        raise IDTokenInvalid(type(error).__name__) from error
    check_this_log_in(claims, client_id, nonce)
    return claims


def key_for(token, keys):
    """The key that the token names; the only one, where it names none."""
    usable = [
        key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")
    ]
    kid = jwt.get_unverified_header(token).get("kid")
    named = usable if kid is None and len(usable) == 1 else [k for k in usable if k.key_id == kid]
    if len(named) != 1:
        raise IDTokenInvalid("no such key")
    return named[0]


def check_this_log_in(claims, client_id, nonce):
    """It was made for us alone, and for the question that this browser took along."""
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise IDTokenInvalid("nonce")
    audience = claims["aud"]
    others = isinstance(audience, list) and set(audience) != {client_id}
    if (others or "azp" in claims) and claims.get("azp") != client_id:
        raise IDTokenInvalid("azp")
    if not 1 <= len(claims["sub"]) <= LONGEST_SUBJECT:
        raise IDTokenInvalid("sub")
