"""What other packages' tables hold, read as OldSecrets. Only here is their code asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError

from apitokens.old_secrets import (
    API_KEY,
    AUTHTOKEN,
    DIGESTS,
    KNOX,
    SENDABLE,
    hashed,
    matches,
)
from apitokens.services import OldSecret

CHUNK = 500
UNSENDABLE = "no header can carry it"
UNKNOWN_DIGEST = "REST_KNOX hashes with an algorithm that is not taken over"
OWN_GENERATOR = "its key generator is its own"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of another package: what to call it (no secret), whose it is, what it stores."""

    label: str
    user: Any | None
    old: OldSecret
    row: Any = None


def authtoken(model: str | None) -> Iterator[Found]:
    """DRF's authtoken. Its plain keys are hashed here, on their way."""
    for row in _rows(model or "authtoken.Token", "rest_framework.authtoken", "user"):
        name, text = row.user.get_username(), hashed(row.key)
        fault = None if SENDABLE.fullmatch(row.key) else UNSENDABLE
        old = OldSecret(
            AUTHTOKEN, text, text, f"Imported from authtoken ({name})", row.created, fault=fault
        )
        yield Found(f"of {name}", row.user, old, row)


def knox(model: str | None) -> Iterator[Found]:
    """django-rest-knox, whose digests are taken as they are."""
    algorithm = _knox_algorithm()
    for row in _rows(model or _knox_model(), "knox", "user"):
        short, text = row.digest[:8], f"{algorithm}$${row.digest}"
        fault = None if algorithm else UNKNOWN_DIGEST
        old = OldSecret(
            KNOX, text, text, f"Imported from knox {short}", row.created, row.expiry, fault=fault
        )
        yield Found(f"{short} of {row.user.get_username()}", row.user, old, row)


def api_keys(model: str | None) -> Iterator[Found]:
    """djangorestframework-api-key, since 1.4. Its keys have no person."""
    label = model or "rest_framework_api_key.APIKey"
    fault = _fault_of_generator(_model(label, "rest_framework_api_key"))
    for row in _rows(label, "rest_framework_api_key"):
        dead = "revoked" if row.revoked else None
        old = OldSecret(
            API_KEY, row.prefix, row.hashed_key, row.name, row.created, row.expiry_date,
            dead=dead, fault=fault,
        )  # fmt: skip
        yield Found(row.prefix, None, old, row)


READERS: dict[str, Callable[[str | None], Iterator[Found]]] = {
    AUTHTOKEN: authtoken,
    KNOX: knox,
    API_KEY: api_keys,
}


def warnings(source: str) -> list[str]:
    """What the package does by itself and no imported secret does."""
    if source == KNOX and _knox("settings").knox_settings.AUTO_REFRESH:
        return ["REST_KNOX has AUTO_REFRESH: the end that a secret has now is the one it keeps"]
    return []


def _rows(label: str, app: str, *related: str) -> Any:
    model = _model(label, app)
    rows = model._base_manager.select_related(*related) if related else model._base_manager.all()
    return rows.order_by("created", "pk").iterator(chunk_size=CHUNK)


def _model(label: str, app: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError) as error:
        text = f"there is no model {label}: is {app} in INSTALLED_APPS?"
        raise CommandError(text) from error


def _knox(module: str) -> Any:
    try:
        return import_module(f"knox.{module}")
    except ImportError as error:
        raise CommandError("knox is not installed") from error


def _knox_model() -> str:
    models = _knox("models")
    find = getattr(models, "get_token_model", None)
    label: str = (find() if find else models.AuthToken)._meta.label
    return label


def _knox_algorithm() -> str | None:
    """How knox hashes here, by a trial: it depends on its version and on its settings."""
    sample, hash_token = "0123456789abcdef" * 4, _knox("crypto").hash_token
    try:
        digest = hash_token(sample)
    except TypeError:  # with a salt, as before 4.0
        return None
    return next((name for name, made in DIGESTS.items() if made(sample) == digest), None)


def _fault_of_generator(model: Any) -> str | None:
    """By a trial too: a project may have made its keys in its own way."""
    try:
        key, prefix, text = model.objects.key_generator.generate()
    except (AttributeError, TypeError, ValueError):
        return OWN_GENERATOR
    return None if key.partition(".")[0] == prefix and matches(text, key) else OWN_GENERATOR
