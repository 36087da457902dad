"""Tokens of the old package, in use: what a program sends, and whether it may."""

import os
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

OLD = os.environ["OLD"]


@dataclass
class InUse:
    """What *header* a program of *user* sends; *lives*: whether the old package lets it in; *gone*:
    whether it deletes the row when it doesn't.
    """

    header: str
    user: str
    lives: bool = True
    gone: bool = False
    ends_in: timedelta | None = None


def authtoken(maya, leo):
    from rest_framework.authtoken.models import Token

    live = Token.objects.create(user=maya)
    dead = Token.objects.create(user=leo)
    return [InUse(f"Token {live.key}", "maya"), InUse(f"Token {dead.key}", "leo", lives=False)]


def knox(maya, leo):
    from knox.models import AuthToken

    def token(user, expiry=None):
        return AuthToken.objects.create(user, expiry=expiry)[1]

    month, past = timedelta(days=30), timedelta(hours=1)
    old_row, old_secret = AuthToken.objects.create(maya, expiry=past)
    AuthToken.objects.filter(pk=old_row.pk).update(expiry=timezone.now() - past)
    return [
        InUse(f"Token {token(maya)}", "maya"),
        InUse(f"Token {token(maya, month)}", "maya", ends_in=month),
        InUse(f"Token {old_secret}", "maya", lives=False, gone=True),
        InUse(f"Token {token(leo)}", "leo", lives=False),
    ]


def rest_framework_api_key(maya, leo):
    from rest_framework_api_key.models import APIKey

    month, now = timedelta(days=30), timezone.now()

    def key(name, **facts):
        return f"Api-Key {APIKey.objects.create_key(name=name, **facts)[1]}"

    return [
        InUse(key("Partner"), "maya"),
        InUse(key("Partner", expiry_date=now + month), "maya", ends_in=month),
        InUse(key("Gone", revoked=True), "maya", lives=False),
        InUse(key("Old", expiry_date=now - month), "maya", lives=False),
    ]


def of_partners(maya, leo):
    from oldways.keys.models import PartnerKey

    def key(partner):
        return f"Api-Key {PartnerKey.objects.create_key(name='Partner', partner=partner)[1]}"

    return [InUse(key(maya), "maya"), InUse(key(leo), "leo", lives=False)]


def tokens():
    """Those of the package: of maya, who signs in, and of leo, who is disabled."""
    maya = User.objects.create_superuser("maya", password="correct horse 9")
    leo = User.objects.create_user("leo", is_active=False)
    return globals()[OLD](maya, leo)
