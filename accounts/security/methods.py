"""The login methods that there are, by the names under which policies and sessions know them."""

from allauth.socialaccount.adapter import get_adapter
from django.utils.translation import gettext_lazy as _

from accounts.signin.methods import PASSKEY, PASSWORD
from accounts.signin.provider_ids import SSO

NAMES = {
    PASSWORD: _("Password"),
    "google": _("Google"),
    "microsoft": _("Microsoft"),
    SSO: _("Single sign-on"),
    PASSKEY: _("Passkey"),
}


def method_name(method):
    return NAMES.get(method, method)


def available_methods(policy):
    """Those that the portal is configured for, and the company's own, in the order of the page."""
    configured = {app.provider_id for app in get_adapter().list_apps(request=None)}
    own = {SSO} if policy.sso_from else set()
    return [name for name in NAMES if name in {PASSWORD, PASSKEY} | configured | own]
