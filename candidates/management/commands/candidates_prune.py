from django.core.management.base import BaseCommand

from candidates.services.idempotency import prune
from candidates.services.pruning import prune_bulks, prune_drafts, prune_files


class Command(BaseCommand):
    help = (
        "Delete answers that were kept for a repeat with Idempotency-Key and are 24 hours old, "
        "drafts and files of candidates that were left for a week, and files that no row names."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *, dry_run, **options):
        said = "Would delete" if dry_run else "Deleted"
        count = prune(dry_run=dry_run)
        self.stdout.write(f"{said} {count} answers.")
        bulks = prune_bulks(dry_run=dry_run)
        self.stdout.write(f"{said} {bulks} files of candidates.")
        drafts, files = prune_drafts(dry_run=dry_run), prune_files(dry_run=dry_run)
        self.stdout.write(f"{said} {drafts} drafts and {files} files without a row.")
