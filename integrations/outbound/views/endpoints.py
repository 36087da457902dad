"""The endpoints of a company."""

from integrations.outbound.views.base import WebhookPage


class EndpointList(WebhookPage):
    template_name = "integrations/webhooks/list.html"
    http_method_names = ["get"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(endpoints=self.endpoints, **kwargs)
