"""What an Admin does with records that wait: put right, try again, dismiss, bring back."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.inbound.contract import Connector, Record
from integrations.inbound.importing import data_of, try_to_add
from integrations.inbound.opening import class_of, connector_of
from integrations.models import Connection, ImportedRecord

State, Reason = ImportedRecord.State, ImportedRecord.Reason


def waiting_for(company: Any) -> Any:
    """Those of *company* that need attention, newest first."""
    rows = ImportedRecord.objects.for_company(company).waiting()
    return rows.select_related("connection__source").order_by("-pk")


def ended_for(company: Any) -> Any:
    """Those of *company* that needed attention and don't any more, newest first."""
    rows = ImportedRecord.objects.for_company(company).ended()
    return rows.select_related("connection__source", "candidate").order_by("-pk")


def found(rows: Any, text: str) -> Any:
    """Those whose name or e-mail has *text* in it, or whose id over there begins with it."""
    said = Q(external_id__istartswith=text) | Q(candidate__name__icontains=text)
    for name in ("name", "email"):
        said |= Q(**{f"data__{name}__icontains": text}) | Q(**{f"edits__{name}__icontains": text})
    return rows.filter(said)


def retry(row: ImportedRecord, connector: Connector | None = None) -> ImportedRecord:
    """Try again with what they are over there by now. Raises RemoteError, Unreadable."""
    return again(row.pk, **seen_again(row, connector))


def seen_again(row: ImportedRecord, connector: Connector | None = None) -> dict[str, Any]:
    """What the other system says of them now, where it can be asked."""
    if not class_of(row.connection).fetches:
        return {}
    connector = connector or connector_of(row.connection, attempts=1)
    return {"record": connector.fetch(row.external_id)}


def retry_all(rows: Any) -> int:
    """Have a worker try all of these *rows* that wait; how many."""
    keys = rows.order_by().values("pk")
    waiting = ImportedRecord.objects.waiting().filter(pk__in=keys)
    return int(waiting.update(retry_at=timezone.now()))


@transaction.atomic
def again(pk: int, **seen: Record | None) -> ImportedRecord:
    """Whoever is not to be imported any more is dismissed; one that waits no more is left alone."""
    row = locked_row(pk)
    if not row.waits:
        return row
    return with_seen(row, **seen) if seen else try_to_add(row)


def with_seen(row: ImportedRecord, *, record: Record | None) -> ImportedRecord:
    if record is None:
        return forget(row)
    row.data = data_of(record)
    return try_to_add(row)


@transaction.atomic
def edit(pk: int, edits: dict[str, Any]) -> ImportedRecord:
    """Keep what was put right by hand, and try again with it."""
    row = locked_row(pk)
    if row.waits:
        row.edits = {**row.edits, **edits}
        try_to_add(row)
    return row


@transaction.atomic
def dismiss(pk: int) -> ImportedRecord:
    row = locked_row(pk)
    return forget(row) if row.waits else row


def forget(row: ImportedRecord) -> ImportedRecord:
    """Nothing more is kept than that they were there."""
    row.state, row.reason, row.detail, row.other = State.DISMISSED, "", "", None
    row.data, row.edits, row.retry_at = {}, {}, None
    row.save()
    return row


@transaction.atomic
def bring_back(pk: int, **seen: Record | None) -> ImportedRecord:
    """One that was dismissed is tried with what was seen of them, or waits until they are.

    Where nobody can be asked for by id, all are read at the next poll.
    """
    row = locked_row(pk)
    if row.state != State.DISMISSED:
        return row
    if seen:
        return with_seen(row, **seen)
    row.state, row.reason = State.ATTENTION, Reason.DETAILS
    row.detail = _("Brought back: what was known of them had been forgotten")
    row.save()
    connector = class_of(row.connection)
    if connector.polls and not connector.fetches:
        Connection.objects.filter(pk=row.connection_id).update(cursor={})
    return row


def locked_row(pk: int) -> ImportedRecord:
    rows = ImportedRecord.objects.select_for_update(of=("self",))
    return rows.select_related("connection__company", "connection__source").get(pk=pk)
