"""What can go wrong with a token. No HTTP here: each edge translates once."""

from typing import Any


class APITokenError(Exception):
    """Base of every error that this app raises on purpose."""


class InvalidToken(APITokenError):
    """A presented token is refused.

    ``reason`` is a short code for the log (never for the client); ``public_id`` names the token
    when its row was found.
    """

    def __init__(self, reason: str, public_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.public_id = public_id


class NameTaken(APITokenError):
    """Another token of the same owner has this name, ignoring case."""


class TokenDeleted(APITokenError):
    """The token has been deleted, perhaps by somebody else a moment ago."""


class TokenNotUsable(APITokenError):
    """The token doesn't work now. ``reason`` is its state, or ``superseded``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenLimitReached(APITokenError):
    """The owner already has as many tokens as the policy allows."""


class LifetimeRefused(APITokenError):
    """The lifetime is outside 600 to 86400 whole seconds, or more than the policy allows."""


class OverlapRefused(APITokenError):
    """The old credential may go on for 0 seconds, 1 hour, 24 hours or 7 days, and no other span."""


class ScopeUnknown(APITokenError):
    """A scope that ``APITOKENS_SCOPES`` doesn't declare. ``name`` is it."""

    def __init__(self, name: Any) -> None:
        super().__init__(name)
        self.name = name


class NetworkInvalid(APITokenError):
    """Not an IPv4 or IPv6 address or network. ``text`` is what was given."""

    def __init__(self, text: Any) -> None:
        super().__init__(text)
        self.text = text


class AlreadyImported(APITokenError):
    """This secret of another package has a token of ours, perhaps a deleted one."""


class SecretEnded(APITokenError):
    """A secret of another package works no more: ``reason`` is ``revoked``, ``expired``,
    ``disabled`` (its person) or ``gone`` (nobody has it).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SecretUnusable(APITokenError):
    """A secret of another package can't be judged by what is stored of it. The text says why."""


class NotAllowed(APITokenError):
    """The person may not manage the tokens of this owner."""


class ActorInvalid(APITokenError):
    """Not what ``Actor.dump`` makes, or its token's row is gone. ``part`` says which part of it."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class KeyringError(APITokenError):
    """The signing keys are missing or unusable."""
