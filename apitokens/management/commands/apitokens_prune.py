from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from apitokens.management.base import ListingCommand, whole_number
from apitokens.services import prune

LONGEST = 36500


class Command(ListingCommand):
    help = (
        "Remove deleted tokens that no row refers to and credentials that were replaced, both "
        "from before N days, and addresses from old events. Tokens that exist stay."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--days", default="365", metavar="N", help=f"1 to {LONGEST}; 365 unless told"
        )
        parser.add_argument("--dry-run", action="store_true", help="count and change nothing")
        super().add_arguments(parser)

    def handle(self, *, days, dry_run, json, **options):
        moment = timezone.now() - timedelta(days=whole_number("--days", days, 1, LONGEST, "days"))
        counts = asdict(prune(deleted_before=moment, dry_run=dry_run))
        if json:
            self.write_json(**counts, dry_run=dry_run)
            return
        did = "Would remove" if dry_run else "Removed"
        for what, count in counts.items():
            self.stdout.write(f"{did} {count} {what}")
