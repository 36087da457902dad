"""Keys in a file: who may read it, and that a change is seen while a fault harms nobody."""

import json
import logging
import os
from threading import Thread

import pytest

from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring, source

OLD = {"kid": "old", "alg": "HS256", "state": "active", "secret": "o" * 40}
NEW = {"kid": "new", "alg": "HS256", "state": "next", "secret": "n" * 40}


def write(path, keys, mode=0o600):
    """Replace the file, as a careful writer does."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(keys if isinstance(keys, str) else json.dumps(keys))
    fresh.chmod(mode)
    fresh.replace(path)


@pytest.fixture
def keys_file(tmp_path, settings):
    path = tmp_path / "keys.json"
    write(path, [OLD])
    settings.APITOKENS_KEYS = None
    settings.APITOKENS_KEYS_FILE = str(path)
    return path


def test_keys_come_from_the_file_that_the_setting_names(keys_file):
    assert get_keyring().active.kid == "old"
    assert get_keyring() is get_keyring()


def test_a_change_of_the_file_is_seen_by_the_next_request(keys_file):
    assert set(get_keyring().verifying) == {"old"}
    write(keys_file, [OLD, NEW])
    assert set(get_keyring().verifying) == {"old", "new"}


@pytest.mark.parametrize(
    ("keys", "mode", "fault"),
    [
        ("{", 0o600, "not valid JSON"),
        ("", 0o600, "not valid JSON"),
        ("[]", 0o600, "missing or empty"),
        ("[" * 100_000, 0o600, "not valid JSON"),
        ([{**OLD, "state": "verify"}], 0o600, "exactly one"),
        ([OLD], 0o640, "chmod 600"),
        ([OLD], 0o604, "chmod 600"),
        ([OLD], 0o620, "chmod 600"),
    ],
)
def test_a_file_that_is_unusable_at_the_start_is_an_error(keys_file, keys, mode, fault):
    write(keys_file, keys, mode)
    with pytest.raises(KeyringError, match=fault):
        get_keyring()


def test_a_missing_file_a_link_and_a_folder_are_named(keys_file, tmp_path, settings):
    (tmp_path / "link").symlink_to(keys_file)
    for name, fault in {
        "nowhere": "No such file",
        "link": "symbolic link",
        ".": "no regular file",
    }.items():
        settings.APITOKENS_KEYS_FILE = str(tmp_path / name)
        with pytest.raises(KeyringError, match=fault):
            get_keyring()


def test_a_file_and_a_setting_at_once_are_refused(keys_file, settings):
    settings.APITOKENS_KEYS = [OLD]
    with pytest.raises(KeyringError, match="not both"):
        get_keyring()


@pytest.mark.django_db
def test_a_file_that_breaks_leaves_the_good_keys_in_force_and_is_logged_once(
    keys_file, caplog, token_and_jwt_of_file, present
):
    jwt = token_and_jwt_of_file
    for broken in ("{ secret-in-the-text", json.dumps([{**OLD, "alg": "none"}])):
        caplog.clear()
        write(keys_file, broken)
        for _ in range(3):
            assert present(jwt).status_code == 200
        errors = [r for r in caplog.records if r.levelno == logging.ERROR]
        assert len(errors) == 1
        assert "stay in force" in errors[0].getMessage()
        assert "secret-in-the-text" not in caplog.text
    write(keys_file, [{**OLD, "state": "verify"}, {**NEW, "state": "active"}])
    assert get_keyring().active.kid == "new"
    assert present(jwt).status_code == 200


@pytest.fixture
def token_and_jwt_of_file(keys_file, token_and_jwt):
    return token_and_jwt[1]


def test_a_file_that_disappears_or_opens_to_others_leaves_the_good_keys_in_force(keys_file):
    good = get_keyring()
    keys_file.chmod(0o644)
    assert get_keyring() is good
    keys_file.unlink()
    assert get_keyring() is good
    write(keys_file, [OLD, NEW])
    assert set(get_keyring().verifying) == {"old", "new"}


def test_an_unchanged_file_is_not_read_again(keys_file, monkeypatch):
    get_keyring()
    monkeypatch.setattr(os, "open", None)
    assert get_keyring().active.kid == "old"


# In these words ------------------------------------------------------------------------------
def fault_of(path):
    with pytest.raises(KeyringError) as caught:
        get_keyring()
    start = f"APITOKENS_KEYS_FILE {path}: "
    assert str(caught.value).startswith(start)
    return str(caught.value).removeprefix(start)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_file_that_others_may_use_is_refused_with_its_mode_and_the_remedy(keys_file, mode):
    write(keys_file, [OLD], mode)
    words = f"others than its owner can use it (mode 0{mode:o}); run chmod 600"
    assert fault_of(keys_file) == words


def test_a_folder_and_a_link_are_refused_in_these_words(tmp_path, keys_file, settings):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(keys_file)
    for name, words in {
        "folder": "it is no regular file",
        "link": "it is a symbolic link; name the file itself",
        "nowhere": "No such file or directory",
    }.items():
        settings.APITOKENS_KEYS_FILE = str(tmp_path / name)
        assert fault_of(tmp_path / name) == words


def test_a_fault_without_a_text_of_the_system_is_named_by_its_kind(tmp_path):
    assert source._why_not(tmp_path, PermissionError()) == "PermissionError"


def test_a_file_may_have_1_mib_and_no_byte_more(keys_file):
    text = json.dumps([OLD])
    write(keys_file, text + " " * (2**20 - len(text)))
    assert get_keyring().active.kid == "old"
    source._file = None
    write(keys_file, text + " " * (2**20 - len(text) + 1))
    assert fault_of(keys_file) == "it is over 1 MiB"


def test_the_setting_of_the_file_is_named_where_its_text_is_at_fault(keys_file):
    write(keys_file, "[]")
    with pytest.raises(KeyringError, match=r"\AAPITOKENS_KEYS_FILE is missing or empty\Z"):
        get_keyring()


def test_two_sources_at_once_are_refused_in_these_words(keys_file, settings):
    settings.APITOKENS_KEYS = [OLD]
    with pytest.raises(KeyringError) as caught:
        get_keyring()
    assert str(caught.value) == "set APITOKENS_KEYS or APITOKENS_KEYS_FILE, not both"


def test_the_log_says_what_was_read_and_what_is_broken(keys_file, caplog):
    caplog.set_level(logging.INFO, "apitokens.keyring")
    get_keyring()
    write(keys_file, "{")
    get_keyring()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "signing keys read, old is active"),
        ("ERROR", "APITOKENS_KEYS_FILE is not valid JSON; the keys that were read before stay in "
                  "force"),
    ]  # fmt: skip


# At once -------------------------------------------------------------------------------------
def test_who_finds_the_file_as_it_was_read_waits_for_nobody(keys_file):
    found = []
    good = get_keyring()
    thread = Thread(target=lambda: found.append(get_keyring()))
    with source._file.lock:
        thread.start()
        thread.join(timeout=20)
        assert found == [good]
    thread.join()


@pytest.mark.parametrize("text", [json.dumps([OLD, NEW]), "{"], ids=["good", "broken"])
def test_of_several_who_find_it_changed_one_alone_reads_it(keys_file, text, monkeypatch):
    get_keyring()
    write(keys_file, text)
    file, stamp = source._file, source._file._stamp()
    first = file._reread(stamp)
    monkeypatch.setattr(source, "read_keys_file", None)
    assert file._reread(stamp) is first
    assert file.keyring() is first


def test_no_descriptor_is_left_open(keys_file):
    before = len(os.listdir("/dev/fd"))
    for keys in ([OLD], [OLD, NEW], "{"):
        write(keys_file, keys)
        get_keyring()
    keys_file.chmod(0o644)
    get_keyring()
    assert len(os.listdir("/dev/fd")) == before
