"""Events and their deliveries are written in the transaction that changed the state."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from candidates.models import Candidate, Case
from candidates.reports.content import has_report
from candidates.signals import (
    candidate_erased,
    candidates_added,
    case_status_changed,
    report_changed,
)
from integrations.models import CaseSequence, Delivery, Endpoint, EventType, WebhookEvent
from integrations.outbound.deliveries import drop
from integrations.outbound.payload import body_of

Happening = tuple[EventType, Candidate]


def connect() -> None:
    candidates_added.connect(note_added, dispatch_uid="integrations.outbound.note_added")
    case_status_changed.connect(note_status, dispatch_uid="integrations.outbound.note_status")
    report_changed.connect(note_report, dispatch_uid="integrations.outbound.note_report")
    candidate_erased.connect(forget, dispatch_uid="integrations.outbound.forget")


def note_added(candidates: Sequence[Candidate], **kwargs: Any) -> None:
    """Receiver."""
    write([(EventType.ADDED, candidate) for candidate in candidates])


def note_status(case: Case, **kwargs: Any) -> None:
    """Receiver: the state, the end, and the report that is there from then on."""
    happened = [EventType.STATUS_CHANGED]
    if case.is_finished:
        happened.append(EventType.COMPLETED)
    if has_report(case.candidate):
        happened.append(EventType.REPORT_READY)
    write([(event_type, case.candidate) for event_type in happened])


def note_report(case: Case, **kwargs: Any) -> None:
    """Receiver: whoever has the report already is to read it anew."""
    if has_report(case.candidate):
        write([(EventType.REPORT_READY, case.candidate)])


def forget(candidate: Candidate, **kwargs: Any) -> None:
    """Receiver: bodies and answers tell the name, so what was sent goes, and what wasn't yet."""
    drop(WebhookEvent.objects.filter(candidate=candidate))


def write(happened: Sequence[Happening]) -> None:
    """What *happened* to candidates of one company, for the endpoints that want to know it.

    Those that are switched off too: it is kept for them. Five queries for any number.
    """
    if not happened:
        return
    endpoints = list(Endpoint.objects.for_company(happened[0][1].company_id))
    wanted = [(kind, candidate) for kind, candidate in happened if anybody_wants(kind, endpoints)]
    if not wanted:
        return
    events = WebhookEvent.objects.bulk_create(numbered(wanted))
    Delivery.objects.bulk_create(
        Delivery(event=event, endpoint=endpoint, next_attempt_at=event.at)
        for event in events
        for endpoint in endpoints
        if endpoint.wants(event.type)
    )


def anybody_wants(event_type: EventType, endpoints: Sequence[Endpoint]) -> bool:
    return any(endpoint.wants(event_type) for endpoint in endpoints)


def numbered(happened: Sequence[Happening]) -> list[WebhookEvent]:
    """Events with the next numbers of their cases, which the caller has locked or just made."""
    now = timezone.now()
    keys = {candidate.pk for _kind, candidate in happened}
    last = dict(CaseSequence.objects.filter(pk__in=keys).values_list("pk", "last"))
    events = []
    for kind, candidate in happened:
        number = last[candidate.pk] = last.get(candidate.pk, 0) + 1
        events.append(
            WebhookEvent(
                company_id=candidate.company_id, type=kind, candidate=candidate, sequence=number,
                body=body_of(kind, candidate, number, now), at=now,
            )
        )  # fmt: skip
    CaseSequence.objects.bulk_create(
        [CaseSequence(case_id=key, last=number) for key, number in last.items()],
        update_conflicts=True, update_fields=["last"], unique_fields=["case"],
    )  # fmt: skip
    return events
