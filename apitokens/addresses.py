"""Where a request came from."""

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
    try:
        return str(ip_address(hops[0]))
    except ValueError:
        return None
