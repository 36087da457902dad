"""Secrets that the portal has to read again: encrypted in the database, each for one purpose.

The keys stand in MFA_SECRET_KEYS, outside the database. What was written for one purpose can't be
read for another.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SECOND_FACTORS = b"svportal second factors"
SINGLE_SIGN_ON = b"svportal single sign-on"
CONNECTIONS = b"svportal connections"
WEBHOOKS = b"svportal webhooks"


class Unreadable(ValueError):
    """No key in force opens the secret."""


def encrypt(text, purpose):
    return cipher(purpose).encrypt(text.encode()).decode()


def decrypt(encrypted, purpose):
    """The secret. Raises Unreadable."""
    try:
        return cipher(purpose).decrypt(encrypted.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise Unreadable("is a key of MFA_SECRET_KEYS missing?") from error


def cipher(purpose):
    """The first key encrypts, every one decrypts."""
    secrets = settings.MFA_SECRET_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return _cipher(tuple(secrets), purpose)


@lru_cache(maxsize=8)
def _cipher(secrets, purpose):
    return MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets])


def _key(secret, purpose):
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
