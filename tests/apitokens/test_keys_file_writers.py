"""Several processes write one keys file, and some of them die of it."""

import json
import os
import signal
import stat
import time
from multiprocessing import get_context

import django
import pytest
from django.core.management import call_command

from apitokens.keyring import Keyring, editing

PATIENCE = 60
"""Seconds. Nothing here takes as many, even on a machine with ten times its load."""

EACH = 10
"""Keys that each of two writers adds."""

processes = get_context("spawn")


@pytest.fixture
def keys_file(tmp_path, monkeypatch):
    """A file with one key, which the processes of this test are told to keep their keys in."""
    path = tmp_path / "keys.json"
    monkeypatch.setenv("APITOKENS_KEYS_FILE", str(path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    with editing.edited(path) as entries:
        editing.add(entries, editing.new_entry("HS256", "first", set()))
    return path


@pytest.fixture
def start():
    """start(target, *arguments) → the process; none outlives the test."""
    started = []

    def start(target, *arguments):
        process = processes.Process(target=target, args=arguments)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join(PATIENCE)


def add_keys(name, together):
    """Runs in a process of its own."""
    django.setup()
    together.wait(PATIENCE)
    for number in range(EACH):
        call_command("apitokens_keys", "new", "--kid", f"{name}-{number}", verbosity=0)


def add_one_key(kid, place, pipe):
    """Runs in a process of its own: adds a key when told to, and stops at *place* of it."""
    django.setup()
    stop_at(place, pipe)
    pipe.recv()
    call_command("apitokens_keys", "new", "--kid", kid)


def stop_at(place, pipe):
    def stop(*arguments):
        pipe.send("here")
        time.sleep(10 * PATIENCE)

    if place == "half":
        editing.open = lambda *arguments, **options: Half(stop, *arguments, **options)
    elif place == "unnamed":
        os.replace = stop
    elif place == "named":
        editing._sync_directory = stop


class Half:
    """An open file of which only the first half of what is written arrives."""

    def __init__(self, then, *arguments, **options):
        self.file, self.then = open(*arguments, **options), then  # noqa: SIM115 - __exit__ does

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, text):
        self.file.write(text[: len(text) // 2])
        self.file.flush()
        self.then()


def kids(path):
    """The kids of a file that is whole and its owner's alone."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return list(Keyring.parse(path.read_bytes()).by_kid)


def test_two_writers_at_once_lose_no_key(keys_file, start):
    together = processes.Barrier(2)
    writers = [start(add_keys, name, together) for name in ("left", "right")]
    for writer in writers:
        writer.join(PATIENCE)
        assert writer.exitcode == 0
    expected = {f"{name}-{number}" for name in ("left", "right") for number in range(EACH)}
    assert set(kids(keys_file)) == {"first", *expected}
    states = [entry["state"] for entry in json.loads(keys_file.read_text())]
    assert states == ["active", *["next"] * 2 * EACH]


@pytest.mark.parametrize(
    ("place", "found"),
    [("half", ["first"]), ("unnamed", ["first"]), ("named", ["first", "late"])],
)
def test_a_writer_that_is_killed_leaves_a_whole_file_and_the_next_may_write(
    keys_file, start, place, found
):
    (ours, its), (next_ours, next_its) = processes.Pipe(), processes.Pipe()
    killed = start(add_one_key, "late", place, its)
    following = start(add_one_key, "next", "nowhere", next_its)
    ours.send("go")
    assert ours.poll(PATIENCE)
    os.kill(killed.pid, signal.SIGKILL)
    killed.join(PATIENCE)
    assert killed.exitcode == -signal.SIGKILL
    assert kids(keys_file) == found
    next_ours.send("go")
    following.join(PATIENCE)
    assert following.exitcode == 0
    assert kids(keys_file) == [*found, "next"]
