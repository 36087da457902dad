"""What allauth asks the portal about second factors: above all, to keep their secrets encrypted."""

import logging

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import encryption

logger = logging.getLogger("accounts.signin")


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or no longer. Enter the one shown now"),
    }

    def encrypt(self, text):
        return encryption.encrypt(text, encryption.SECOND_FACTORS)

    def decrypt(self, encrypted_text):
        """The secret; where no key opens it, one that nobody knows: no code is ever right."""
        try:
            return encryption.decrypt(encrypted_text, encryption.SECOND_FACTORS)
        except encryption.Unreadable as error:
            logger.error("a second factor can't be read: %s", error)
            return generate_totp_secret()

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return (
            gettext("Passkey %(number)s") % {"number": count + 1} if count else gettext("Passkey")
        )

    def build_totp_svg(self, url):
        """For a page, so without the XML declaration of a file."""
        return super().build_totp_svg(url).partition("?>")[2].strip()


def app_secret(user):
    """The secret of *user*'s authenticator app; who has none gets one, and recovery codes."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is not None:
        return decrypt(app.data["secret"])
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def use_code(user, code):
    """Whether *code* of the app is newer than every one that *user* has given before (RFC 6238
    §5.2). Its period is kept with the secret: of two at once one succeeds.
    """
    with transaction.atomic():
        apps = Authenticator.objects.select_for_update()
        app = apps.filter(user=user, type=Authenticator.Type.TOTP).first()
        period = app and period_of(decrypt(app.data["secret"]), code)
        if period is None or period <= app.data.get("used_period", -1):
            return False
        app.data["used_period"] = period
        app.save(update_fields=["data"])
        return True


def period_of(secret, code):
    """The period whose code *code* is, of those whose codes are taken now."""
    for period in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, period))):
            return period
    return None
