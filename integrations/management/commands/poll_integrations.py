"""Ask connections for news and look at their messages: once, or for as long as it runs."""

import signal
import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from integrations.inbound.worker import sweep

PAUSE = 5
"""Seconds between two sweeps; a message waits so long at most."""


class Command(BaseCommand):
    help = (
        "Ask the connections to other systems that are due for new candidates, and look at the "
        "messages that came from them. Run it every few minutes, or with --loop beside the server."
    )

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM")
        parser.add_argument(
            "--pause", type=float, default=PAUSE, help="seconds between two sweeps (default: 5)"
        )

    def handle(self, *, loop, pause, **options):
        self.ends = not loop
        if loop:
            signal.signal(signal.SIGTERM, self.end)
        while True:
            self.tell(sweep(), quiet=loop)
            if self.ends:
                return
            time.sleep(pause)
            close_old_connections()

    def end(self, *args):
        """After the sweep that is under way."""
        self.ends = True

    def tell(self, swept, *, quiet):
        if quiet and not (swept.polled or swept.messages or swept.added):
            return
        self.stdout.write(
            f"{swept.polled} connections asked, {swept.messages} messages looked at, "
            f"{swept.added} candidates added."
        )
        self.stdout.flush()
