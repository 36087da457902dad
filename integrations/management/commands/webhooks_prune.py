"""Forget what webhooks told more than 30 days ago."""

from django.core.management.base import BaseCommand

from integrations.outbound.deliveries import prune


class Command(BaseCommand):
    help = "Delete webhook events of more than 30 days ago, with what was answered. Run it daily."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *, dry_run, **options):
        count = prune(dry_run=dry_run)
        self.stdout.write(f"{'Would delete' if dry_run else 'Deleted'} {count} events.")
