"""What flows out: endpoints, their secrets, events and deliveries; what flows in: connections,
records and messages.
"""

from integrations.models.inbound import Connection, ImportedRecord, ReceivedMessage
from integrations.models.outbound import (
    TEST,
    Attempt,
    CaseSequence,
    Delivery,
    Endpoint,
    EventType,
    Off,
    SigningSecret,
    WebhookEvent,
)

__all__ = [
    "TEST",
    "Attempt",
    "CaseSequence",
    "Connection",
    "Delivery",
    "Endpoint",
    "EventType",
    "ImportedRecord",
    "Off",
    "ReceivedMessage",
    "SigningSecret",
    "WebhookEvent",
]
