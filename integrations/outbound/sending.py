"""One request to one endpoint: what was sent, and what came of it. No database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy

from django.conf import settings
from django.utils import timezone
from requests import RequestException, Response, Session
from requests.exceptions import SSLError, Timeout
from requests_hardened.ip_filter import InvalidIPAddress

from accounts.outgoing import Limits, guarded_session
from integrations.outbound.addresses import AddressRefused, check_form
from integrations.outbound.schedule import retry_after
from integrations.outbound.signing import headers_of

LIMITS = Limits(seconds=15, connect=5, largest=4096, cuts=True)
KEPT_OF_AN_ANSWER = 1024
SHOWN_HEADERS = ("content-type", "retry-after", "location")
IDLE_SECONDS = 60
"""So long a connection is kept for the next message."""


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that this worker has, until its lease ends."""

    delivery_id: int
    endpoint_id: int
    lease: str
    url: str
    message_id: str
    body: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status`` of the answer, or the ``error`` that there was instead."""

    job: Job
    at: datetime
    milliseconds: int = 0
    status: int | None = None
    error: str = ""
    answer: str = field(default="", repr=False)
    asked_to_wait: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def in_short(self) -> str:
        return str(self.status) if self.status else self.error


class Sessions:
    """Sessions by endpoint, each used by one thread at a time, and kept for a while."""

    def __init__(self) -> None:
        self._idle: dict[int, list[tuple[float, Session]]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def of(self, endpoint_id: int) -> Iterator[Session]:
        with self._lock:
            idle = self._idle.get(endpoint_id)
            session = idle.pop()[1] if idle else None
        session = session or new_session()
        yield session
        with self._lock:
            self._idle.setdefault(endpoint_id, []).append((time.monotonic(), session))

    def close_idle(self, seconds: float = IDLE_SECONDS) -> None:
        oldest = time.monotonic() - seconds
        with self._lock:
            entries = [(key, e) for key, idle in self._idle.items() for e in idle]
            self._idle = {}
            for key, entry in entries:
                if entry[0] >= oldest:
                    self._idle.setdefault(key, []).append(entry)
        for _key, (used_at, session) in entries:
            if used_at < oldest:
                session.close()


def new_session() -> Session:
    session: Session = guarded_session(settings.WEBHOOK_NETWORKS, LIMITS)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def send(job: Job, sessions: Sessions) -> Outcome:
    """Send it once. Whatever goes wrong is an Outcome."""
    if not job.secrets:
        return Outcome(job, timezone.now(), error="secret")
    at, started = timezone.now(), time.monotonic()
    try:
        check_form(job.url)
        with sessions.of(job.endpoint_id) as session:
            response = post(session, job, at)
    except AddressRefused:
        return Outcome(job, at, error="address")
    except RequestException as error:
        return Outcome(job, at, milliseconds_since(started), error=in_short(error))
    return Outcome(
        job, at, milliseconds_since(started), response.status_code, answer=in_words(response),
        asked_to_wait=retry_after(response.headers.get("Retry-After"), timezone.now()),
    )  # fmt: skip


def post(session: Session, job: Job, at: datetime) -> Response:
    headers = headers_of(job.message_id, at, job.body, job.secrets)
    headers["Content-Type"] = "application/json"
    return session.post(job.url, data=job.body.encode(), headers=headers)


def milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def in_short(error: RequestException) -> str:
    """A reason of wording.ERRORS."""
    match error:
        case InvalidIPAddress():
            return "address"
        case SSLError():
            return "certificate"
        case Timeout():
            return "timeout"
    return "unreachable"


def in_words(response: Response) -> str:
    """The beginning of an answer, as the log shows it."""
    shown = [(name, response.headers[name]) for name in SHOWN_HEADERS if name in response.headers]
    head = [f"HTTP {response.status_code} {response.reason or ''}".rstrip()]
    head += [f"{name}: {value[:200]}" for name, value in shown]
    body = response.content[:KEPT_OF_AN_ANSWER].decode("utf-8", "replace")
    return "\n".join([*head, "", body]).replace("\x00", "�")
