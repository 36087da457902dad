"""System checks ``apitokens.E…`` (won't work) and ``apitokens.W…`` (works, but look)."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from apitokens.conf import conf
from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring
from apitokens.policy import TokenPolicy

AUTHENTICATION = "apitokens.authentication.APITokenAuthentication"


def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: the signing keys are missing or unusable."""
    try:
        get_keyring()
    except KeyringError as error:
        return [Error(str(error), hint="Set APITOKENS_KEYS.", id="apitokens.E001")]
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


def check_authentication_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: another DRF class stands before ours, so a bad token beside a session is let in."""
    classes = conf.authentication_classes
    names = [c if isinstance(c, str) else f"{c.__module__}.{c.__qualname__}" for c in classes]
    if AUTHENTICATION in names[1:]:
        message = "APITokenAuthentication should stand first in DEFAULT_AUTHENTICATION_CLASSES"
        return [Warning(message, id="apitokens.W001")]
    return []


ALL = (check_keys, check_policy, check_authentication_order)
