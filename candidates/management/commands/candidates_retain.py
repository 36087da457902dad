from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from candidates.services.retention import companies, due, retain


class Command(BaseCommand):
    help = (
        "Erase the candidates of finished cases whose company's retention period is over. "
        "Run it every night; it may be stopped, and two runs may meet."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many")
        parser.add_argument("--company", help="the slug of one company; else all")

    def handle(self, *, dry_run, company, **options):
        rows = companies().filter(slug=company) if company else companies()
        if company and not rows:
            raise CommandError(f"There is no company {company} with a retention period.")
        failed = sum(self.keep_period_of(row, dry_run) for row in rows)
        if failed:
            raise CommandError(f"{failed} could not be erased; the next run tries again.")

    def keep_period_of(self, company, dry_run):
        """How many could not be erased."""
        now = timezone.now()
        if dry_run:
            count = due(company, company.retention_days, now).count()
            self.stdout.write(f"{company.slug}: would erase {count}.")
            return 0
        erased, failed = retain(company, now)
        self.stdout.write(f"{company.slug}: erased {erased}.")
        return failed
