"""Real processes for tests: the portal behind gunicorn, and engines that may be broken.

Everything listens on 127.0.0.1 alone and ends with its block.
"""

import atexit
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The portal's variables for production behind plain HTTP on loopback."""
    key = {"kid": "test", "alg": "HS256", "state": "active", "secret": "s" * 64}
    ours = {
        "DJANGO_SETTINGS_MODULE": "svportal.settings",
        "DJANGO_READ_DOT_ENV": "off",
        "DEBUG": "off",
        "HTTPS": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": "processes-" + "k" * 60,
        "APITOKENS_KEYS": json.dumps([key]),
        "APITOKENS_FAILURE_LIMIT": "0",
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database_url,
        "LOG_LEVEL": "ERROR",
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | ours | more


def manage(variables: dict[str, str], *arguments: str) -> str:
    """Standard output of a management command."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run(variables: dict[str, str], code: str) -> str:
    """Standard output of Python *code* with Django set up."""
    return manage(variables, "shell", "-c", code)


PEOPLE = f"""
from accounts.models import Company, User
acme = Company.objects.create(name="Acme Corp", slug="acme")
for name in ("admin", "second"):
    User.objects.create_user(
        f"{{name}}@acme.test", "{PASSWORD}", name=name, company=acme, access_level="admin"
    )
"""


@cache
def _templates() -> Path:
    """What every portal begins with is kept here while this process lives."""
    folder = tempfile.mkdtemp(prefix="templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _static_files() -> Path:
    folder = _templates()
    manage(environment("sqlite://:memory:", folder), "collectstatic", "--noinput", "-v", "0")
    return folder / "static"


@cache
def _migrated_file() -> Path:
    file = _templates() / "migrated.sqlite3"
    manage(environment(f"sqlite:///{file}", _templates()), "migrate", "-v", "0")
    return file


def migrated(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """Variables of a portal whose database is migrated: a file of SQLite as a copy, for speed."""
    variables = environment(database_url, folder, STATIC_ROOT=str(_static_files()), **more)
    if database_url.startswith("sqlite:///"):
        shutil.copy(_migrated_file(), database_url.removeprefix("sqlite:///"))
    else:
        manage(variables, "migrate", "-v", "0")
    return variables


def prepared(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The same, with two Admins."""
    variables = migrated(database_url, folder, **more)
    run(variables, PEOPLE)
    return variables


_masters: dict[int, int] = {}
"""Port → process id of the gunicorn that listens there."""


@contextmanager
def portal(variables: dict[str, str], *, workers: int = 2) -> Iterator[int]:
    """The portal behind gunicorn; its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "svportal.wsgi", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--no-control-socket", "--log-level", "critical",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=variables, start_new_session=True)
    _masters[port] = process.pid
    try:
        wait_for(lambda: get(port, "/healthz")[0] == 200)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=40)


def workers_of(port: int) -> list[int]:
    """Process ids of gunicorn's workers on *port*: its children, whatever they call themselves."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.split()
    pairs = zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True)
    return [pid for pid, parent in pairs if parent == _masters[port]]


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def me(port: int, jwt: str) -> tuple[int, dict[str, str], bytes]:
    return get(port, "/external/v1/me", Authorization=f"Bearer {jwt}")


def wait_for(condition: Any, seconds: float = 30) -> None:
    """Return when *condition* holds; errors of connecting count as not yet."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("it didn't come true")


class Redis:
    """A Redis of our own, which can be killed, stopped in its tracks, flushed and poisoned."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--dir", str(self.folder), "--loglevel", "warning",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(lambda: self.call("PING"))

    def call(self, *words: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.recv(65536)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def flush(self) -> None:
        self.call("FLUSHALL")

    def poison(self) -> None:
        """Every key that is there, and those that are counted next, hold garbage."""
        for line in self.call("KEYS", "*").split(b"\r\n")[2::2]:
            self.call("SET", line.decode(), "garbage")

    def close(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.kill()


class PostgreSQL:
    """A cluster of our own, which can be stopped, started and made read-only."""

    def __init__(self, folder: Path, *, template: Path | None = None) -> None:
        self.port, self.folder = free_port(), folder / "cluster"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.folder.mkdir()
        self.user = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            for parent in self.folder.parents:
                if parent.stat().st_uid == 0 and parent not in (Path("/"), Path("/tmp")):  # noqa: S108
                    parent.chmod(parent.stat().st_mode | 0o011)
            self.user = ["runuser", "-u", "postgres", "--"]
        if template is None:
            arguments = ("-A", "trust", "-U", "postgres", "--no-sync", "-D", str(self.folder))
            self.call("initdb", *arguments)
        else:
            copied = ["cp", "-a", f"{template}/.", str(self.folder)]
            subprocess.run(copied, check=True)
        self.start()

    @classmethod
    def migrated(cls, folder: Path) -> "PostgreSQL":
        """One whose database is migrated: a copy, because migrating takes long."""
        return cls(folder, template=_migrated_cluster())

    def call(self, program: str, *arguments: str) -> None:
        command = [*self.user, _postgresql(program), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, cwd="/"
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k '' -F"
        log = str(self.folder / "log")
        self.call("pg_ctl", "-D", str(self.folder), "-o", options, "-l", log, "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        self.call("pg_ctl", "-D", str(self.folder), "-m", how, "-w", "stop")

    def sql(self, *statements: str) -> None:
        for statement in statements:
            self.call("psql", self.url, "-q", "-c", statement)

    def read_only(self, on: bool) -> None:
        value = "on" if on else "off"
        self.sql(
            f"ALTER SYSTEM SET default_transaction_read_only = {value}",
            "SELECT pg_reload_conf()",
        )
        time.sleep(0.5)  # every backend has read the setting then

    def close(self) -> None:
        with suppress(AssertionError):  # a test stopped it already
            self.stop()


@cache
def _migrated_cluster() -> Path:
    engine = PostgreSQL(_templates())
    manage(environment(engine.url, _templates()), "migrate", "-v", "0")
    engine.stop("fast")
    return engine.folder


class MariaDB:
    """A server of our own, which can be killed, started and made read-only."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder / "data"
        self.url = f"mysql://portal@127.0.0.1:{self.port}/portal"
        make = ["mariadb-install-db", "--no-defaults", "--skip-test-db", f"--datadir={self.folder}"]
        normal = "--auth-root-authentication-method=normal"
        subprocess.run([*make, normal], capture_output=True, check=True, timeout=120)
        self.start()
        self.sql(
            "CREATE DATABASE portal CHARACTER SET utf8mb4",
            "CREATE USER portal@'127.0.0.1'",
            "GRANT ALL ON portal.* TO portal@'127.0.0.1'",  # root may write when read-only
        )

    def start(self) -> None:
        command = [
            "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder}",
            f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder}/socket",
            "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--user=root",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(
            lambda: socket.create_connection(("127.0.0.1", self.port), timeout=1).close() is None
        )

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def sql(self, *statements: str) -> None:
        client = ["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root"]
        for statement in statements:
            subprocess.run([*client, "-e", statement], check=True, timeout=60)

    def read_only(self, on: bool) -> None:
        self.sql(f"SET GLOBAL read_only = {int(on)}")


def _postgresql(program: str) -> str:
    """Debian keeps the server's programs out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else str(shutil.which(program) or program)
