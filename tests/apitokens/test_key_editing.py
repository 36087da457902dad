"""What is done to the entries of a keys file, and in which words it is refused."""

import json
import os
from types import SimpleNamespace

import pytest

from apitokens.exceptions import KeyringError
from apitokens.keyring import Keyring, editing
from apitokens.keyring.editing import KeyTooYoung

DAY = "2026-11-24"
PUBLISHED = "2026-11-24T10:00:00+00:00"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    return time_machine


def entry(kid, state=None, **more):
    stated = {} if state is None else {"state": state}
    return {"kid": kid, "alg": "HS256", "secret": kid * 40, **stated, **more}


def states(entries):
    return {entry["kid"]: entry.get("state") for entry in entries}


def refused(act, *arguments, error=KeyringError, **named):
    with pytest.raises(KeyringError) as caught:
        act(*arguments, **named)
    assert type(caught.value) is error
    return str(caught.value)


# New ones ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("algorithm", "length"), [("HS256", 64), ("EdDSA", 43)])
def test_a_new_key_waits_and_is_as_random_as_its_algorithm_takes(algorithm, length):
    first, second = (editing.new_entry(algorithm, None, set()) for _ in range(2))
    assert first.keys() == {"kid", "alg", "state", "secret"}
    assert (first["alg"], first["state"], len(first["secret"])) == (algorithm, "next", length)
    assert first["secret"] != second["secret"]
    assert Keyring.parse([{**first, "state": "active"}]).active.kid == DAY


@pytest.mark.parametrize(
    ("taken", "kid"),
    [(set(), DAY), ({"other"}, DAY), ({DAY}, f"{DAY}-2"), ({DAY, "other"}, f"{DAY}-2"),
     ({DAY, f"{DAY}-2", f"{DAY}-3"}, f"{DAY}-4"), ({DAY, f"{DAY}-3"}, f"{DAY}-2")],
    ids=lambda given: given if isinstance(given, str) else " ".join(sorted(given)) or "none",
)  # fmt: skip
def test_a_key_without_a_name_is_named_by_the_day_and_a_number_if_need_be(taken, kid):
    assert editing.new_entry("HS256", None, taken)["kid"] == kid


def test_a_name_that_is_taken_is_refused_and_any_other_kept():
    assert refused(editing.new_entry, "HS256", "a", {"a"}) == "there is a key a already"
    assert editing.new_entry("HS256", "b", {"a"})["kid"] == "b"


def test_the_first_key_is_active_at_once_and_each_says_when_it_was_published():
    entries = []
    for kid in ("a", "b"):
        editing.add(entries, entry(kid, "next"))
    assert states(entries) == {"a": "active", "b": "next"}
    assert [one["published_at"] for one in entries] == [PUBLISHED, PUBLISHED]


# Promoting -----------------------------------------------------------------------------------
@pytest.mark.parametrize("active", ["active", None], ids=["stated", "by default"])
def test_the_promoted_one_signs_and_the_one_that_did_verifies(active):
    entries = [entry("a", active), entry("b", "verify"), entry("c", "next"), entry("d", "retired")]
    assert editing.promote(entries, "c", at_once=True) is entries[2]
    assert states(entries) == {"a": "verify", "b": "verify", "c": "active", "d": "retired"}


def test_one_that_signed_before_may_sign_again_at_once():
    entries = [entry("a", "active"), entry("b", "verify")]
    editing.promote(entries, "b", at_once=False)
    assert states(entries) == {"a": "verify", "b": "active"}


def test_of_several_that_wait_the_named_one_is_promoted():
    entries = [entry("a", "active"), entry("b", "next"), entry("c", "next")]
    editing.promote(entries, "c", at_once=True)
    assert states(entries) == {"a": "verify", "b": "next", "c": "active"}


def test_the_only_one_that_waits_needs_no_name():
    entries = [entry("a", "active"), entry("b", "verify"), entry("c", "next")]
    assert editing.promote(entries, None, at_once=True)["kid"] == "c"


@pytest.mark.parametrize(
    ("entries", "kid", "words"),
    [([entry("a", "active"), entry("b", "retired")], "b",
      "key b is retired: only a next key is promoted"),
     ([entry("a", "active")], "a", "key a is active: only a next key is promoted"),
     ([entry("a")], "a", "key a is active: only a next key is promoted"),
     ([entry("a", "active")], "x", "there is no key x"),
     ([entry("a", "active"), entry("b", "verify")], None,
      "say which key: in state next there is none"),
     ([entry("a", "active"), entry("b", "next"), entry("c", "next")], None,
      "say which key: in state next there is b, c")],
    ids=["retired", "active", "by default", "unknown", "none waits", "two wait"],
)  # fmt: skip
@pytest.mark.parametrize("at_once", [True, False])
def test_what_cannot_be_promoted_is_said_and_nothing_changes(entries, kid, words, at_once):
    before = {one["kid"]: one.get("state", "active") for one in entries}
    assert refused(editing.promote, entries, kid, at_once=at_once) == words
    assert {one["kid"]: one.get("state", "active") for one in entries} == before


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "key b was published 0 s ago: wait 305 s more"),
     (0, "key b was published 0 s ago: wait 300 s more"),
     (0.5, "key b was published 0 s ago: wait 300 s more"),
     (120, "key b was published 120 s ago: wait 180 s more"),
     (299.5, "key b was published 300 s ago: wait 1 s more")],
)  # fmt: skip
def test_a_key_that_some_process_may_not_know_is_too_young(clock, seconds, words):
    entries = [entry("a", "active"), entry("b", "next", published_at=PUBLISHED)]
    clock.shift(seconds)
    said = refused(editing.promote, entries, None, at_once=False, error=KeyTooYoung)
    assert said == f"{words}, until every process has read it"
    clock.shift(300 - seconds)
    assert editing.promote(entries, None, at_once=False)["kid"] == "b"


