"""Requests to addresses that a company's Admin gave: the server must not be sent where it likes.

https alone, and public addresses alone: a name is looked up once and connected to as looked up,
with the certificate of the name; requests-hardened does that. No redirects, SECONDS in all after
the look-up, LARGEST bytes of an answer; or as other Limits say.
"""

import io
import socket
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError, InvalidURL, RequestException, Timeout
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import filter_host
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

SECONDS = 5
CONNECT_SECONDS = 2
LARGEST = 512 * 1024

CONFIG = Config(
    ip_filter_enable=True,
    ip_filter_allow_loopback_ips=False,
    never_redirect=True,
    default_timeout=(CONNECT_SECONDS, SECONDS),
    user_agent_override="SV Portal",
)


class TooLarge(RequestException):
    """The answer has more bytes than are read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """*seconds* in all, *connect* of them to connect; *largest* bytes of an answer are read, and
    what has more is cut there if *cuts*, an error if not.
    """

    seconds: float
    connect: float
    largest: int
    cuts: bool = False


def guarded_session(networks=(), limits=None):
    """A session of ``requests`` for such addresses. Private ones work in *networks* only, in CIDR.

    Whatever goes wrong is a RequestException. It keeps its connections, each to an address that is
    looked up and checked anew for every request; one thread at a time may use it.
    """
    limits = limits or Limits(SECONDS, CONNECT_SECONDS, LARGEST)
    session = HTTPSession(CONFIG)
    session.auth = without_credentials
    del session.adapters["http://"]
    session.mount("https://", GuardedAdapter([ip_network(n) for n in networks], limits))
    return session


def check_public(host, port, networks=()):
    """Whether it leads to where a session with these *networks* may go. Raises RequestException."""
    adapter = GuardedAdapter([ip_network(network) for network in networks], None)
    try:
        if adapter.address_inside(host, port) is None:
            filter_host(host, port, allow_loopback=False)
    except ValueError as error:  # a name that no look-up takes
        raise InvalidURL(error) from error


def without_credentials(request):
    """In place of those that the server's own ~/.netrc may have for the host."""
    return request


class GuardedAdapter(IPFilterAdapter):
    def __init__(self, networks, limits):
        super().__init__(is_https_proto=True)
        self.networks, self.limits = networks, limits
        self.ends_at = 0.0
        self.contexts = {}

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        limits = self.limits
        self.ends_at = time.monotonic() + limits.seconds
        request.headers["Accept-Encoding"] = "identity"  # a small answer can't become a large one
        timeout = (limits.connect, limits.seconds)
        response = super().send(request, True, timeout, verify, cert, proxies)
        with told(request), response.raw as raw:
            body = raw.read(limits.largest + 1, decode_content=False)
        if len(body) > limits.largest and not limits.cuts:
            raise TooLarge(request=request)
        response.raw = io.BytesIO(body[: limits.largest])
        return response

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        try:
            host_params, pool_kwargs = self.pinned(request, verify, cert)
        except ValueError as error:  # a name that no look-up takes
            raise InvalidURL(error, request=request) from error
        return host_params, {**pool_kwargs, "ssl_context": self.context_for(verify)}

    def context_for(self, verify):
        """One for all requests, so that connections can be kept; whatever *verify* trusts."""
        if verify not in self.contexts:
            context = create_urllib3_context()
            context.sslsocket_class = socket_until(self)
            self.contexts[verify] = context
        return self.contexts[verify]

    def pinned(self, request, verify, cert):
        """As requests-hardened does it, or the same for an address in our own networks."""
        url = urlsplit(request.url)
        inside = self.address_inside(url.hostname, url.port or 443)
        if inside is None:
            return super().build_connection_pool_key_attributes(request, verify, cert)
        host_params, pool_kwargs = HTTPAdapter.build_connection_pool_key_attributes(
            self, request, verify, cert
        )
        request.headers["Host"] = url.netloc.rpartition("@")[2]
        names = {"assert_hostname": url.hostname, "server_hostname": url.hostname}
        return {**host_params, "host": inside}, {**pool_kwargs, **names}

    def address_inside(self, host, port):
        """Where *host* is, if that is in one of the networks."""
        if not self.networks:
            return None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
        except OSError as error:
            raise ConnectionError("no such host") from error
        address = ip_address(found)
        if not any(address in network for network in self.networks):
            return None
        return f"[{address}]" if address.version == 6 else str(address)


def socket_until(adapter):
    """A class of sockets that read until its ``ends_at``: not a byte now and then, for ever."""

    class TimedSocket(ssl.SSLSocket):
        def recv_into(self, *args, **kwargs):
            left = adapter.ends_at - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.settimeout(left)
            return super().recv_into(*args, **kwargs)

    return TimedSocket


@contextmanager
def told(request):
    """Errors of reading are requests' own."""
    try:
        yield
    except ReadTimeoutError as error:
        raise Timeout(error, request=request) from error
    except (HTTPError, OSError) as error:
        raise ConnectionError(error, request=request) from error
