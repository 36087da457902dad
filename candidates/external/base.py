"""What every view of the external API shares: tokens only, JSON only, one shape of errors."""

from functools import partial

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from apitokens.authentication import APITokenAuthentication
from apitokens.permissions import IsAPIToken
from candidates.external.errors import NOT_FOUND, body, handle
from candidates.external.parsers import StrictJSONParser
from candidates.external.query import query_of

V1_KEYS = ("path", "msg")


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


class ExternalView(APIView):
    """Authenticates before it looks at anything else, on every method."""

    authentication_classes = [APITokenAuthentication]
    permission_classes = [IsAPIToken]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JSONAlways
    http_method_names = ["get", "head", "post"]
    error_keys = V1_KEYS

    def initialize_request(self, request, *args, **kwargs):
        return BoundedRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.query = query_of(request)

    def finalize_response(self, *args, **kwargs):
        response = super().finalize_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_exception_handler(self):
        return partial(handle, self.error_keys)

    @property
    def company(self):
        return self.request.auth.owner


@csrf_exempt
def unknown_address(request):
    """404 in JSON for all else below /external/, whatever the method and DEBUG are."""
    headers = {"Cache-Control": "no-store"}
    return JsonResponse(body(NOT_FOUND, (), V1_KEYS), status=404, headers=headers)
