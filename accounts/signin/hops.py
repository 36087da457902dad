"""The way to an identity provider and back, whatever becomes of it."""

import logging
from functools import wraps

from django.shortcuts import render
from requests import RequestException

logger = logging.getLogger("accounts.signin")

NOT_UNDERSTOOD = (
    RequestException, LookupError, TypeError, ValueError, OverflowError, RecursionError,
)  # fmt: skip


def calmly(view):
    """Whatever a provider says that can't be understood is a log-in that didn't work."""

    @wraps(view)
    def wrapped(request, **named):
        try:
            return view(request, **named)
        except NOT_UNDERSTOOD as error:
            logger.warning("%s can't be asked: %s", *named.values(), type(error).__name__)
            return not_signed_in(request)

    return wrapped


def not_signed_in(request):
    return render(request, "socialaccount/authentication_error.html", status=401)


def hop(request, provider, response):
    """On to where *response* leads, by a page: a redirect after a form is stopped by the policy."""
    context = {"provider": provider, "redirect_to": response["Location"]}
    return render(request, "socialaccount/login_redirect.html", context)
