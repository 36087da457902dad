"""What an identity provider says of itself (OpenID Connect Discovery 1.0): will it do?"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from requests.exceptions import JSONDecodeError, RequestException, SSLError

from accounts.outgoing import guarded_session

WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

MESSAGES = {
    "not-https": _("The address has to begin with https://"),
    "unreachable": _("Nothing answers there. The address has to be a public one"),
    "certificate": _("The certificate there is not one that can be trusted"),
    "no-discovery": _("There is an answer, but no configuration of an identity provider"),
    "other-issuer": _("The configuration there names another issuer"),
    "no-https-inside": _("The configuration names addresses that don’t begin with https://"),
    "no-keys": _("Its signing keys can’t be read"),
}


class Unusable(RequestException):
    """Why an identity provider won't do: a reason of MESSAGES. *found* is the issuer that it names
    instead.
    """

    def __init__(self, reason, found=""):
        super().__init__(reason)
        self.reason, self.found = reason, found

    @property
    def message(self) -> str | Promise:
        return MESSAGES[self.reason]


@dataclass(frozen=True, slots=True)
class Probe:
    """A provider that answers as it should: how fast, and how many keys of which kinds."""

    issuer: str
    milliseconds: int
    keys: int
    algorithms: str


def probe(issuer):
    """Read all that a log-in would need. Raises Unusable."""
    started = time.perf_counter()
    configuration = configuration_of(issuer)
    milliseconds = int((time.perf_counter() - started) * 1000)
    keys = keys_of(configuration)["keys"]
    algorithms = sorted({str(key.get("alg") or key.get("kty")) for key in keys})
    return Probe(issuer, milliseconds, len(keys), ", ".join(algorithms))


def configuration_of(issuer):
    """The provider's configuration, in the name of this very issuer. Raises Unusable."""
    if not is_https(issuer):
        raise Unusable("not-https")
    found = read(issuer.rstrip("/") + WELL_KNOWN, "no-discovery")
    if "issuer" not in found:
        raise Unusable("no-discovery")
    if found["issuer"] != issuer:
        raise Unusable("other-issuer", str(found["issuer"])[:255])
    if not all(is_https(found.get(name)) for name in NEEDED):
        raise Unusable("no-https-inside")
    return found


def keys_of(configuration):
    """Its JWK set. Raises Unusable."""
    found = read(configuration["jwks_uri"], "no-keys")
    keys = found.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise Unusable("no-keys")
    return found


def read(address, otherwise):
    """The JSON object there. Raises Unusable, with the reason *otherwise* if there is none."""
    try:
        with guarded_session(settings.SSO_NETWORKS) as session:
            response = session.get(address)
            found = response.json()
    except (JSONDecodeError, RecursionError) as error:
        raise Unusable(otherwise) from error
    except SSLError as error:
        raise Unusable("certificate") from error
    except RequestException as error:
        raise Unusable("unreachable") from error
    if response.status_code != 200 or not isinstance(found, dict):
        raise Unusable(otherwise)
    return found


def is_https(address):
    try:
        url = urlsplit(address) if isinstance(address, str) else None
        return url is not None and url.scheme == "https" and bool(url.hostname)
    except ValueError:
        return False
