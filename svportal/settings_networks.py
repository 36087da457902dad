"""Networks in the environment's variables."""

from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured


def networks(env, name):
    """The networks of a variable, in CIDR; one that is none stops the start."""
    try:
        return [str(ip_network(text)) for text in env.list(name, default=[])]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
