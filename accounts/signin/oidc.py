"""A company's own identity provider, as allauth speaks to it.

allauth brings the question, state, PKCE and the exchange of the code; what it leaves open for
providers whom nobody vouches for is closed here: the issuer, the signature and the nonce.
"""

import hashlib

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.signin.discovery import configuration_of, keys_of
from accounts.signin.id_token import IDTokenInvalid, verified_claims

KEPT = ("email_verified", "xms_edov")
"""Of the claims, what allauth may store beside the identity: nothing personal."""


def app_of(connection):
    """allauth's app for a company's connection. Raises encryption.Unreadable."""
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=connection.provider_id,
        name=_("Single sign-on"),
        client_id=connection.client_id,
        secret=connection.secret,
        settings={
            "server_url": connection.issuer,
            "company": connection.company.slug,
            "oauth_pkce_enabled": True,
            "scope": ["openid", "email"],
            "auth_params": {},
        },
    )


def redirect_address(request, slug):
    """Where the provider sends people back to: what an Admin enters there."""
    return build_absolute_uri(request, reverse("sso_callback", args=[slug]))


class CompanyProvider(OpenIDConnectProvider):
    @property
    def issuer(self):
        return self.app.settings["server_url"]

    def get_oauth2_adapter(self, request):
        return CompanyAdapter(request, self)

    def get_pkce_params(self):
        """With the nonce, which the verifier makes: both are remembered with the state."""
        params = super().get_pkce_params()
        return {**params, "nonce": nonce_of(params["code_verifier"])}

    def serialize(self):
        """By its own id: two companies' clients may be called alike."""
        return {**super().serialize(), "id": self.sub_id}

    def extract_uid(self, data):
        """Subjects are up to 255 characters of any kind: known by their digest."""
        return hashlib.sha256(data["id_token"]["sub"].encode()).hexdigest()

    def extract_extra_data(self, data):
        return {"id_token": {name: data["id_token"].get(name) for name in KEPT}}


class CompanyAdapter(OpenIDConnectOAuth2Adapter):
    nonce = ""

    def __init__(self, request, provider):
        super().__init__(request, provider.sub_id)
        self.provider = provider

    def get_provider(self):
        return self.provider

    @cached_property
    def openid_config(self):
        return configuration_of(self.provider.issuer)

    @property
    def basic_auth(self):
        """What the provider takes; where it doesn't say that is the header (Discovery §3)."""
        methods = self.openid_config.get("token_endpoint_auth_methods_supported")
        return "client_secret_post" not in (methods or ["client_secret_basic"])

    def get_callback_url(self, request, app):
        return redirect_address(request, app.settings["company"])

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        if not pkce_code_verifier:
            raise IDTokenInvalid("no log-in was begun")
        self.nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request, app, token, **kwargs):
        claims = verified_claims(
            kwargs["response"].get("id_token"),
            keys_of(self.openid_config),
            issuer=self.provider.issuer,
            client_id=app.client_id,
            nonce=self.nonce,
        )
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            claims |= self.address_of(claims["sub"], token)
        return self.provider.sociallogin_from_response(request, {"id_token": claims})

    def address_of(self, subject, token):
        """From where some providers tell the e-mail alone; of the same person (Core §5.3.2)."""
        found = self._fetch_user_info(token.token)
        if not isinstance(found, dict) or found.get("sub") != subject:
            raise IDTokenInvalid("userinfo of somebody else")
        return {name: found[name] for name in ("email", *KEPT) if name in found}


def nonce_of(code_verifier):
    """Of a question: whoever sees the nonce learns nothing of the verifier."""
    return hashlib.sha256(f"nonce {code_verifier}".encode()).hexdigest()


def company_provider(request, connection):
    return CompanyProvider(request, app_of(connection))
