from accounts.security.models.event import EventsAreKept, SecurityEvent, unlocked_events
from accounts.security.models.password import FormerPassword
from accounts.security.models.policy import SecurityPolicy

__all__ = [
    "EventsAreKept",
    "FormerPassword",
    "SecurityEvent",
    "SecurityPolicy",
    "unlocked_events",
]
