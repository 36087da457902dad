"""What the commands share: finding a person or a token, instants and lines of JSON."""

import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.test import RequestFactory

from apitokens.conf import conf
from apitokens.exceptions import NotAllowed
from apitokens.models import APIToken
from apitokens.policy import get_policy


def person(name: str) -> Any:
    """The user with this log-in name. Raises CommandError."""
    users = get_user_model()
    try:
        return users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist as error:
        raise CommandError("--user: nobody has this log-in name") from error


def newcomer(name: str) -> Any:
    """A new user with this log-in name, who can't sign in: for programs. Raises CommandError."""
    users = get_user_model()
    user = users(**{users.USERNAME_FIELD: users.normalize_username(name)})
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        faults = (f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
        raise CommandError(f"--new-user: {'; '.join(faults)}") from error
    user.save()
    return user


def owner_of(user: Any) -> Any:
    """Whose tokens this person manages, as a request of theirs would be told. Raises NotAllowed."""
    request = RequestFactory().get("/")
    request.user = user
    owner = get_policy().owner_for(request)
    if owner is None:
        raise NotAllowed
    return owner


def owner_with_key(key: str) -> Any:
    """The owner with this primary key. Raises CommandError."""
    model = apps.get_model(conf.owner_model)
    try:
        return model._base_manager.get(pk=key)
    except (model.DoesNotExist, ValueError, ValidationError) as error:
        raise CommandError("--owner: there is none with this key") from error


def tokens(public_ids: list[str]) -> dict[str, APIToken]:
    """Public id → token, tombstones too. Raises CommandError unless each is found."""
    rows = APIToken.objects.filter(public_id__in=public_ids).with_credentials()
    found = {token.public_id: token for token in rows}
    if missing := [name for name in public_ids if name not in found]:
        raise CommandError(f"no such token: {', '.join(missing)}; nothing was done")
    return {name: found[name] for name in public_ids}


def whole_number(option: str, text: Any, low: int, high: int, unit: str) -> int:
    """*text*, if it is digits and nothing else, from *low* to *high*. Raises CommandError."""
    digits = str(text)
    plain = digits.isascii() and digits.isdigit() and len(digits) <= len(str(high))
    if not (plain and low <= int(digits) <= high):
        raise CommandError(f"{option}: give {low} to {high} whole {unit}")
    return int(digits)


def iso(moment: datetime | None) -> str | None:
    """In whole seconds of UTC."""
    return None if moment is None else moment.replace(microsecond=0).isoformat()


def visible(text: str) -> str:
    """*text* for a terminal: what can't be seen, an escape sequence say, becomes ``?``."""
    return "".join(c if c.isprintable() else "?" for c in text)


class ListingCommand(BaseCommand):
    """With ``--json``: an object a line, every character that isn't ASCII escaped."""

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def write_json(self, **facts):
        self.stdout.write(json.dumps(facts))
