"""What every tab shares: Admins only, the company's policy, and the way a change is refused."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.security.sessions import visit_of
from accounts.views import CompanyAdminRequired


@method_decorator(never_cache, "dispatch")
class SettingsPage(CompanyAdminRequired, TemplateView):
    """A tab. Log-in for nobody, 403 for anybody but an Admin, on every method."""

    @property
    def company(self):
        return self.request.user.company

    @property
    def policy(self):
        return self.company.security

    @property
    def visit(self):
        return visit_of(self.request)

    def saved(self, text):
        """Back to the tab, which says *text*."""
        messages.success(self.request, text)
        return redirect(self.request.path)

    def render(self, status=200, **context):
        context = self.get_context_data(company=self.company, policy=self.policy, **context)
        return self.render_to_response(context, status=status)
