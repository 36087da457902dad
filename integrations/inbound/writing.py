"""States of cases on their way back to where their candidates came from."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from candidates.models import Case
from candidates.signals import case_status_changed
from integrations.inbound.contract import Connector
from integrations.inbound.registry import CONNECTORS
from integrations.models import ImportedRecord


def writers() -> list[str]:
    """The kinds of systems that take a state."""
    return [
        kind
        for kind, connector in CONNECTORS.items()
        if connector.push_status is not Connector.push_status
    ]


def note_change(case: Case, **kwargs: Any) -> None:
    """Receiver, in the transaction that changes the case: a worker will write its state."""
    if case.candidate.added_from_id is None:
        return
    rows = ImportedRecord.objects.filter(candidate=case.candidate, connection__kind__in=writers())
    rows.update(write_at=timezone.now(), write_tries=0)


def status_in_words(row: ImportedRecord) -> str:
    """How the case stands by now, whatever it was when the change was noted."""
    status = row.candidate.case.get_status_display()  # type: ignore[union-attr]  # it is asked for
    return _("Background verification: %s") % status


def connect() -> None:
    case_status_changed.connect(note_change, dispatch_uid="integrations.inbound.writing")
