"""Requests per second over HTTP, beside the bare view: gunicorn, PostgreSQL, kept connections.

python -m benchmarks.http [--json FILE] [--rounds N]
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.databases import postgresql_database, reachable, run_on, server

WORKERS = 2
CONNECTIONS = 8
CALLS = 200
"""Requests of one contender in one round: short, so that noise falls on all of them alike."""

TARGETS = {"apitokens": 0.45}
"""The least share of the bare view's requests per second."""

CONTENDERS = ["bare", "apitokens", "authtoken", "knox"]


def headers(count: int = 100) -> dict[str, list[str]]:
    """Authorization headers by contender, made in the database of this process."""
    from django.db import connection

    from benchmarks.contenders import contenders

    made = {c.name: c.headers for c in contenders(count) if c.name in CONTENDERS}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def gunicorn(url: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """The benchmark's views behind WORKERS processes that keep connections, until the end."""
    command = [
        sys.executable, "-m", "gunicorn", "benchmarks.http_wsgi:application",
        "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--worker-class", "gthread",
        "--threads", "1", "--keep-alive", "60", "--no-control-socket", "--log-level", "error",
    ]  # fmt: skip
    variables = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.http_settings"}
    process = subprocess.Popen(command, env=os.environ | variables | environment)
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("gunicorn doesn't listen")


class Client:
    """One kept connection that waits for each answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, path: str, authorization: str) -> None:
        lines = [f"GET /{path} HTTP/1.1", "Host: testserver", f"Authorization: {authorization}"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def receive(self) -> None:
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n"):  # the last chunk
            part = self.socket.recv(4096)
            answer += part
            if not part or not answer.startswith(b"HTTP/1.1 200"):
                raise AssertionError(f"answered {answer[:200]!r}")


def rates(port: int, made: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """Requests per second by contender: the median over interleaved rounds, a random credential
    on each call, CONNECTIONS requests at once.
    """
    clients = [Client(port) for _ in range(CONNECTIONS)]
    seen: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds + 1):
        for name in random.sample(list(made), len(made)):
            begun = time.perf_counter()
            for _ in range(CALLS // CONNECTIONS):
                for client in clients:
                    client.send(name, random.choice(made[name]))
                for client in clients:
                    client.receive()
            seen[name].append(CALLS / (time.perf_counter() - begun))
    return {name: median(values[1:]) for name, values in seen.items()}


def measure(environment: dict[str, str], rounds: int) -> dict[str, Any]:
    with postgresql_database(server(), keep=False) as url:
        made = run_on(url, headers)
        port = free_port()
        with gunicorn(url, port, environment):
            found = rates(port, made, rounds)
    return {
        name: {"per_second": rate, "of_bare": rate / found["bare"]} for name, rate in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    if not reachable(server()):
        print("PostgreSQL: no server at 127.0.0.1:5432. Name one in DATABASE_URL.")
        return 1
    results = {}
    for run, environment in (("plain", {}), ("prepared", {"DATABASE_PREPARE_THRESHOLD": "5"})):
        results[run] = measure(environment, options.rounds)
        print(f"{run:12}" + "".join(f"{title:>14}" for title in ("per second", "of bare")))
        for name, row in results[run].items():
            print(f"{name:12}{row['per_second']:14.0f}{row['of_bare']:14.2f}")
        share = results[run]["apitokens"]["of_bare"]
        print(f"{'PASS' if share >= TARGETS['apitokens'] else 'MISS'}: wanted {TARGETS}\n")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
