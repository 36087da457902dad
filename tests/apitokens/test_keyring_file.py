"""Keys in a file: who may read it, and that a change is seen while a fault harms nobody."""

import json
import logging
import os

import pytest

from apitokens.exceptions import KeyringError
from apitokens.keyring import get_keyring

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
