"""System checks ``apitokens.E…`` (won't work) and ``apitokens.W…`` (works, but look)."""

from django.core.checks import Tags
from django.core.checks import register as add

from apitokens.checks.database import check_kids, check_owner_model
from apitokens.checks.deployment import (
    check_counting_cache,
    check_development_key,
    check_proxy_depth,
    check_signature_memory,
)
from apitokens.checks.settings import (
    check_authentication_order,
    check_keys,
    check_legacy_schemes,
    check_moments,
    check_numbers,
    check_other_door,
    check_policy,
    check_scopes,
    check_token_rate,
)

ALWAYS = (
    check_keys,
    check_policy,
    check_scopes,
    check_numbers,
    check_token_rate,
    check_legacy_schemes,
    check_moments,
    check_authentication_order,
    check_other_door,
)
DATABASE = (check_owner_model, check_kids)
DEPLOYMENT = (
    check_development_key,
    check_proxy_depth,
    check_counting_cache,
    check_signature_memory,
)


def register() -> None:
    """Tell Django of them all, once, when the apps are ready."""
    for check in ALWAYS:
        add(check, Tags.security)
    for check in DATABASE:
        add(check, Tags.database)
    for check in DEPLOYMENT:
        add(check, Tags.security, deploy=True)
