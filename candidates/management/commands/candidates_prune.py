from django.core.management.base import BaseCommand

from candidates.services.idempotency import prune


class Command(BaseCommand):
    help = "Delete answers that were kept for a repeat with Idempotency-Key and are 24 hours old."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *, dry_run, **options):
        count = prune(dry_run=dry_run)
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} {count} answers.")
