"""Error pages: JSON in the API's own shape below /external/, HTML elsewhere."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.views import csrf, defaults

RETRY_AFTER = 2
"""Seconds to wait for a database that doesn't answer."""

THROTTLE_WINDOW = 60
"""Seconds in which log-in pages count by address, unless the request says otherwise."""


def is_api(request):
    return request.path.startswith("/external/")


def _answer(request, status, message, page):
    if is_api(request):
        return JsonResponse({"message": message, "errors": []}, status=status)
    return page()


def bad_request(request, exception):
    return _answer(request, 400, "Bad request.", lambda: defaults.bad_request(request, exception))


def permission_denied(request, exception):
    return _answer(
        request,
        403,
        "Not allowed.",
        lambda: defaults.permission_denied(request, exception),
    )


def page_not_found(request, exception):
    return _answer(request, 404, "Not found.", lambda: defaults.page_not_found(request, exception))


def server_error(request):
    """500, or 503 when the database doesn't answer: wherever in the request that came up."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return _answer(request, 500, "Server error.", lambda: defaults.server_error(request))


def unavailable(request):
    message = "Unavailable for a moment. Please try again."
    response = _answer(
        request, 503, message, lambda: defaults.server_error(request, template_name="503.html")
    )
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def csrf_failure(request, reason=""):
    return csrf.csrf_failure(request, reason=reason, template_name="403_csrf.html")


def too_many_requests(request):
    """429 of the log-in pages; when to come back stands on the page and in Retry-After."""
    seconds = getattr(request, "retry_after", THROTTLE_WINDOW)
    response = render(request, "429.html", {"minutes": -(-seconds // 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response
