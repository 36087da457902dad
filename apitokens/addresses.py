"""Where a request came from."""

from functools import lru_cache
from ipaddress import ip_address

from django.http import HttpRequest

from apitokens.conf import conf


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address in canonical form, or None if there is none (a unix socket).

    X-Forwarded-For is believed only as far as ``APITOKENS_PROXY_DEPTH`` proxies of the operator
    appended to it, counted from the right: what stands further left was written by the client.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    if depth := conf.proxy_depth:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        hops = [hop.strip() for hop in forwarded[-depth:] if hop.strip()] or hops
    return canonical_address(hops[0])


@lru_cache(maxsize=4096)
def canonical_address(text: str) -> str | None:
    """*text* as ``ipaddress`` writes it, an IPv4 address inside IPv6 as itself; else None."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
