"""What flows out: endpoints, their secrets, events and deliveries."""

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
    "Delivery",
    "Endpoint",
    "EventType",
    "Off",
    "SigningSecret",
    "WebhookEvent",
]