def test_a_key_of_unknown_age_is_too_young():
    entries = [entry("a", "active"), entry("b", "next")]
    said = refused(editing.promote, entries, None, at_once=False, error=KeyTooYoung)
    assert said == "key b doesn't say when it was published"
    assert states(entries) == {"a": "active", "b": "next"}


# Retiring ------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["verify", "next", "retired"])
def test_any_but_the_active_one_is_retired(state):
    entries = [entry("a", "active"), entry("b", state)]
    assert editing.retire(entries, "b") is entries[1]
    assert states(entries) == {"a": "active", "b": "retired"}


@pytest.mark.parametrize("state", ["active", None], ids=["stated", "by default"])
def test_the_active_one_is_not_retired(state):
    entries = [entry("a", state)]
    assert refused(editing.retire, entries, "a") == "key a is active: promote another one first"
    assert refused(editing.retire, entries, "x") == "there is no key x"
    assert states(entries) == {"a": "active"}


# The file ------------------------------------------------------------------------------------
@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_a_file_is_made_of_nothing_indented_and_for_its_owner_alone(path):
    with editing.edited(path) as entries:
        assert entries == []
        editing.add(entries, entry("a", "next"))
    assert path.read_text() == json.dumps(entries, indent=2) + "\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(path.parent)) == ["keys.json", "keys.json.lock"]
    assert (path.parent / "keys.json.lock").stat().st_mode & 0o777 == 0o600


def test_what_a_block_changes_is_in_the_file_and_in_what_is_read_of_it(path):
    for kid in ("a", "b"):
        with editing.edited(path) as entries:
            editing.add(entries, entry(kid, "next"))
    assert editing.read_entries(path) == entries
    assert states(editing.read_entries(path)) == {"a": "active", "b": "next"}


def spoil(entries):
    entries.append(entry("b", "active"))


def fail(entries):
    raise RuntimeError("in the block")


@pytest.mark.parametrize("act", [spoil, fail])
def test_a_block_that_ends_badly_leaves_the_file_as_it_was(path, act):
    with editing.edited(path) as entries:
        editing.add(entries, entry("a", "next"))
    before = path.read_text()
    with pytest.raises((KeyringError, RuntimeError)), editing.edited(path) as entries:
        act(entries)
    assert path.read_text() == before
    assert sorted(os.listdir(path.parent)) == ["keys.json", "keys.json.lock"]


def test_the_setting_is_named_where_the_entries_are_none(path):
    def write_nothing():
        with editing.edited(path):
            pass

    words = "APITOKENS_KEYS_FILE is missing or empty"
    assert refused(write_nothing) == words
    path.write_text("[]")
    path.chmod(0o600)
    assert refused(editing.read_entries, path) == words
    assert refused(write_nothing) == words


def test_a_folder_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "nowhere" / "keys.json"

    def write():
        with editing.edited(path):
            pass

    assert refused(write) == f"APITOKENS_KEYS_FILE {path}: No such file or directory"


def test_the_lock_is_beside_the_file_and_no_link_is_followed(path, tmp_path):
    (tmp_path / "keys.json.lock").symlink_to(tmp_path / "elsewhere")

    def write():
        with editing.edited(path) as entries:
            editing.add(entries, entry("a", "next"))

    assert "keys.json: " in refused(write)
    assert not (tmp_path / "elsewhere").exists()
    assert not path.exists()


def test_what_is_written_stands_beside_the_file_until_it_takes_its_place(path, monkeypatch):
    moved, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *paths: (moved.append(paths), replace(*paths)))
    with editing.edited(path) as entries:
        editing.add(entries, entry("a", "next"))
    ((source, target),) = moved
    assert target == path
    assert os.path.dirname(source) == str(path.parent)
    assert os.path.basename(source).startswith(".keys.json.")


@pytest.mark.parametrize("gone", [False, True])
def test_a_disk_that_fails_leaves_no_half_file(path, monkeypatch, gone):
    def fail(descriptor):
        for name in os.listdir(path.parent) if gone else ():
            (path.parent / name).unlink()
        raise OSError(5, "Input/output error")

    def write():
        with editing.edited(path) as entries:
            editing.add(entries, entry("a", "next"))

    monkeypatch.setattr(os, "fsync", fail)
    assert refused(write) == f"APITOKENS_KEYS_FILE {path}: Input/output error"
    assert os.listdir(path.parent) == ([] if gone else ["keys.json.lock"])


def test_the_file_stays_its_owners_whoever_edits_it(path, monkeypatch):
    given = []
    monkeypatch.setattr(os, "fchown", lambda *call: given.append(call))
    for kid in ("a", "b"):
        with editing.edited(path) as entries:
            editing.add(entries, entry(kid, "next"))
    assert given == []
    owner = path.stat()
    for other in ((owner.st_uid + 1, owner.st_gid), (owner.st_uid, owner.st_gid + 2)):
        fresh = SimpleNamespace(st_uid=other[0], st_gid=other[1])
        with monkeypatch.context() as patched:
            patched.setattr(os, "fstat", lambda descriptor, fresh=fresh: fresh)
            editing._keep_owner(path, 7)
    assert given == [(7, owner.st_uid, owner.st_gid)] * 2
