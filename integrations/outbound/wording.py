"""What went wrong, in words."""

from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ERRORS = {
    "timeout": gettext_lazy("No answer within 15 s"),
    "unreachable": gettext_lazy("Nobody answers there"),
    "certificate": gettext_lazy("Its certificate can’t be trusted"),
    "address": gettext_lazy("Its address is not a public one"),
    "secret": gettext_lazy("Its secret can’t be read: rotate it"),
    "internal": gettext_lazy("An error of ours"),
}


def failure_in_words(failure: str) -> str:
    """A status such as "503", or a reason of ERRORS."""
    if failure.isdecimal():
        return status_in_words(int(failure))
    return str(ERRORS.get(failure, failure))


def status_in_words(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = _("answered")
    return f"{status} {phrase}"
