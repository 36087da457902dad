"""Take up cases and checks whose hold has ended."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from candidates.services.resuming import resume_due


class Command(BaseCommand):
    help = "Take up the cases and checks whose hold has ended. Run it every few minutes."

    def handle(self, *args, **options):
        cases, checks = resume_due(timezone.now())
        self.stdout.write(f"{cases} cases and {checks} checks go on.")
