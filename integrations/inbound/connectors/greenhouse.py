"""Greenhouse: who is hired, by its signed webhook alone.

Harvest v1 and v2, which took a pasted key, ended on 31 Aug 2026. The body is signed and is all that
there is, so it is taken at its word.
"""

from typing import Any

from django.utils.translation import gettext_lazy

from integrations.inbound.contract import (
    Choice,
    Connector,
    Event,
    Field,
    Incoming,
    Record,
    first_text,
    full_name,
    id_of,
    key_of,
    object_of,
    objects,
    text_of,
)
from integrations.inbound.exceptions import NotReadable, Unexpected
from integrations.inbound.signatures import check_hmac, digest_of

HIRED = "hired"
HIRED_NAME = gettext_lazy("Hired")


class Greenhouse(Connector):
    kind, word, monogram = "greenhouse", "Greenhouse", "Gh"
    summary = gettext_lazy("Takes candidates when they are hired, by signed webhook")
    needs = gettext_lazy("Needs a webhook secret")
    steps = (
        gettext_lazy("Greenhouse → Configure → Dev Center → Web Hooks"),
        gettext_lazy("Add a web hook: When “Candidate or Prospect hired”"),
        gettext_lazy("Enter the address and the secret key that you see here next"),
    )
    reads = (
        (gettext_lazy("Name, e-mail, phone"), gettext_lazy("To add the candidate")),
        (gettext_lazy("Tags"), gettext_lazy("To choose the package")),
        (gettext_lazy("All else in the message"), gettext_lazy("Never kept")),
    )
    fields = (
        Field(
            name="hook_secret", label=gettext_lazy("Secret key"), secret=True, required=False,
            generated="plain", hint=gettext_lazy("Leave empty, and we make one"),
        ),
    )  # fmt: skip
    receives = True
    skips_those_there = False
    no_status = gettext_lazy("Writing to Greenhouse needs its Harvest v3, by OAuth")

    def stages(self) -> list[Choice]:
        return [Choice(HIRED, HIRED_NAME)]

    def verify(self, incoming: Incoming) -> Event:
        secret = self.credentials.get("hook_secret", "")
        check_hmac(incoming, "Signature", secret, digest="sha256", prefix="sha256 ")
        body = incoming.json()
        key = incoming.headers.get("Greenhouse-Event-ID", "")[:128] or digest_of(incoming)
        if body.get("action") != "candidate_hired":
            return Event(key)
        record = record_of(object_of(body.get("payload")))
        return Event(key, record.external_id, record)


def record_of(payload: dict[str, Any]) -> Record:
    """Raises NotReadable."""
    application = object_of(payload.get("application"))
    person = object_of(application.get("candidate")) or object_of(payload.get("candidate"))
    tags = person.get("tags") if isinstance(person.get("tags"), list) else []
    try:
        key = id_of(person.get("id"))
    except Unexpected as error:
        raise NotReadable from error
    return Record(
        external_id=key,
        name=full_name(person.get("first_name"), person.get("last_name")),
        email=first_text(found.get("value") for found in objects(person.get("email_addresses"))),
        phone=first_text(found.get("value") for found in objects(person.get("phone_numbers"))),
        stages=(HIRED,),
        stage_name=str(HIRED_NAME),
        categories=tuple(key_of("tag", tag) for tag in tags or [] if text_of(tag)),
    )
