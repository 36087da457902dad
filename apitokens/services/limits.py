"""What a token may do, and from where: scopes and allowed networks."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from apitokens import audit, signals
from apitokens.conf import ROTATE_SELF, conf
from apitokens.exceptions import NetworkInvalid, ScopeUnknown
from apitokens.models import APIToken, announce, atomic
from apitokens.services.rows import lock

MAXIMUM_NETWORKS = 64


def default_scopes() -> list[str]:
    """What a token gets unasked: everything declared, but never to rotate itself."""
    return [name for name in conf.scopes if name != ROTATE_SELF]


def clean_scopes(scopes: Iterable[str]) -> str | None:
    """*scopes* as they are stored, space-separated in the order of their declaration (RFC 6749
    §3.3); None where none are declared. Raises ScopeUnknown.
    """
    wanted = list(scopes)
    for name in wanted:
        if not isinstance(name, str) or name not in conf.scopes:
            raise ScopeUnknown(name)
    return " ".join(name for name in conf.scopes if name in wanted) if conf.scopes else None


def clean_networks(networks: Iterable[str]) -> str:
    """*networks* as they are stored: canonical, without repetition, space-separated. A plain
    address is a network of one. Raises NetworkInvalid.
    """
    found: list[str] = []
    for text in networks:
        try:
            network = str(ip_network(text.strip(), strict=True))
        except (ValueError, AttributeError) as error:
            raise NetworkInvalid(text) from error
        if network not in found:
            found.append(network)
    if len(found) > MAXIMUM_NETWORKS:
        raise NetworkInvalid(found[MAXIMUM_NETWORKS])
    return " ".join(found)


def is_widening(token: APIToken, scopes: Iterable[str], networks: Iterable[str]) -> bool:
    """Whether these limits would let *token* do anything that it may not do now."""
    scope = clean_scopes(scopes)
    more = [name for name in (scope or "").split() if not token.has_scope(name)]
    return bool(more) or _is_wider(token, clean_networks(networks))


def _is_wider(token: APIToken, networks: str) -> bool:
    old = token.networks
    if not old:
        return False
    new = [ip_network(network) for network in networks.split()]
    return not new or not all(any(_is_within(n, o) for o in old) for n in new)


def _is_within(network: Any, other: Any) -> bool:
    return network.version == other.version and network.subnet_of(other)


@atomic()
def limit_token(
    *,
    token: APIToken,
    scopes: Iterable[str],
    networks: Iterable[str],
    actor: Any,
    address: str | None = None,
) -> APIToken:
    """Set both limits of *token*. The same again does nothing.

    Raises ScopeUnknown, NetworkInvalid, TokenDeleted.
    """
    scope, allowed = clean_scopes(scopes), clean_networks(networks)
    token = lock(token)
    if not conf.scopes:  # none are declared any more: what was granted stays as it was
        scope = token.scope
    before = {"scope": token.scope, "networks": token.allowed_networks}
    after = {"scope": scope, "networks": allowed}
    if before == after:
        return token
    token.scope, token.allowed_networks = scope, allowed
    token.save(update_fields=["scope", "allowed_networks"])
    audit.record(token, "limited", actor=actor, address=address, before=before, after=after)
    announce(signals.token_limited, token=token, actor=actor, before=before, after=after)
    return token
