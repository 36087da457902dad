"""What every view of the external API shares: tokens only, JSON only, one shape of errors."""

from functools import partial

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from apitokens.api.base import BoundedMixin
from apitokens.api.bodies import StrictJSONParser
from apitokens.authentication import APITokenAuthentication
from apitokens.permissions import HasScope, IsAPIToken
from apitokens.throttling import TokenRateThrottle
from candidates.external.errors import KEYS, NOT_FOUND, body, handle
from candidates.external.query import query_of


class ExternalView(BoundedMixin, APIView):
    """Authenticates before it looks at anything else, on every method; then asks for scopes."""

    authentication_classes = [APITokenAuthentication]
    permission_classes = [IsAPIToken, HasScope]
    throttle_classes = [TokenRateThrottle]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "post"]
    required_scopes: list[str]
    error_keys = KEYS

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.query = query_of(request)

    def get_exception_handler(self):
        return partial(handle, self.error_keys)

    @property
    def company(self):
        return self.request.auth.owner


@csrf_exempt
def unknown_address(request):
    """404 in JSON for all else below /external/, whatever the method and DEBUG are."""
    headers = {"Cache-Control": "no-store"}
    return JsonResponse(body(NOT_FOUND, (), KEYS), status=404, headers=headers)
