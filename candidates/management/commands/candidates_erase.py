from django.core.management.base import BaseCommand, CommandError

from apitokens.attribution import Actor
from candidates.models import Candidate
from candidates.services.erasure import erase


class Command(BaseCommand):
    help = (
        "Erase candidates by number: those that the log names since a backup, once it is restored, "
        "or whoever asked the operator. The log of each says Operations."
    )

    def add_arguments(self, parser):
        parser.add_argument("numbers", nargs="+", type=int, metavar="NUMBER")

    def handle(self, *, numbers, **options):
        """All that are there, also where one is not."""
        rows = Candidate.objects.in_bulk(numbers)
        erased = sum(erase(candidate=row, actor=Actor()) for row in rows.values())
        self.stdout.write(f"Erased {erased}, {len(rows) - erased} before.")
        if unknown := sorted(set(numbers) - rows.keys()):
            raise CommandError(f"Unknown: {', '.join(map(str, unknown))}.")
