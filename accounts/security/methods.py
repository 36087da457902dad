"""The login methods that there are, by the names under which policies and sessions know them."""

from allauth.socialaccount.adapter import get_adapter
from django.utils.translation import gettext_lazy as _

from accounts.signin.methods import PASSKEY, PASSWORD

SSO = "sso"

NAMES = {
    PASSWORD: _("Password"),
    "google": _("Google"),
    "microsoft": _("Microsoft"),
    SSO: _("Custom SSO"),
    PASSKEY: _("Passkey"),
}


def method_name(method):
    return NAMES.get(method, method)


def available_methods():
    """Those that this portal is configured for, in the order in which they are shown."""
    configured = {app.provider_id for app in get_adapter().list_apps(request=None)}
    return [name for name in NAMES if name in {PASSWORD, PASSKEY} | configured]
