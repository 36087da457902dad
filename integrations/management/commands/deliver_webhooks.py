"""Send the webhooks that are due."""

import signal

from django.core.management.base import BaseCommand

from integrations.outbound.worker import Worker


class Command(BaseCommand):
    help = (
        "Send the webhooks that are due, once; with --loop until it is told to end (SIGTERM). "
        "Several may run beside each other."
    )

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="work until SIGTERM or Ctrl+C")
        parser.add_argument(
            "--threads", type=int, metavar="N", help="requests at once; WEBHOOK_THREADS unless told"
        )

    def handle(self, *, loop, threads, **options):
        worker = Worker(threads)
        if not loop:
            self.stdout.write(f"{worker.sweep()} requests sent.")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: worker.stop())
        worker.loop()
