"""What an Admin does with records that wait: put right, try again, dismiss."""

from typing import Any

from django.db import transaction

from integrations.inbound.contract import Record
from integrations.inbound.importing import data_of, try_to_add
from integrations.inbound.opening import class_of, connector_of
from integrations.models import ImportedRecord

State = ImportedRecord.State


def waiting_for(company: Any) -> Any:
    """Those of *company* that need attention, newest first."""
    rows = ImportedRecord.objects.filter(
        connection__company=company, state=ImportedRecord.State.ATTENTION
    )
    return rows.select_related("connection__source").order_by("-pk")


def retry(row: ImportedRecord) -> ImportedRecord:
    """Try again with what they are over there by now. Raises RemoteError, Unreadable."""
    return again(row.pk, **seen_again(row))


def seen_again(row: ImportedRecord) -> dict[str, Any]:
    """What the other system says of them now, where it can be asked."""
    if not class_of(row.connection).fetches:
        return {}
    connector = connector_of(row.connection, attempts=1)
    return {"record": connector.fetch(row.external_id)}


@transaction.atomic
def again(pk: int, **seen: Record | None) -> ImportedRecord:
    """Whoever is not to be imported any more is dismissed; one that waits no more is left alone."""
    row = locked_row(pk)
    if not row.waits:
        return row
    if "record" not in seen:
        return try_to_add(row)
    record = seen["record"]
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
    row.data, row.edits = {}, {}
    row.save()
    return row


def locked_row(pk: int) -> ImportedRecord:
    rows = ImportedRecord.objects.select_for_update(of=("self",))
    return rows.select_related("connection__company", "connection__source").get(pk=pk)
