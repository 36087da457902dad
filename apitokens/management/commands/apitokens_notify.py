from django.core.management.base import BaseCommand, CommandError

from apitokens.notices import notify


class Command(BaseCommand):
    help = (
        "Mail the admins of tokens that have stopped, and of replaced ones in use that end soon. "
        "Each is told once: run it every ten minutes."
    )

    def handle(self, **options):
        told = notify()
        self.stdout.write(f"{told.sent} sent, {told.failed} failed")
        if told.without_address:
            self.stdout.write(f"{told.without_address} owners have no admin with an e-mail address")
        if told.failed:
            raise CommandError("some notices were not sent; the log names the owners")
