"""Google, Microsoft, companies' own identity providers: they say who somebody is, and make nobody.

Their word counts for an e-mail that they have verified, and finds a person who is here already; a
company's own provider finds its people alone.
"""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpResponseNotFound
from django.shortcuts import render

from accounts.models import User, normalise_email
from accounts.outgoing import guarded_session
from accounts.security.audit import refused_identity
from accounts.signin import addresses, identities
from accounts.signin.connections import connection_of
from accounts.signin.oidc import app_of, company_provider
from accounts.signin.provider_ids import company_of


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request, provider=None, client_id=None):
        """Those of the settings; a company's own is there for whoever asks for it by its id."""
        if connection := connection_of(provider or ""):
            return [app_of(connection)]
        apps = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps_of_one in apps.values() for app in apps_of_one]

    def get_provider(self, request, provider, client_id=None):
        if connection := connection_of(provider):
            return company_provider(request, connection)
        return super().get_provider(request, provider, client_id)

    def get_requests_session(self):
        """For every provider alike, and every address that one of them names."""
        return guarded_session(settings.SSO_NETWORKS)

    def populate_user(self, request, sociallogin, data):
        """Here the claims are known, and who is asked for is not looked up yet."""
        for address in sociallogin.email_addresses:
            address.verified = is_verified(claims_of(sociallogin))
        return super().populate_user(request, sociallogin, data)

    def authenticate_by_email(self, sociallogin):
        company_id = company_of(sociallogin.account.provider)
        for address in sociallogin.email_addresses:
            user = person_at(address)
            if user and (company_id is None or identities.may_come(user, company_id)):
                addresses.prove(user)
                return user, user.email
        return None

    def pre_social_login(self, request, sociallogin):
        """Log-in only: nobody adds another's Google account to their own, or takes a detour."""
        if sociallogin.state.get("process") not in (None, AuthProcess.LOGIN):
            raise ImmediateHttpResponse(HttpResponseNotFound())
        company_id = company_of(sociallogin.account.provider)
        if company_id is not None:
            self.check_identity(request, sociallogin, company_id)

    def check_identity(self, request, sociallogin, company_id):
        """A company's own provider: somebody of that company, and the same one every time."""
        user, proven = sociallogin.user, any(a.verified for a in sociallogin.email_addresses)
        if not (proven and user.pk and identities.may_come(user, company_id)):
            email = next((a.email for a in sociallogin.email_addresses), "")
            refused_identity(request, company_id, "stranger", email=email)
            raise self.closed(request, sociallogin)
        try:
            identities.know(user, sociallogin.account, sociallogin.provider.app)
        except identities.OtherIdentity:
            refused_identity(request, company_id, "identity", person=user)
            raise self.closed(request, sociallogin) from None

    def is_open_for_signup(self, request, sociallogin):
        """Nobody is made: who isn't here yet is told whom to ask."""
        raise self.closed(request, sociallogin)

    def closed(self, request, sociallogin):
        email = next((a.email for a in sociallogin.email_addresses), "")
        context = {"email": email, "provider": sociallogin.provider}
        page = render(request, "account/signup_closed.html", context, status=403)
        return ImmediateHttpResponse(page)

    def on_authentication_error(self, request, provider, **kwargs):
        get_account_adapter().authentication_failed(request, provider=provider.sub_id)


def claims_of(sociallogin):
    return sociallogin.account.extra_data.get("id_token") or {}


def is_verified(claims):
    """``email_verified`` of OpenID Connect; Microsoft says it by ``xms_edov`` (1 or "1") alone.

    Without either, anybody who runs a Microsoft tenant could claim anybody's address.
    """
    said = claims.get("email_verified")
    return said is True or said == "true" or claims.get("xms_edov") in (True, 1, "1", "true")


def person_at(address):
    if not address.verified:
        return None
    return (
        User.objects.select_related("company").filter(email=normalise_email(address.email)).first()
    )
