"""The tab "Custom SSO"."""

from urllib.parse import urlencode

from allauth.core import ratelimit
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.security import login_services, services, sso_services
from accounts.security.methods import PASSWORD, available_methods
from accounts.security.models import SingleSignOn
from accounts.security.sessions import FRESH, proven_methods
from accounts.security.sso_forms import ConnectionForm
from accounts.security.views.base import SettingsPage
from accounts.security.views.login_methods import why
from accounts.signin import discovery
from accounts.signin.oidc import redirect_address
from apitokens.reauthentication import must_reauthenticate


class ConnectionPage(SettingsPage):
    @cached_property
    def connection(self):
        found = SingleSignOn.objects.select_related("connected_by").filter(company=self.company)
        return found.first()

    @property
    def known(self):
        """How many people have signed in by it."""
        if self.connection is None:
            return 0
        return SocialAccount.objects.filter(provider=self.connection.provider_id).count()


@method_decorator(sensitive_post_parameters("secret"), "dispatch")
class CustomSSO(ConnectionPage):
    template_name = "security_settings/custom_sso.html"

    def get(self, request, *args, **kwargs):
        """With what was typed before the password was asked for, if anything."""
        return self.show(self.form(request.GET if "issuer" in request.GET else None))

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if "test" in request.POST:
            return self.test(form)
        if not form.is_valid():
            return self.show(form, 400)
        if page := self.confirmation(form):
            return redirect(page)
        return self.connect(form)

    def test(self, form):
        """Whether the provider answers as a log-in would need it; nothing is saved."""
        if refused := ratelimit.consume_or_429(self.request, action="sso_test"):
            return refused
        form.is_valid()
        issuer = form.cleaned_data.get("issuer")
        form.errors.pop("client_id", None)
        return self.show(form, 200 if issuer else 400, result=issuer and result_of(issuer))

    def confirmation(self, form):
        """Where who signed in a while ago confirms it first."""
        then = f"{self.request.path}?{urlencode(form.chosen)}"
        return must_reauthenticate(self.request, FRESH, then=then)

    def connect(self, form):
        result = result_of(form.cleaned_data["issuer"]) if form.is_another else None
        if result and result["error"]:
            form.add_error("issuer", result["error"].message)
            return self.show(form, 400, result=result)
        try:
            sso_services.connect(visit=self.visit, **form.cleaned_data)
        except sso_services.SecretNeeded:
            form.add_error("secret", _("Enter the secret of this client"))
        except services.LocksYouOut as error:
            form.add_error(None, why(error))
        if form.errors:
            return self.show(form, 400, result=result)
        return self.saved(_("Single sign-on is connected. It holds from the next sign-in on."))

    def form(self, data=None):
        was = self.connection
        initial = {"issuer": was.issuer, "client_id": was.client_id} if was else {}
        form = ConnectionForm(data, was=was, initial=initial)
        if was and was.has_readable_secret:
            day = {"day": f"{timezone.localtime(was.secret_set_at):%-d %b %Y}"}
            form.fields["secret"].help_text = _("Saved %(day)s. Leave empty to keep it") % day
        return form

    def show(self, form, status=200, result=None):
        return self.render(
            status,
            form=form,
            result=result,
            connection=self.connection,
            known=self.known,
            redirect_address=redirect_address(self.request, self.company.slug),
            start_address=self.request.build_absolute_uri(
                reverse("sso_start", args=[self.company.slug])
            ),
        )


class Disconnect(ConnectionPage):
    template_name = "security_settings/sso_disconnect.html"

    def get(self, request, *args, **kwargs):
        return self.show() if self.connection else redirect("security:custom-sso")

    def post(self, request, *args, **kwargs):
        try:
            sso_services.disconnect(
                visit=self.visit,
                proven=proven_methods(request.session, timezone.now()),
                available=available_methods(self.policy),
            )
        except services.SettingRefused as error:
            return self.refused(error)
        messages.success(request, _("Single sign-on is disconnected."))
        return redirect("security:custom-sso")

    def refused(self, error):
        if isinstance(error, login_services.NotProven) and PASSWORD in error.staying:
            query = urlencode({"next": self.request.path})
            return redirect(f"{reverse('confirm-password')}?{query}")
        return self.show(400, error=why(error))

    def show(self, status=200, error=""):
        return self.render(status, known=self.known, error=error)


def result_of(issuer):
    """How the test of *issuer* went: a Probe or the error."""
    try:
        return {"issuer": issuer, "probe": discovery.probe(issuer), "error": None}
    except discovery.Unusable as error:
        return {"issuer": issuer, "probe": None, "error": error}
