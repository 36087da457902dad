"""Google, Microsoft and other identity providers: they say who somebody is, and make nobody.

Their word counts for an e-mail that they have verified, and finds a person who is here already.
"""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpResponseNotFound
from django.shortcuts import render

from accounts.models import User, normalise_email
from accounts.signin import addresses


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request, provider=None, client_id=None):
        """Those of the settings: none is kept in the database, so none is looked for there."""
        apps = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps_of_one in apps.values() for app in apps_of_one]

    def populate_user(self, request, sociallogin, data):
        """Here the claims are known, and who is asked for is not looked up yet."""
        for address in sociallogin.email_addresses:
            address.verified = is_verified(claims_of(sociallogin))
        return super().populate_user(request, sociallogin, data)

    def authenticate_by_email(self, sociallogin):
        for address in sociallogin.email_addresses:
            user = person_at(address)
            if user:
                addresses.prove(user)
                return user, user.email
        return None

    def pre_social_login(self, request, sociallogin):
        """Log-in only: nobody adds another's Google account to their own, or takes a detour."""
        if sociallogin.state.get("process") not in (None, AuthProcess.LOGIN):
            raise ImmediateHttpResponse(HttpResponseNotFound())

    def is_open_for_signup(self, request, sociallogin):
        """Nobody is made: who isn't here yet is told whom to ask."""
        email = next((a.email for a in sociallogin.email_addresses), "")
        context = {"email": email, "provider": sociallogin.provider}
        page = render(request, "account/signup_closed.html", context, status=403)
        raise ImmediateHttpResponse(page)

    def on_authentication_error(self, request, provider, **kwargs):
        get_account_adapter().authentication_failed(request, provider=provider.sub_id)


def claims_of(sociallogin):
    return sociallogin.account.extra_data.get("id_token") or {}


def is_verified(claims):
    """``email_verified`` of OpenID Connect; Microsoft says it by ``xms_edov`` (1 or "1") alone.

    Without either, anybody who runs a Microsoft tenant could claim anybody's address.
    """
    return claims.get("email_verified") in (True, "true") or claims.get("xms_edov") in (
        True, 1, "1", "true",
    )  # fmt: skip


def person_at(address):
    if not address.verified:
        return None
    return (
        User.objects.select_related("company").filter(email=normalise_email(address.email)).first()
    )
