"""The cards: what is connected and how it fares, and what could be."""

from dataclasses import dataclass

from django.db.models import Count, Q

from integrations.inbound.contract import Connector
from integrations.inbound.exceptions import words_of
from integrations.inbound.opening import class_of
from integrations.inbound.registry import CONNECTORS
from integrations.inbound.views.base import IntegrationsPage
from integrations.models import Connection, ImportedRecord

State = ImportedRecord.State


@dataclass(frozen=True, slots=True)
class Card:
    """One connection as its card shows it."""

    connection: Connection
    connector: type[Connector]

    @property
    def error(self):
        return words_of(self.connection.error_code) if self.connection.error_code else ""

    @property
    def state(self):
        """Which badge."""
        if not self.connection.started_at:
            return "setup"
        if self.error:
            return "failing"
        if self.connection.waiting:
            return "attention"
        return "working" if self.heard_at else "waiting"

    @property
    def heard_at(self):
        moments = (self.connection.last_success_at, self.connection.last_message_at)
        return max((moment for moment in moments if moment), default=None)


def counted(connections):
    """With how many they added, and how many wait."""
    return connections.select_related("source").annotate(
        added=Count("records", filter=Q(records__state=State.ADDED)),
        waiting=Count("records", filter=Q(records__state=State.ATTENTION)),
    )


class Connections(IntegrationsPage):
    template_name = "integrations/inbound/list.html"

    def get_context_data(self, **kwargs):
        rows = counted(Connection.objects.for_company(self.company)).order_by("pk")
        return super().get_context_data(
            cards=[Card(row, class_of(row)) for row in rows],
            available=CONNECTORS.values(),
            **kwargs,
        )
