"""The login methods that there are, by the names under which policies and sessions know them."""

from django.utils.translation import gettext_lazy as _

PASSWORD = "password"  # noqa: S105 - a name, no secret
GOOGLE, MICROSOFT, SSO, PASSKEY = "google", "microsoft", "sso", "passkey"

NAMES = {
    PASSWORD: _("Password"),
    GOOGLE: _("Google"),
    MICROSOFT: _("Microsoft"),
    SSO: _("Custom SSO"),
    PASSKEY: _("Passkey"),
}


def method_name(method):
    return NAMES.get(method, method)
