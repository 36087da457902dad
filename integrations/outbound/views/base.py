"""What the pages about webhooks share: Admins only, the company's own endpoints."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.views import CompanyAdminRequired, PasswordAgain
from apitokens.addresses import client_address
from integrations.models import Endpoint, ImportedRecord


@method_decorator(never_cache, "dispatch")
class WebhookPage(CompanyAdminRequired, PasswordAgain, TemplateView):
    """Log-in for nobody, 403 for anybody but an Admin, 404 for another company's endpoint."""

    @property
    def company(self):
        return self.request.user.company

    @property
    def acting(self):
        return {"actor": self.request.user, "address": client_address(self.request)}

    @property
    def endpoints(self):
        return Endpoint.objects.for_company(self.company)

    @cached_property
    def endpoint(self):
        return get_object_or_404(self.endpoints, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        waiting = ImportedRecord.objects.for_company(self.company).waiting().count()
        return super().get_context_data(waiting=waiting, **kwargs)

    def render(self, status=200, **context):
        return self.render_to_response(self.get_context_data(**context), status=status)

    def done(self, text):
        messages.success(self.request, text)
        return redirect("webhooks:endpoint", pk=self.endpoint.pk)


class Act(WebhookPage):
    """A button; a page by GET there is not."""

    http_method_names = ["post", "options"]
