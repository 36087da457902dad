"""What can go wrong with another system, each in words that its card shows. No HTTP of ours."""

import traceback

from django.utils.translation import gettext_lazy as _


class RemoteError(Exception):
    """Base of the errors below. ``detail`` is what the other side said, shortened."""

    code = "unreachable"
    message = _("It does not answer")

    def __init__(self, detail=""):
        super().__init__(detail)
        self.detail = " ".join(str(detail).split())[:200]


class Unreachable(RemoteError):
    """No answer, or one of a server in trouble."""


class Refused(RemoteError):
    """The credentials are wrong, or may too little."""

    code = "refused"
    message = _("It refused the credentials")


class RateLimited(RemoteError):
    """Too many requests: not again before ``seconds``."""

    code = "limited"
    message = _("It asks to wait")

    def __init__(self, detail="", seconds=60):
        super().__init__(detail)
        self.seconds = seconds


class Waits(RateLimited):
    """We have asked as often as it allows, and wait: nothing is wrong."""

    message = _("We have asked as often as it allows. Try again in some minutes")


class Unexpected(RemoteError):
    """An answer that is not what the system's documentation says."""

    code = "unexpected"
    message = _("It answered something that was not expected")


class Gone(RemoteError):
    """No such record."""

    code = "gone"
    message = _("It has no such record")


class NotSupported(RemoteError):
    """The system has no call for it."""

    code = "unsupported"
    message = _("It has no call for this")


class NotReadableAnyMore(RemoteError):
    """No key of ours opens the credentials."""

    code = "unreadable"
    message = _("Its credentials can't be read any more. Enter them again")


class NotVerified(Exception):
    """A message that isn't proven to come from the other system. Why is told to nobody."""


class NotReadable(Exception):
    """A message that is proven, and not what such a message has to be."""


class LeaseLost(Exception):
    """Another worker has taken the connection over."""


ERRORS = (Unreachable, Refused, RateLimited, Unexpected, Gone, NotSupported, NotReadableAnyMore)
WORDS = {error.code: error.message for error in ERRORS}
WORDS["internal"] = _("An error of ours. We have been told")


def words_of(code):
    """What a card says of an error."""
    return WORDS.get(code, code)


def place_of(error: Exception) -> str:
    """Which error, and where: what it says may be about a person."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno} of {frame.filename}"
