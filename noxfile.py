"""`make matrix`: the tests of apitokens on each Python, Django and database that it promises.

An environment for each pair of Python and Django serves all databases. What isn't here (an
interpreter, a server) isn't run, and the table at the end says so. With ``-- least``, as CI has it,
the table fails if one of LEAST was not run on all three.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import nox
from nox.command import CommandFailed

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.sessions = ["table"]

PYTHONS = ("3.11", "3.12", "3.13")
DJANGOS = {"5.2": PYTHONS, "6.0": PYTHONS[1:], "6.1": PYTHONS[1:]}
"""Django → the Pythons that it runs on and we promise."""
DATABASES = {
    "sqlite": "sqlite://:memory:",
    "postgresql": os.environ.get("MATRIX_POSTGRESQL", "postgres://postgres@127.0.0.1:5432"),
    "mariadb": os.environ.get("MATRIX_MARIADB", "mysql://root@127.0.0.1:3306"),
}
LOCKED = ["requirements.txt", "requirements-engines.txt", "requirements-dev.txt"]
OWN = "tests/matrix/{}.txt"
CLAIMED = ["Django", "djangorestframework", "djangorestframework-simplejwt", "PyJWT"]
ROWS = Path("var/matrix.jsonl")


@cache
def interpreter(version):
    """The path of Python *version*, or None. pyenv's shims are on PATH and don't always work."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [*root.glob(f"versions/{version}.*/bin/python"), shutil.which(f"python{version}")]
    asking = ["-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"]
    for path in filter(None, found):
        done = subprocess.run(  # noqa: S603 - interpreters that we found ourselves
            [path, *asking], capture_output=True, text=True, check=False
        )
        if done.stdout.strip() == version:
            return str(path)
    return None


def answers(url):
    """Whether a server listens where *url* says; SQLite needs none."""
    address = urlsplit(url)
    if not address.hostname or not address.port:
        return True
    try:
        socket.create_connection((address.hostname, address.port), timeout=2).close()
    except OSError:
        return False
    return True


def newest_python():
    return next((version for version in reversed(PYTHONS) if interpreter(version)), PYTHONS[-1])


PAIRS = [(python, django) for django, pythons in DJANGOS.items() for python in pythons]
LEAST = [("3.11", "5.2"), (newest_python(), "6.1")]
JUST_RUN = os.environ.get("MATRIX_JUST_RUN", "").split()
"""Databases on which CI's `make test` has just passed this commit with the first of LEAST."""
EXTREMES = {"oldest": "3.11", "newest": newest_python()}
"""Dependencies → Python: the oldest that pyproject.toml claims, the newest that pip gives today."""


# One session for each environment -------------------------------------------------------------
def tests(session, python, django):
    """Every database, one after the other; one that fails doesn't stop the next."""
    install(session, django)
    wanted = [name for name in DATABASES if is_wanted(session, python, django, name)]
    outcomes = {name: run_on(session, python, django, name) for name in wanted}
    failed = [name for name, outcome in outcomes.items() if outcome == "failed"]
    if failed:
        session.error(f"failed on {', '.join(failed)}")


def is_wanted(session, python, django, database):
    """Of the least, neither what has just been run nor the oldest on more than one database."""
    if "least" not in session.posargs:
        return True
    if (python, django) == LEAST[0] and database in JUST_RUN:
        note(python, django, database, "passed")
        return False
    return django != "oldest" or database == "sqlite"


def install(session, django):
    """The lock file's packages, then *django* (or other extremes) in place of theirs."""
    files = [*LOCKED, *([OWN.format(django)] if django != "newest" else [])]
    stamp = Path(session.virtualenv.location) / ".installed"
    wanted = hashlib.sha256(b"".join(Path(name).read_bytes() for name in files)).hexdigest()
    if django == "newest" or not stamp.exists() or stamp.read_text() != wanted:
        for name in files:
            alone = ["--no-deps"] if name not in LOCKED else []
            session.install("--require-hashes", *alone, "-r", name)
        if django == "newest":
            session.install("--upgrade", *CLAIMED)
        stamp.write_text(wanted)


def run_on(session, python, django, database):
    url, begun = DATABASES[database], time.monotonic()
    if not answers(url):
        return note(python, django, database, f"not run: nothing answers at {urlsplit(url).netloc}")
    paths = ["tests/apitokens"]
    if database == "mariadb":
        try:
            session.install("--require-hashes", "--no-deps", "-r", OWN.format("mariadb"))
        except CommandFailed:
            why = "not run: mysqlclient can't be built, for which libmariadb-dev is needed"
            return note(python, django, database, why)
        paths.append("tests/faults/test_mariadb.py")
    if database != "sqlite":
        url = f"{url}/matrix_{os.getpid()}"
    try:
        tests = ["python", "-m", "pytest", "-q", "-n", "2", *paths]
        ran = session.run(*tests, env={"DATABASE_URL": url})  # None with --install-only
        outcome = "passed" if ran else "not run: only installed"
    except CommandFailed:
        outcome = "failed"
    return note(python, django, database, outcome, round(time.monotonic() - begun))


def note(python, django, database, outcome, seconds=None):
    ROWS.parent.mkdir(exist_ok=True)
    with ROWS.open("a") as rows:
        rows.write(json.dumps([python, django, database, outcome, seconds]) + "\n")
    return outcome


def register(name, python, django, tags=()):
    if path := interpreter(python):
        function = partial(tests, python=python, django=django)
        function.__doc__ = f"Python {python}, Django {django}: every database that answers"
        nox.session(function, name=name, python=path, reuse_venv=True, tags=["matrix", *tags])


for _pair in PAIRS:
    register("{}-django-{}".format(*_pair), *_pair, ["least"] if _pair in LEAST else [])
for _extreme, _python in EXTREMES.items():
    register(_extreme, _python, _extreme, ["least"] if _extreme == "oldest" else [])


# The table ------------------------------------------------------------------------------------
@nox.session(venv_backend="none", tags=["matrix", "least"])
def table(session):
    """What ran, how it ended and how long it took; what didn't run, and why."""
    least = "least" in session.posargs
    rows = combinations(results(), least)
    print(f"\n{'Python':7} {'Django':7} {'database':11} {'seconds':>7}  result")
    for python, django, database, outcome, seconds in rows:
        print(f"{python:7} {django:7} {database:11} {seconds or '':>7}  {outcome}")
    if bad := wrong(rows, least):
        session.error(f"{len(bad)} of {len(rows)} combinations failed or are missing")


def combinations(found, least):
    """A row for each combination that is wanted: as it was *found*, or why there is none."""
    extremes = [(python, name) for name, python in EXTREMES.items()]
    pairs = [*LEAST, *extremes[:1]] if least else [*PAIRS, *extremes]
    return [
        row_of(found, *pair, database)
        for pair in pairs
        for database in DATABASES
        if not (least and pair[1] == "oldest" and database != "sqlite")
    ]


def wrong(rows, least):
    """What failed; of the least that must run, also what didn't."""
    return [row for row in rows if row[3] == "failed" or (least and row[3] != "passed")]


def results():
    """(Python, Django, database) → the last row of it."""
    read = [json.loads(row) for row in ROWS.read_text().splitlines()] if ROWS.exists() else []
    return {tuple(row[:3]): row for row in read}


def row_of(found, python, django, database):
    why = "not run" if interpreter(python) else f"not run: no Python {python} here"
    return found.get((python, django, database), [python, django, database, why, None])
