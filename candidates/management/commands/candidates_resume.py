"""Take up cases and checks whose hold has ended, and files whose worker died."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from candidates.models import BulkImport
from candidates.services.resuming import resume_due
from candidates.tasks import wake


class Command(BaseCommand):
    help = (
        "Take up the cases and checks whose hold has ended, and the files of candidates whose "
        "worker died. Run it every few minutes."
    )

    def handle(self, *args, **options):
        cases, checks = resume_due(timezone.now())
        self.stdout.write(f"{cases} cases and {checks} checks go on.")
        stalled = list(BulkImport.objects.stalled())
        for bulk in stalled:
            wake(bulk)
        self.stdout.write(f"{len(stalled)} files go on.")
