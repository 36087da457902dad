from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.security.pruning import prune

KEPT_DAYS = 730
SHORTEST = 30


class Command(BaseCommand):
    help = "Delete events of the companies' security histories that are older than so many days."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=KEPT_DAYS, help=f"default {KEPT_DAYS}")
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *, days, dry_run, **options):
        if not SHORTEST <= days <= 36500:
            raise CommandError(f"--days must be {SHORTEST} to 36500.")
        count = prune(before=timezone.now() - timedelta(days=days), dry_run=dry_run)
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} {count} events.")
