from accounts.security.models.event import EventsAreKept, SecurityEvent, unlocked_events
from accounts.security.models.password import FormerPassword
from accounts.security.models.policy import SecurityPolicy
from accounts.security.models.sso import SingleSignOn

__all__ = [
    "EventsAreKept",
    "FormerPassword",
    "SecurityEvent",
    "SecurityPolicy",
    "SingleSignOn",
    "unlocked_events",
]
