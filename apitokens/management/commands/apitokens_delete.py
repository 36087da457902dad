from django.core.management.base import BaseCommand, CommandError

from apitokens.models import APIToken
from apitokens.services import delete_token


class Command(BaseCommand):
    help = "Delete API tokens by public id: programs using them get 401 at once."

    def add_arguments(self, parser):
        parser.add_argument("public_id", nargs="+", help="tok_…")

    def handle(self, *, public_id, **options):
        found = {t.public_id: t for t in APIToken.objects.filter(public_id__in=public_id)}
        if missing := [name for name in public_id if name not in found]:
            raise CommandError(f"no such token: {', '.join(missing)}; nothing was deleted")
        for token in found.values():
            done = delete_token(token=token, actor=None)
            self.stdout.write(f"{token.public_id} {'deleted' if done else 'was deleted before'}")
