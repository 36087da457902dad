"""Pages about the signed-in person and their company's settings."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView, RedirectURLMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.core.exceptions import PermissionDenied
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, RedirectView

from accounts.forms import ConfirmPasswordForm
from accounts.security.rules import refusal
from accounts.security.sessions import visit_of
from apitokens.reauthentication import renew_sign_in


class CompanyAdminRequired(LoginRequiredMixin):
    """Log-in for nobody, 403 for anybody but an Admin of a company."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_company_admin:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SecuritySettings(CompanyAdminRequired, RedirectView):
    """The settings open at their first tab."""

    pattern_name = "security:password-expiry"


class ChangePassword(SuccessMessageMixin, PasswordChangeView):
    """A new password; every other session of the person ends with the old one."""

    template_name = "accounts/password_change.html"
    expired_template_name = "accounts/password_expired.html"
    success_url = reverse_lazy("dashboard")
    success_message = _("Your password is changed. Other devices are signed out.")

    def get_template_names(self):
        return [self.expired_template_name if self.expired else self.template_name]

    def get_context_data(self, **kwargs):
        return super().get_context_data(policy=self.expired, **kwargs)

    @cached_property
    def expired(self):
        """The policy under which the password has expired, or None."""
        found = refusal(visit_of(self.request))
        is_it = found is not None and found.reason == "password-expired"
        return self.request.user.company.security if is_it else None


@method_decorator([never_cache, sensitive_post_parameters("password")], "dispatch")
class ConfirmPassword(LoginRequiredMixin, RedirectURLMixin, FormView):
    """The password once more: with the right one the sign-in counts as new.

    ``next`` leads back, to addresses of this site only.
    """

    template_name = "accounts/confirm_password.html"
    form_class = ConfirmPasswordForm
    next_page = "dashboard"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form):
        renew_sign_in(self.request)
        return super().form_valid(form)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)
