"""What allauth asks the portal about accounts."""

import logging
from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import respond_429
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.signin import gate
from apitokens.addresses import client_address
from apitokens.reauthentication import must_reauthenticate

logger = logging.getLogger("accounts.signin")

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - it stands for a peer without address; nothing binds it
FAILURE_WINDOW = 300
"""Seconds in which failed log-ins of an account are counted (ACCOUNT_RATE_LIMITS)."""

TOO_MANY = {"too_many_login_attempts", "rate_limited"}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail and password don’t match. Try again"),
        "incorrect_password": _("This is not your password. Try again"),
    }

    # --- who may sign in, by whatever method --------------------------------------------------
    def is_open_for_signup(self, request):
        return False

    def pre_login(self, request, user, **kwargs):
        reason = gate.reason_against(request, user)
        return self.refuse(request, reason) if reason else None

    def login(self, request, user):
        """The last step of each method: whatever changed since the first is seen here."""
        if reason := gate.reason_against(request, user):
            raise ImmediateHttpResponse(self.refuse(request, reason))
        super().login(request, user)

    def refuse(self, request, reason):
        """Back to the log-in, with the reason; nothing of the attempt is kept."""
        clear_login(request)
        messages.error(request, reason)
        return HttpResponseRedirect(reverse("account_login"))

    def respond_user_inactive(self, request, user):
        return self.refuse(request, gate.reason_against(request, user))

    # --- limits -------------------------------------------------------------------------------
    def get_client_ip(self, request):
        return client_address(request) or UNKNOWN_ADDRESS

    def validation_error(self, code, *args):
        """Too many attempts are an answer of their own (429), whichever form counted them."""
        if code in TOO_MANY:
            context.request.retry_after = FAILURE_WINDOW
            raise ImmediateHttpResponse(respond_429(context.request))
        return super().validation_error(code, *args)

    # --- when somebody last proved who they are: one moment, kept by apitokens ----------------
    def is_reauthentication_required(self, *, app, **kwargs):
        age = timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)
        return must_reauthenticate(context.request, age) is not None

    # --- addresses and mail -------------------------------------------------------------------
    def is_safe_url(self, url):
        """Of this very site: no other host that it answers to, no plain http below https."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def is_ajax(self, request):
        """Pages answer pages. Only the passkey's challenge is fetched by a script."""
        match = request.resolver_match
        return bool(match and match.view_name == "mfa_login_webauthn") and super().is_ajax(request)

    def get_password_change_redirect_url(self, request):
        return reverse("dashboard")

    def send_password_reset_mail(self, user, email, context):
        """Whoever may not sign in gets the mail of an address without an account: no link, and it
        takes as long.
        """
        if user.may_sign_in:
            super().send_password_reset_mail(user, email, context)
        else:
            send_unknown_account_mail(self.request, email)

    def send_mail(self, template_prefix, email, context):
        """A mail server that fails breaks no log-in; nor does it tell who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.error("%s was not sent: %s", template_prefix, type(error).__name__)
