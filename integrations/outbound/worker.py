"""The worker: takes what is due, sends it in threads, writes down what came of it.

Threads only send; the database is asked by the one that runs the loop. Killed anywhere, it leaves
rows whose leases end: they are sent again, under the same id.
"""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from integrations.outbound.claiming import claim
from integrations.outbound.mail import tell
from integrations.outbound.recording import record
from integrations.outbound.sending import Job, Outcome, Sessions, send

logger = logging.getLogger("integrations.outbound")

IDLE = 1.0
"""Seconds between two looks at a database that has nothing due."""
GRACE = 30.0
"""Longer than any request; what a database that is away then has not got is sent again."""
GATHER = 0.05
"""Seconds in which answers are gathered, to be written down together."""


class Worker:
    def __init__(self, threads: int | None = None) -> None:
        self.threads: int = threads or settings.WEBHOOK_THREADS
        self.under_way: dict[Future[Outcome], Job] = {}
        self.failing: set[int] = set()
        self.outcomes: list[Outcome] = []
        self.sessions = Sessions()
        self.stopping = Event()
        self.ends_at = 0.0

    def stop(self) -> None:
        """Take nothing more; what is under way is finished and written down, within GRACE."""
        self.ends_at = time.monotonic() + GRACE
        self.stopping.set()

    def loop(self) -> None:
        """Work until ``stop``. A database that is away for a while is waited for."""
        with ThreadPoolExecutor(self.threads, "webhooks") as pool:
            while not self.stopping.is_set() or self.has_work:
                try:
                    self.turn(pool)
                except (DatabaseError, InterfaceError) as error:
                    logger.error("the database does not answer: %s", type(error).__name__)
                    close_old_connections()
                    time.sleep(IDLE)
        self.sessions.close_idle(0)

    def sweep(self) -> int:
        """Send all that is due now and leave; how many requests that were."""
        count = 0
        with ThreadPoolExecutor(self.threads, "webhooks") as pool:
            while self.take(pool) or self.under_way:
                count += self.gather()
                self.write_down()
        self.sessions.close_idle(0)
        return count

    @property
    def has_work(self) -> bool:
        return bool(self.under_way or self.outcomes) and time.monotonic() < self.ends_at

    def turn(self, pool: ThreadPoolExecutor) -> None:
        self.write_down()
        taken = 0 if self.stopping.is_set() else self.take(pool)
        if self.under_way:
            self.gather()
            self.write_down()
        elif not taken:
            close_old_connections()
            self.sessions.close_idle()
            self.stopping.wait(IDLE)

    def take(self, pool: ThreadPoolExecutor) -> int:
        free = self.threads - len(self.under_way)
        if free <= 0:
            return 0
        jobs = claim(free, self.threads // 2 - self.failing_under_way)
        for job in jobs:
            self.under_way[pool.submit(send, job, self.sessions)] = job
        return len(jobs)

    @property
    def failing_under_way(self) -> int:
        """Requests to endpoints that failed when last heard of."""
        return sum(job.endpoint_id in self.failing for job in self.under_way.values())

    def gather(self) -> int:
        """Answers that there are, after IDLE seconds at most."""
        done, _rest = wait(self.under_way, timeout=IDLE, return_when=FIRST_COMPLETED)
        if not done:
            return 0
        time.sleep(GATHER)
        done = {future for future in self.under_way if future.done()}
        outcomes = [outcome_of(future, self.under_way.pop(future)) for future in done]
        for outcome in outcomes:
            note = self.failing.discard if outcome.is_success else self.failing.add
            note(outcome.job.endpoint_id)
        self.outcomes += outcomes
        return len(outcomes)

    def write_down(self) -> None:
        """Outcomes stay here until the database has them."""
        if self.outcomes:
            notices = record(self.outcomes)
            self.outcomes = []
            tell(notices)


def outcome_of(future: Future[Outcome], job: Job) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    logger.error("delivery %s: %s", job.delivery_id, type(error).__name__)
    return Outcome(job, timezone.now(), error="internal")
