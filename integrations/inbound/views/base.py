"""What the pages about connections share: Admins only, the company's own."""

from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.views import CompanyAdminRequired, PasswordAgain
from apitokens.attribution import actor_of
from integrations.inbound.editing import waiting_for
from integrations.inbound.opening import class_of
from integrations.models import Connection


@method_decorator(never_cache, "dispatch")
class IntegrationsPage(CompanyAdminRequired, PasswordAgain, TemplateView):
    """Log-in for nobody, 403 for anybody but an Admin."""

    @property
    def company(self):
        return self.request.user.company

    @property
    def actor(self):
        return actor_of(self.request)

    def get_context_data(self, **kwargs):
        waiting = waiting_for(self.company).count()
        return super().get_context_data(waiting=waiting, **kwargs)

    def render(self, status=200, **context):
        return self.render_to_response(self.get_context_data(**context), status=status)


class ConnectionPage(IntegrationsPage):
    """About one connection; 404 for another company's."""

    @cached_property
    def connection(self):
        rows = Connection.objects.for_company(self.company)
        rows = rows.select_related("source", "company", "created_by")
        return get_object_or_404(rows, public_id=self.kwargs["connection_id"])

    @property
    def connector(self):
        return class_of(self.connection)

    def get_context_data(self, **kwargs):
        known = {"connection": self.connection, "connector": self.connector}
        return super().get_context_data(**{**known, **kwargs})
