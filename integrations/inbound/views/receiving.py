"""Where other systems send their messages: proven and kept, and answered at once."""

from allauth.core.internal import ratelimit
from django.http import JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from integrations.inbound.exceptions import NotReadable, NotVerified
from integrations.inbound.receiving import receive

LARGEST = 64 * 1024


def answer(status, message, **headers):
    return JsonResponse({"message": message}, status=status, headers=headers)


@method_decorator(csrf_exempt, "dispatch")
class Receive(View):
    """401 is the same for an unknown address, a wrong signature and a company that is suspended."""

    http_method_names = ["post"]

    def post(self, request, connection_id):
        if not ratelimit.consume(request, app="allauth.account", action="connection_message"):
            return answer(429, "Too many messages.", **{"Retry-After": "60"})
        body = body_of(request)
        if body is None:
            return answer(413, "A message may have 64 KiB.")
        try:
            receive(connection_id, request.headers, body)
        except NotVerified:
            return answer(401, "Not accepted.")
        except NotReadable:
            return answer(400, "Send a JSON object.")
        return answer(202, "Accepted.")


def body_of(request):
    """The body, or None where it is too large: then it is not read to its end."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST:
        return None
    body = request.read(LARGEST + 1)
    return body if len(body) <= LARGEST else None
