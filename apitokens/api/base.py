"""What views of tokens share with a host's own API: JSON whatever is asked, bodies unread."""

from typing import Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class JSONAlways(BaseContentNegotiation):
    """JSON whatever Accept or ``?format=`` say: no request is refused before authentication."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class BoundedRequest(Request):
    """Leaves the reading to the parser, which judges length and type first."""

    @property
    def stream(self):
        return self._request


class BoundedMixin:
    """A view that answers JSON only, makes BoundedRequests, and whose answers nobody keeps."""

    content_negotiation_class: Any = JSONAlways

    @sensitive_variables()  # nor of what it calls: the report of an error shows no token
    def dispatch(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)

    def initialize_request(self, request, *args, **kwargs):
        return BoundedRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def finalize_response(self, *args, **kwargs):
        response = super().finalize_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response
