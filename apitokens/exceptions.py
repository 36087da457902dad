"""What can go wrong with a token. No HTTP here: each edge translates once."""


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
    """The token has expired or stopped: there is nothing worth copying. ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenLimitReached(APITokenError):
    """The owner already has as many tokens as the policy allows."""


class LifetimeRefused(APITokenError):
    """The lifetime is outside 600 to 86400 whole seconds, or more than the policy allows."""


class KeyringError(APITokenError):
    """The signing keys are missing or unusable."""
