"""Pages about the signed-in person and their company's settings."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.core.exceptions import PermissionDenied
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView


class CompanyAdminRequired(LoginRequiredMixin):
    """Log-in for nobody, 403 for anybody but an Admin of a company."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_company_admin:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SecuritySettings(CompanyAdminRequired, RedirectView):
    """The settings open at their first tab."""

    pattern_name = "apitokens:list"


class ChangePassword(SuccessMessageMixin, PasswordChangeView):
    """A new password; every other session of the person ends with the old one."""

    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("dashboard")
    success_message = _("Your password is changed. Other devices are signed out.")
