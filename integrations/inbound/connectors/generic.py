"""Any system that can send a signed webhook: JSON pointers say where in its message is what.

By Standard Webhooks, or by ``sha256=<hex>`` in a header of any name for senders that can do no
better. The body is signed and is all that there is, so it is taken at its word.
"""

from typing import Any

from django.utils.translation import gettext_lazy

from integrations.inbound.contract import (
    LONGEST_ID,
    Choice,
    Connector,
    Event,
    Field,
    Incoming,
    Record,
    key_of,
    text_of,
)
from integrations.inbound.pointers import found_at
from integrations.inbound.signatures import check_hmac, check_standard, digest_of

EVERY = "message"
EVERY_NAME = gettext_lazy("Every message")
STANDARD, NAMED = "standard", "header"

POINTERS = (
    ("external_id", gettext_lazy("Id of the person"), "/id"),
    ("name", gettext_lazy("Name"), "/name"),
    ("last_name", gettext_lazy("Last name, if it stands apart"), ""),
    ("email", gettext_lazy("E-mail"), "/email"),
    ("phone", gettext_lazy("Mobile"), "/phone"),
    ("employee_id", gettext_lazy("Employee id"), ""),
    ("uan_number", gettext_lazy("UAN"), ""),
    ("category", gettext_lazy("What chooses the package"), ""),
)
"""(name, label, example) of what can be found in a message; the first two have to be."""


class Generic(Connector):
    kind, word, monogram = "generic", "Generic", "{ }"
    summary = gettext_lazy("Any system that can send a signed webhook")
    needs = gettext_lazy("Needs a system that sends JSON")
    steps = (
        gettext_lazy("Connect here, and copy the address and the secret"),
        gettext_lazy("Enter both in the other system, and have it send a test message"),
        gettext_lazy("Say where in that message the name, the e-mail and the mobile stand"),
    )
    reads = (
        (gettext_lazy("What your pointers find"), gettext_lazy("To add the candidate")),
        (
            gettext_lazy("The last message as a whole"),
            gettext_lazy("Kept for 7 days, as a preview"),
        ),
    )
    fields = (
        Field(
            name="scheme", label=gettext_lazy("How messages are signed"),
            choices=(
                (STANDARD, gettext_lazy("Standard Webhooks")),
                (NAMED, gettext_lazy("SHA-256 in a header")),
            ),
        ),
        Field(
            name="header", label=gettext_lazy("Name of that header"), required=False,
            pattern="header", hint=gettext_lazy("For SHA-256 alone, such as X-Signature"),
        ),
        Field(
            name="hook_secret", label=gettext_lazy("Secret"), secret=True, required=False,
            generated="whsec", hint=gettext_lazy("Leave empty, and we make one"),
        ),
    )  # fmt: skip
    receives = True
    skips_those_there = False
    keeps_last_body = True
    no_status = gettext_lazy("Use our webhooks for the way back")

    def stages(self) -> list[Choice]:
        return [Choice(EVERY, EVERY_NAME)]

    def verify(self, incoming: Incoming) -> Event:
        secret = self.credentials.get("hook_secret", "")
        if self.credentials.get("scheme") == NAMED:
            header = self.credentials.get("header") or "X-Signature"
            check_hmac(incoming, header, secret, digest="sha256", prefix="sha256=")
            key = digest_of(incoming)
        else:
            key = check_standard(incoming, secret)[:LONGEST_ID]
        record = self.record_of(incoming.json())
        return Event(key, record.external_id if record else "", record)

    def sample(self, last_body: Any = None) -> list[Record]:
        record = None if last_body is None else self.record_of(last_body)
        return [record] if record else []

    def record_of(self, body: Any) -> Record | None:
        """What the pointers find; None while there are none, or nobody is there."""
        pointers = self.options.pointers
        found = {name: text_of(found_at(pointer, body)) for name, pointer in pointers.items()}
        key = found.pop("external_id", "")
        if not key or len(key) > LONGEST_ID or not key.isprintable():
            return None
        category, last_name = found.pop("category", ""), found.pop("last_name", "")
        name = " ".join(part for part in (found.pop("name", ""), last_name) if part)
        return Record(
            external_id=key, name=name, stages=(EVERY,), stage_name=str(EVERY_NAME),
            categories=(key_of("value", category),) if category else (), **found,
        )  # fmt: skip
