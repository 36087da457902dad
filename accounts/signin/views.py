"""allauth's pages, where the portal's differ: statuses, methods, what a template is given."""

from allauth.account import views as account
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.security.rules import refusal
from accounts.security.sessions import visit_of
from accounts.signin.hops import calmly, hop
from accounts.signin.provider_ids import company_of
from accounts.signin.second_factor import use_code

SECRETS = sensitive_post_parameters(
    "password", "old_password", "new_password1", "new_password2", "code", "credential"
)


class SafeNext:
    """``next`` for templates: an address of this site, or none."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_next_url(), **kwargs)


class RefusedIsBad:
    """A form that was wrong is answered with 400, so that no program takes it for done."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if response.status_code == 200:
            response.status_code = 400
        return response


@method_decorator(SECRETS, "dispatch")
class LogIn(SafeNext, account.LoginView):
    def get_context_data(self, **kwargs):
        providers = get_social_adapter().list_providers(self.request)
        return super().get_context_data(providers=providers, **kwargs)


class LogOut(account.LogoutView):
    http_method_names = ["post", "options"]


@method_decorator([never_cache, SECRETS], "dispatch")
class EnterCode(mfa.AuthenticateView):
    """The second step: a code of the app, a recovery code (``?recover``) or a passkey."""

    def get_context_data(self, **kwargs):
        user = self.stage.login.user
        return super().get_context_data(**kwargs) | {
            "email": user.email,
            "recovering": "recover" in self.request.GET,
            "has_passkey": is_mfa_enabled(user, [Authenticator.Type.WEBAUTHN]),
        }


@method_decorator([never_cache, SECRETS], "dispatch")
class ChangePassword(account.PasswordChangeView):
    """A new password; every other session of the person ends with the old one."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.has_usable_password():
            messages.info(request, _("You have no password yet. A link to choose one is mailed."))
            return HttpResponseRedirect(reverse("account_reset_password"))
        return super().dispatch(request, *args, **kwargs)

    def get_template_names(self):
        return ["accounts/password_expired.html"] if self.expired else [self.template_name]

    def get_context_data(self, **kwargs):
        return super().get_context_data(policy=self.expired, **kwargs)

    @cached_property
    def expired(self):
        """The policy under which the password has expired, or None."""
        found = refusal(visit_of(self.request))
        is_it = found is not None and found.reason == "password-expired"
        return self.request.user.company.security if is_it else None


@method_decorator([never_cache, SECRETS], "dispatch")
class ConfirmPassword(RefusedIsBad, SafeNext, account.ReauthenticateView):
    """The password once more: with the right one the sign-in counts as new. Whoever has neither
    password nor second factor proves it where they did before: by signing in again.
    """

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not get_reauthentication_flows(request.user):
            back = reverse("login", query={"next": self.get_next_url() or reverse("dashboard")})
            context = {"log_in_again": back}
            return render(request, "account/sign_in_again.html", context, status=403)
        return super().dispatch(request, *args, **kwargs)


@method_decorator([never_cache, SECRETS], "dispatch")
class ConfirmCode(RefusedIsBad, SafeNext, mfa.ReauthenticateView):
    """The same by a code of the app, or a recovery code."""


@method_decorator(SECRETS, "dispatch")
class NewPassword(account.PasswordResetFromKeyView):
    """Where the link in the mail leads: the address itself is a secret until it was used."""

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        return response


@method_decorator([never_cache, SECRETS], "dispatch")
class AddApp(totp.ActivateTOTPView):
    """The secret is shown here alone, and kept in the session until its first code was right; that
    code signs nobody in.
    """

    def form_valid(self, form):
        response = super().form_valid(form)
        use_code(self.request.user, form.cleaned_data["code"])
        return response


@require_POST
@never_cache
@calmly
def continue_with(request, provider_id):
    """On to Google or Microsoft."""
    only_the_portals(provider_id)
    response = openid_connect.login(request, provider_id)
    if response.status_code != 302:
        return response
    return hop(request, get_social_adapter().get_provider(request, provider_id), response)


@never_cache
@calmly
def come_back(request, provider_id):
    """Back from there, with a code for who it is."""
    only_the_portals(provider_id)
    return openid_connect.callback(request, provider_id)


def only_the_portals(provider_id):
    """Companies' own providers have addresses of their own (``sso``), which check more."""
    if company_of(provider_id) is not None:
        raise Http404
