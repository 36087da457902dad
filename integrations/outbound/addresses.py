"""Where an endpoint may stand: an https address at a public place, and nothing in it but that."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from accounts.outgoing import check_public

MESSAGES = {
    "https": _("Enter an address that begins with https://"),
    "credentials": _("Leave user name and password out of the address"),
    "fragment": _("Leave out # and what follows it"),
    "port": _("Only port %(ports)s is called"),
    "unreachable": _("There is no public place of this name"),
}


class AddressRefused(ValueError):
    """No address that is called: ``message`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def message(self) -> str | Promise:
        return MESSAGES[self.reason] % {"ports": in_words(settings.WEBHOOK_PORTS)}


def in_words(ports: Iterable[int]) -> str:
    return ", ".join(map(str, ports))


def check_form(url: str) -> tuple[str, int]:
    """(host, port) of an address that may be called, if its place may. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError as error:
        raise AddressRefused("https") from error
    if parts.scheme != "https" or not host or not url.isprintable() or " " in url:
        raise AddressRefused("https")
    if "@" in parts.netloc:
        raise AddressRefused("credentials")
    if "#" in url:
        raise AddressRefused("fragment")
    if port not in settings.WEBHOOK_PORTS:
        raise AddressRefused("port")
    return host, port


def check_address(url: str) -> None:
    """Its form, and where it stands now. Raises AddressRefused."""
    host, port = check_form(url)
    try:
        check_public(host, port, settings.WEBHOOK_NETWORKS)
    except RequestException as error:
        raise AddressRefused("unreachable") from error
