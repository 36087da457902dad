"""Codes as an authenticator app shows them."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PERIOD = 30


def code_of(secret, steps=0):
    """The code of *secret* now, or so many periods later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + steps))
