"""What can be judged by the settings alone."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from apitokens.conf import LEGACY_SCHEMES, conf
from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring
from apitokens.policy import TokenPolicy
from apitokens.rates import is_rate

AUTHENTICATION = "apitokens.authentication.APITokenAuthentication"
LEGACY = "apitokens.authentication.LegacyTokenAuthentication"
OTHER_DOORS = ("rest_framework.authentication.TokenAuthentication", "knox.auth.TokenAuthentication")

SCHEME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
"""RFC 9110 §11.1: a token, as its §5.6.2 says."""

META_NAME = re.compile(r"HTTP_(?!AUTHORIZATION\Z|COOKIE\Z)[A-Z0-9_]+", re.ASCII)

SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
"""RFC 6749 §3.3: printable ASCII without space, double quote and backslash."""

COUNTS = (
    "PROXY_DEPTH", "FAILURE_LIMIT", "SIGNATURE_CACHE_SIZE", "PAGE_SIZE", "HEADING_LEVEL",
)  # fmt: skip
SPANS = ("LAST_USED_INTERVAL", "REAUTH_AGE", "EVENT_RETENTION", "KEY_PROPAGATION")


def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: the signing keys are missing or unusable."""
    try:
        get_keyring()
    except KeyringError as error:
        hint = "Set APITOKENS_KEYS, or APITOKENS_KEYS_FILE and run apitokens_keys new."
        return [Error(str(error), hint=hint, id="apitokens.E001")]
    return []


def check_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002: the policy can't be imported or is no TokenPolicy."""
    try:
        policy = import_string(conf.policy)
    except ImportError as error:
        return [Error(f"APITOKENS_POLICY: {error}", id="apitokens.E002")]
    if not (isinstance(policy, type) and issubclass(policy, TokenPolicy)):
        message = "APITOKENS_POLICY must name a subclass of TokenPolicy"
        return [Error(message, id="apitokens.E002")]
    return []


def check_scopes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E005: a scope can't be written into a scope parameter (RFC 6749 §3.3)."""
    scopes = conf.raw("SCOPES")
    if scopes is None:
        return []
    if not isinstance(scopes, Mapping):
        message = "APITOKENS_SCOPES must be a dict: name of the scope → sentence"
        return [Error(message, id="apitokens.E005")]
    malformed = [name for name in scopes if not _is_scope_token(name)]
    hint = "A scope is printable ASCII without spaces, double quotes and backslashes."
    message = "APITOKENS_SCOPES: {!r} is no scope"
    return [Error(message.format(n), hint=hint, id="apitokens.E005") for n in malformed]


def _is_scope_token(name: Any) -> bool:
    return isinstance(name, str) and SCOPE_TOKEN.fullmatch(name) is not None


def check_numbers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E006: a setting that counts or measures is no such number, or negative."""
    given = {name: conf.raw(name) for name in (*COUNTS, *SPANS)}
    wrong = [
        (name, "a whole number, 0 or more" if name in COUNTS else "a number, 0 or more")
        for name, value in given.items()
        if value is not None and not _is_number(value, whole=name in COUNTS)
    ]
    return [Error(f"APITOKENS_{name} must be {what}", id="apitokens.E006") for name, what in wrong]


def _is_number(value: Any, *, whole: bool) -> bool:
    kinds = {int} if whole else {int, float}
    return type(value) in kinds and math.isfinite(value) and value >= 0


def check_token_rate(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E007: the rate of requests is malformed, so nothing is limited."""
    rate = conf.token_rate
    if rate is None or is_rate(rate):
        return []
    message = f"APITOKENS_TOKEN_RATE: {rate!r} is no rate, so requests are not limited"
    hint = "Write it as 600/min (sec, min, hour or day), or None for no limit."
    return [Error(message, hint=hint, id="apitokens.E007")]


def check_legacy_schemes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E008: by which header old secrets come can't be told, or isn't theirs to have."""
    schemes, header = conf.raw("LEGACY_SCHEMES"), conf.raw("LEGACY_HEADER")
    messages = []
    if schemes is not None and not _are_schemes(schemes):
        known = ", ".join(LEGACY_SCHEMES)
        messages.append(f"APITOKENS_LEGACY_SCHEMES must be a dict of schemes or None: {known}")
    elif "bearer" in conf.legacy_sources and not conf.share_bearer:
        messages.append("APITOKENS_LEGACY_SCHEMES has Bearer: set APITOKENS_SHARE_BEARER as well")
    if header is not None and not (isinstance(header, str) and META_NAME.fullmatch(header)):
        messages.append("APITOKENS_LEGACY_HEADER must be a header's name in META: HTTP_X_API_KEY")
    return [Error(message, id="apitokens.E008") for message in messages]


def _are_schemes(schemes: Any) -> bool:
    return isinstance(schemes, Mapping) and all(
        name in LEGACY_SCHEMES
        and (scheme is None or (isinstance(scheme, str) and bool(SCHEME.fullmatch(scheme))))
        for name, scheme in schemes.items()
    )


def check_other_door(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W006: the old package lets its secrets in itself, whatever happens to their tokens."""
    names = _authentication_names()
    doors = [name for name in names if name in OTHER_DOORS] if LEGACY in names else []
    message = "{} lets old secrets in though their tokens are deleted, suspended or cut"
    hint = "Import what is left, then take it out of DEFAULT_AUTHENTICATION_CLASSES."
    return [Warning(message.format(n), hint=hint, id="apitokens.W006") for n in doors]


def check_moments(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E009: moments without a time zone. Claims are made of them anew on each request, so an hour
    that comes twice a year, or another TIME_ZONE, would change what a token says.
    """
    if conf.exact_moments:
        return []
    hint = "Set USE_TZ = True, Django's default."
    return [Error("API tokens need moments with a time zone", hint=hint, id="apitokens.E009")]


def check_authentication_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: another DRF class stands before ours, so a bad token beside a session is let in."""
    names = _authentication_names()
    ours = [name for name in names if name in {AUTHENTICATION, LEGACY}]
    if names[: len(ours)] != ours or len(set(ours)) < len(ours):
        message = "{} should stand first in DEFAULT_AUTHENTICATION_CLASSES"
        text = message.format(" and ".join(name.rpartition(".")[2] for name in ours))
        return [Warning(text, id="apitokens.W001")]
    return []


def _authentication_names() -> list[str]:
    classes = conf.authentication_classes
    return [c if isinstance(c, str) else f"{c.__module__}.{c.__qualname__}" for c in classes]
