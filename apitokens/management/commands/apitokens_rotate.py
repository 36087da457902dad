from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from apitokens.exceptions import LifetimeRefused, OverlapRefused, TokenDeleted, TokenNotUsable
from apitokens.management.base import tokens
from apitokens.services import OVERLAPS, rotate_token

SECONDS = [int(overlap.total_seconds()) for overlap in OVERLAPS]


class Command(BaseCommand):
    help = "Give a token a new JWT and print it, and nothing else, on standard output."

    def add_arguments(self, parser):
        parser.add_argument("public_id", help="tok_…")
        parser.add_argument(
            "--overlap", type=int, choices=SECONDS, default=0,
            help="seconds for which the old JWT goes on; without: it ends at once",
        )  # fmt: skip

    def handle(self, *, public_id, overlap, **options):
        token = tokens([public_id])[public_id]
        try:
            _, jwt = rotate_token(token=token, overlap=timedelta(seconds=overlap), actor=None)
        except (TokenDeleted, TokenNotUsable) as error:
            raise CommandError(f"{public_id} can't be rotated: it is {token.state}") from error
        except LifetimeRefused as error:
            raise CommandError(f"{public_id} can't live as long again: {error}") from error
        except OverlapRefused as error:
            raise CommandError(f"--overlap: give one of {SECONDS}") from error
        self.stdout.write(jwt)
