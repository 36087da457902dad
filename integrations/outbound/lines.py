"""A delivery as a line of the log that opens: what was sent, what came back, and when."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.models import Attempt, Delivery, Endpoint
from integrations.models.outbound import KEPT
from integrations.outbound.payload import thinned
from integrations.outbound.schedule import WAITS
from integrations.outbound.wording import ERRORS, failure_in_words

State = Delivery.State

LOOKS = {
    State.DELIVERED: ("green", "check-circle-fill"),
    State.FAILED: ("red", "x-circle-fill"),
    State.STOPPED: ("grey", "slash-circle"),
}
WAITING = ("sky", "clock")


@dataclass(frozen=True, slots=True)
class Line:
    """Of a delivery that was loaded with its event and attempts."""

    delivery: Delivery
    endpoint: Endpoint

    @property
    def event(self) -> Any:
        return self.delivery.event

    @property
    def attempts(self) -> list[Attempt]:
        return list(self.delivery.attempts.all())

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def word(self) -> str | Promise:
        """The last answer's code, or how it stands."""
        if self.delivery.state == State.STOPPED:
            return _("Stopped")
        if self.last is None:
            return _("Waiting")
        return str(self.last.status) if self.last.status else _("No answer")

    @property
    def look(self) -> tuple[str, str]:
        """Tone and icon."""
        if self.delivery.state == State.PENDING and self.last is not None:
            return LOOKS[State.FAILED]
        return LOOKS.get(State(self.delivery.state), WAITING)

    @property
    def tone(self) -> str:
        return self.look[0]

    @property
    def icon(self) -> str:
        return self.look[1]

    @property
    def when(self) -> datetime:
        return self.last.at if self.last else self.event.at

    @property
    def is_pending(self) -> bool:
        return self.delivery.state == State.PENDING

    @property
    def next_number(self) -> int:
        return self.delivery.failures + 1

    @property
    def most(self) -> int:
        return len(WAITS)

    @property
    def kept_until(self) -> datetime:
        return self.event.at + KEPT

    @property
    def told(self) -> list[tuple[Attempt, str]]:
        """Each attempt, with what came of it in words."""
        return [(attempt, failure_in_words(str(attempt.status or attempt.error)))
                for attempt in self.attempts]  # fmt: skip

    @property
    def sent(self) -> str:
        """The headers but the signature, and the body, indented for reading."""
        body = thinned(self.event.body) if self.endpoint.is_thin else self.event.body
        head = [f"webhook-id: {self.event.message_id}"]
        if self.last:
            head.append(f"webhook-timestamp: {int(self.last.at.timestamp())}")
        return "\n".join([*head, "content-type: application/json", "", indented(body)])

    @property
    def answered(self) -> str:
        if self.last is None:
            return ""
        return self.last.answer or str(ERRORS.get(self.last.error, ""))


def indented(body: str) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
