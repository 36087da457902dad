"""Secrets as the other packages make and store them, imported by the service's own door."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import get_random_string

from apitokens.old_secrets import API_KEY, AUTHTOKEN, KNOX, hashed
from apitokens.services import OldSecret, import_secret

SUNSET = timedelta(days=30)


def authtoken_secret():
    return secrets.token_hex(20)


def knox_secret():
    return secrets.token_hex(32)


def api_key_secret():
    return f"{get_random_string(8)}.{get_random_string(32)}"


SECRETS = {AUTHTOKEN: authtoken_secret, KNOX: knox_secret, API_KEY: api_key_secret}
SCHEMES = {AUTHTOKEN: "Token", KNOX: "Token", API_KEY: "Api-Key"}


def stored(source, secret, **facts):
    """What the package *source* stores of *secret*."""
    digest = hashlib.sha512(secret.encode()).hexdigest()
    kept = {
        AUTHTOKEN: (hashed(secret), hashed(secret)),
        KNOX: (f"sha512$${digest}", f"sha512$${digest}"),
        API_KEY: (secret.partition(".")[0], f"sha512$${digest}"),
    }
    handle, text = kept[source]
    known = {"handle": handle, "hashed": text, "name": "Greenhouse sync"}
    return OldSecret(source=source, **{**known, "issued_at": timezone.now(), **facts})


def imported(source, user, secret=None, *, ends_in=SUNSET, scopes=None, **facts):
    """(token, secret): *secret* of *source*, taken over for *user*."""
    secret = secret or SECRETS[source]()
    token = import_secret(
        old=stored(source, secret, **facts), owner=user.company, user=user,
        ends_at=timezone.now() + ends_in, scopes=scopes,
    )  # fmt: skip
    return token, secret
