from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.test import RequestFactory

from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.exceptions import LifetimeRefused, NameTaken, TokenLimitReached
from apitokens.policy import get_policy
from apitokens.services import issue_token


class Command(BaseCommand):
    help = "Make an API token and print its JWT, and nothing else, on standard output."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True, help="log-in name of the person it acts as")
        parser.add_argument("--name", required=True, help="name of the token")
        parser.add_argument("--lifetime", help="seconds, 600 to 86400; without: never-ending")

    def handle(self, *, user, name, lifetime, **options):
        person = self.person(user)
        owner = self.owner(person)
        try:
            _, jwt = issue_token(
                owner=owner, user=person, name=name, lifetime=self.lifetime(lifetime)
            )
        except ValidationError as error:
            raise CommandError(f"--name: {' '.join(error.messages)}") from error
        except NameTaken as error:
            raise CommandError("--name: there is a token with this name") from error
        except LifetimeRefused as error:
            raise CommandError(f"--lifetime: {error}") from error
        except TokenLimitReached as error:
            raise CommandError(f"{error} tokens are allowed; delete one first") from error
        self.stdout.write(jwt)

    def person(self, name):
        users = get_user_model()
        try:
            return users._default_manager.get_by_natural_key(name)
        except users.DoesNotExist as error:
            raise CommandError("--user: nobody has this log-in name") from error

    def owner(self, person):
        """Whose tokens this person manages, as a request of theirs would be told."""
        request = RequestFactory().get("/")
        request.user = person
        owner = get_policy().owner_for(request)
        if owner is None or not get_policy().can_manage(person, owner):
            raise CommandError("--user: this person may not manage API tokens")
        return owner

    def lifetime(self, text):
        if text is None:
            return None
        low, high = (int(d.total_seconds()) for d in (MINIMUM_LIFETIME, MAXIMUM_LIFETIME))
        if not (text.isascii() and text.isdigit() and low <= int(text[:7]) <= high):
            raise CommandError(f"--lifetime: give {low} to {high} whole seconds")
        return timedelta(seconds=int(text))
