"""The one contract of connectors: what pages, worker and tests know of another system.

A connector is a class in a file of its own; ``registry.py`` is the one other file that names it.
It reads no field that the candidate's form doesn't need.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.functional import Promise

from integrations.inbound.exceptions import NotReadable, NotSupported, Unexpected

Words = str | Promise
LONGEST_ID = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A person over there, as far as they are needed here. All texts are as they came.

    *stages* and *categories* are keys of what ``stages()`` and ``categories()`` list, the most
    telling first. Who is rejected or disqualified becomes no Record.
    """

    external_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    employee_id: str = ""
    uan_number: str = ""
    stages: tuple[str, ...] = ()
    stage_name: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A stage or category that can be mapped to a package."""

    key: str
    name: Words
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records and, where the system can be read on from here, the cursor to do so."""

    records: list[Record]
    cursor: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A message that was proven: its *id* for telling repeats, and of whom it speaks.

    *record* is what it says of them where it is all that there is; else they are fetched. Without
    *external_id* it is of no interest here.
    """

    id: str
    external_id: str = ""
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came: headers (in any case) and body, not yet proven to be anything."""

    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises NotReadable."""
        try:
            found = json.loads(self.body.decode())
        except (ValueError, RecursionError) as error:
            raise NotReadable from error
        if not isinstance(found, dict):
            raise NotReadable
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the form that connects. A *secret* is encrypted and never shown again; with
    *generated* one that is left empty is made here, and shown once.
    """

    name: str
    label: Words
    hint: Words = ""
    secret: bool = False
    required: bool = True
    generated: str = ""
    prefix: str = ""
    suffix: str = ""
    pattern: str = ""
    choices: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls within so many seconds, whenever these begin."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Options:
    """What a connection says besides its credentials."""

    since: datetime
    with_categories: bool = False
    pointers: Mapping[str, str] = field(default_factory=dict)


class Connector:
    """Another system, seen with one connection's credentials."""

    do_not_call_in_templates = True
    kind: ClassVar[str]
    word: ClassVar[str]
    """As it stands before the bracket of the label."""
    monogram: ClassVar[str]
    summary: ClassVar[Words]
    """What flows."""
    needs: ClassVar[Words]
    steps: ClassVar[tuple[Words, ...]]
    """Where to find what is needed, over there."""
    reads: ClassVar[tuple[tuple[Words, Words], ...]]
    """What is read, and what for."""
    ends: ClassVar[Words] = ""
    """When its vendor switches it off, for the card."""
    note: ClassVar[Words] = ""
    fields: ClassVar[tuple[Field, ...]]
    polls: ClassVar[bool] = False
    fetches: ClassVar[bool] = False
    receives: ClassVar[bool] = False
    """Whether messages are taken at the connection's address."""
    keeps_last_body: ClassVar[bool] = False
    """Whether the last message is kept for a while, for an Admin to say what is what in it."""
    hook_header: ClassVar[str] = ""
    """In which a message brings the secret itself, where nothing is signed."""
    skips_those_there: ClassVar[bool] = True
    """Whether who is there at the start would be taken for new by ``poll``."""
    limit: ClassVar[Limit | None] = None
    """How much its vendor allows; only for one whose ``poll`` goes on where it was cut short."""
    no_status: ClassVar[Words] = ""
    """Why states aren't written back, where they are not."""

    def __init__(
        self, credentials: Mapping[str, str], options: Options, *, attempts: int = 3,
        turn: Callable[[], None] = lambda: None,
    ):  # fmt: skip
        """*turn* is asked before each call, and raises RateLimited when it has to wait."""
        self.credentials, self.options, self.attempts = credentials, options, attempts
        self.turn = turn

    def test(self) -> Iterator[Words]:
        """What works, in words, one after the other. Raises RemoteError where it ends."""
        raise NotSupported

    def stages(self) -> list[Choice]:
        """As they are over there now. Raises RemoteError."""
        raise NotSupported

    def categories(self) -> list[Choice]:
        """As far as the system lists them. Raises RemoteError."""
        return []

    def poll(self, cursor: dict[str, Any]) -> Iterator[Batch]:
        """Everybody who is new since *cursor*, perhaps more than once. Raises RemoteError."""
        raise NotSupported

    def sample(self, last_body: Any = None) -> list[Record]:
        """Some who are there now, by one page at most; where nobody can be asked, whoever the last
        message speaks of. Raises RemoteError.
        """
        return next(iter(self.poll({})), Batch([])).records

    def fetch(self, external_id: str) -> Record | None:
        """That person as they are now; None: not to be imported. Raises RemoteError."""
        raise NotSupported

    def verify(self, incoming: Incoming) -> Event:
        """Raises NotVerified; NotReadable for what is proven and no message."""
        raise NotSupported

    def subscribe(self, address: str, secret: str) -> str:
        """Have messages sent to *address*; the id of that over there. Raises RemoteError."""
        raise NotSupported

    def unsubscribe(self, subscription: str) -> None:
        raise NotSupported

    def push_status(self, external_id: str, text: str) -> None:
        """Write over there how the case stands. Raises RemoteError."""
        raise NotSupported


def text_of(value: Any) -> str:
    """A text, or a number that stands where one should; anything else is none."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def id_of(value: Any) -> str:
    """The key of a record. Raises Unexpected."""
    found = text_of(value)
    if not found or len(found) > LONGEST_ID or not found.isprintable():
        raise Unexpected("no id")
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of what should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def first_text(values: Iterable[Any]) -> str:
    return next((found for value in values if (found := text_of(value))), "")


def full_name(*parts: Any) -> str:
    return " ".join(found for part in parts if (found := text_of(part)))


def key_of(kind: str, name: Any) -> str:
    """The key of a stage or category that is known by its name."""
    return " ".join(f"{kind}:{text_of(name)}".casefold().split())
