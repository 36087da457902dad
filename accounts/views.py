"""Pages about a company's settings; those of the log-in are in accounts/signin/."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.views.generic import RedirectView


class CompanyAdminRequired(LoginRequiredMixin):
    """Log-in for nobody, 403 for anybody but an Admin of a company."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_company_admin:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SecuritySettings(CompanyAdminRequired, RedirectView):
    """The settings open at their first tab."""

    pattern_name = "security:login-methods"
