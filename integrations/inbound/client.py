"""How another system is asked: by the guarded session, again where that helps, JSON alone."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from requests.exceptions import JSONDecodeError, RequestException
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from accounts.outgoing import TooLarge, guarded_session
from integrations.inbound.exceptions import (
    Gone,
    RateLimited,
    Refused,
    Unexpected,
    Unreachable,
)

PATIENCE = 5
"""Seconds that a worker waits for; a longer Retry-After postpones the connection."""
LONGEST_WAIT = 6 * 60 * 60
pause = time.sleep  # a name of its own: tests replace the waiting, not all of time


class Again(Unreachable):
    """Worth another try, after ``seconds`` if the server says so."""

    def __init__(self, detail="", seconds=None):
        super().__init__(detail)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Answer:
    json: Any
    headers: Mapping[str, str]


class Client:
    """The API at *host*, which is a name that the code makes up: never an address that was typed.

    *headers* are asked for with each request, for tokens that run out; *turn* before it, for a
    system that allows so many.
    """

    def __init__(
        self, host: str, headers: Callable[[], Mapping[str, str]], attempts: int = 3,
        turn: Callable[[], None] = lambda: None,
    ):  # fmt: skip
        self.base = address_of(host)
        self.headers, self.attempts, self.turn = headers, attempts, turn

    def get(self, path: str, **params: Any) -> Answer:
        """Raises RemoteError."""
        for attempt in Retrying(
            stop=stop_after_attempt(self.attempts),
            retry=retry_if_exception_type(Again),
            wait=wait_for,
            sleep=lambda seconds: pause(seconds),
            reraise=True,
        ):
            with attempt:
                return self._ask("GET", path, params=params)
        raise Unreachable

    def send(self, method: str, path: str, **kwargs: Any) -> Answer:
        """A request that does something: tried once. Raises RemoteError."""
        return self._ask(method, path, **kwargs)

    def _ask(self, method: str, path: str, **kwargs: Any) -> Answer:
        self.turn()
        headers = {"Accept": "application/json", **self.headers()}
        try:
            with session_inside() as session:
                response = session.request(method, f"{self.base}{path}", headers=headers, **kwargs)
        except TooLarge as error:
            raise Unexpected("too large") from error
        except RequestException as error:
            raise Again(type(error).__name__) from error
        return answer_of(response)


def address_of(host):
    return settings.INTEGRATION_ADDRESSES.get(host, f"https://{host}")


def session_inside():
    return guarded_session(settings.INTEGRATION_NETWORKS)


def answer_of(response: Any) -> Answer:
    """The JSON of a good response. Raises RemoteError in the words of the other side."""
    status = response.status_code
    if status in (401, 403):
        raise Refused(said(response))
    if status in (404, 410):
        raise Gone(said(response))
    if status == 429 or status >= 500:
        raise waiting(status, said(response), wait_asked(response))
    if not 200 <= status < 300:
        raise Unexpected(said(response))
    if status == 204 or not response.content:
        return Answer(None, response.headers)
    return Answer(json_of(response), response.headers)


def waiting(status: int, detail: str, seconds: int | None) -> Exception:
    """Trouble over there: worth another try in a moment, or a matter for later."""
    if seconds is not None and seconds > PATIENCE:
        return RateLimited(detail, seconds)
    return Busy(detail, seconds) if status == 429 else Again(detail, seconds)


class Busy(RateLimited, Again):
    """429 that is over in a moment; when it isn't, it postpones like any other."""

    def __init__(self, detail="", seconds=None):
        RateLimited.__init__(self, detail, seconds or 60)
        self.asked = seconds


def json_of(response: Any) -> Any:
    """A refused call can be 200 with a page for people: then it is none."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Unexpected(f"{response.status_code} {kind or 'without a type'}")
    try:
        return response.json()
    except (JSONDecodeError, RecursionError, UnicodeError) as error:
        raise Unexpected(f"{response.status_code} without JSON") from error


def said(response: Any) -> str:
    """The status and, in short, the message of an answer that isn't good."""
    try:
        body = response.json()
    except (RequestException, RecursionError, UnicodeError):
        return str(response.status_code)
    return f"{response.status_code} {message_in(body)}".strip()


def message_in(body: Any) -> str:
    """Where the systems put their words."""
    if not isinstance(body, dict):
        return ""
    for name in ("Message", "message", "error_description", "error", "code"):
        if isinstance(body.get(name), str):
            return str(body[name])
    errors = body.get("errors")
    return message_in(errors[0]) if isinstance(errors, list) and errors else ""


def wait_asked(response: Any) -> int | None:
    """Retry-After in seconds, however it is written."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return int(min(max((moment - timezone.now()).total_seconds(), 0), LONGEST_WAIT))


def wait_for(state: Any) -> float:
    """As long as was asked for, within PATIENCE; else a second, then two."""
    error = state.outcome.exception()
    asked = getattr(error, "asked", None) if isinstance(error, Busy) else error.seconds
    return float(min(state.attempt_number if asked is None else asked, PATIENCE))
