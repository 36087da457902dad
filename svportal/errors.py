"""Error pages: JSON in the API's own shape below /external/, HTML elsewhere."""

from django.http import JsonResponse
from django.views import csrf, defaults


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
    return _answer(request, 500, "Server error.", lambda: defaults.server_error(request))


def csrf_failure(request, reason=""):
    return csrf.csrf_failure(request, reason=reason, template_name="403_csrf.html")
