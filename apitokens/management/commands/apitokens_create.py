from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apitokens import exceptions
from apitokens.conf import MAXIMUM_LIFETIME, MINIMUM_LIFETIME
from apitokens.management.base import newcomer, owner_of, person, whole_number
from apitokens.models import atomic
from apitokens.services import issue_token


class Command(BaseCommand):
    help = "Make an API token and print its JWT, and nothing else, on standard output."

    def add_arguments(self, parser):
        parser.add_argument("--user", required=True, help="log-in name of the person it acts as")
        parser.add_argument(
            "--new-user", action="store_true",
            help="make that person first, without a password: for a program of its own",
        )  # fmt: skip
        parser.add_argument("--name", required=True, help="name of the token")
        parser.add_argument("--lifetime", help="seconds, 600 to 86400; without: never-ending")
        parser.add_argument(
            "--scope", action="append", dest="scopes", metavar="SCOPE",
            help="what it may do, once for each; without: all but to rotate itself",
        )  # fmt: skip
        parser.add_argument(
            "--network", action="append", dest="networks", metavar="CIDR",
            help="from where it may be used, once for each; without: from anywhere",
        )  # fmt: skip

    @atomic()
    def handle(self, *, user, new_user, name, lifetime, scopes, networks, **options):
        acting = newcomer(user) if new_user else person(user)
        with faults_named():
            _, jwt = issue_token(
                owner=owner_of(acting),
                user=acting,
                name=name,
                lifetime=self.lifetime(lifetime),
                scopes=scopes,
                networks=networks or (),
            )
        self.stdout.write(jwt)

    def lifetime(self, text):
        if text is None:
            return None
        low, high = (int(d.total_seconds()) for d in (MINIMUM_LIFETIME, MAXIMUM_LIFETIME))
        return timedelta(seconds=whole_number("--lifetime", text, low, high, "seconds"))


@contextmanager
def faults_named():
    """Each refusal of the service, with the option that it is about."""
    try:
        yield
    except exceptions.NotAllowed as error:
        raise CommandError("--user: this person may not manage API tokens") from error
    except ValidationError as error:
        raise CommandError(f"--name: {' '.join(error.messages)}") from error
    except exceptions.NameTaken as error:
        raise CommandError("--name: there is a token with this name") from error
    except exceptions.LifetimeRefused as error:
        raise CommandError(f"--lifetime: {error}") from error
    except exceptions.ScopeUnknown as error:
        raise CommandError(f"--scope: {error.name!r} is not in APITOKENS_SCOPES") from error
    except exceptions.NetworkInvalid as error:
        raise CommandError(f"--network: {error.text!r} is no network, or one too many") from error
    except exceptions.TokenLimitReached as error:
        raise CommandError(f"--user: {error} tokens are allowed; delete one first") from error
