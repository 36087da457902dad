"""A candidate is erased: what came about them from elsewhere goes, and comes no second time."""

from typing import Any

from django.db.models import Q

from candidates.models import Candidate
from candidates.signals import candidate_erased
from integrations.models import Connection, ImportedRecord

NOTHING: dict[str, Any] = {"data": {}, "edits": {}, "detail": "", "stage": ""}


def connect() -> None:
    candidate_erased.connect(forget, dispatch_uid="integrations.inbound.forget")


def forget(candidate: Candidate, **kwargs: Any) -> None:
    """Receiver. The number over there stays in the record: without it they would be added anew.

    Records about the same person that wait for somebody are dismissed; the previews of their
    connections, which may be about anybody, go too.
    """
    records = ImportedRecord.objects.filter(connection__company=candidate.company_id)
    theirs = records.filter(candidate=candidate)
    waiting = records.filter(same_person(candidate), state=ImportedRecord.State.ATTENTION)
    keys = [row.connection_id for row in theirs.union(waiting)]
    theirs.update(**NOTHING)
    waiting.update(state=ImportedRecord.State.DISMISSED, reason="", **NOTHING)
    Connection.objects.filter(pk__in=keys).update(encrypted_last_body="", last_body_at=None)


def same_person(candidate: Candidate) -> Q:
    same = Q(other=candidate)
    for name in ("email", "phone"):
        if value := getattr(candidate, name):
            same |= Q(**{f"data__{name}__iexact": value}) | Q(**{f"edits__{name}__iexact": value})
    return same
