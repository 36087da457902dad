"""How the systems prove that a message is theirs. Each raises NotVerified, and says no more."""

import hashlib
import hmac

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations.inbound.contract import Incoming
from integrations.inbound.exceptions import NotVerified


def check_hmac(incoming: Incoming, header: str, secret: str, *, digest: str, prefix: str) -> None:
    """*header* holds *prefix* and the hexadecimal HMAC of the raw body."""
    expected = prefix + hmac.new(secret.encode(), incoming.body, digest).hexdigest()
    check_equal(incoming.headers.get(header, ""), expected, secret)


def check_header(incoming: Incoming, header: str, secret: str) -> None:
    """*header* holds the secret itself."""
    check_equal(incoming.headers.get(header, ""), secret, secret)


def check_equal(sent: str, expected: str, secret: str) -> None:
    same = hmac.compare_digest(sent.strip().encode(), expected.encode())
    if not secret or not same:
        raise NotVerified


def check_standard(incoming: Incoming, secret: str) -> str:
    """By Standard Webhooks, not older than five minutes: the message's id."""
    if not secret:
        raise NotVerified
    try:
        Webhook(secret).verify(incoming.body.decode(), dict(incoming.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise NotVerified from error
    return incoming.headers.get("webhook-id", "")


def digest_of(incoming: Incoming) -> str:
    """Tells a message that has no id of its own."""
    return hashlib.sha256(incoming.body).hexdigest()
