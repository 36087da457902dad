"""apitokens_keys, apitokens_pattern and apitokens_scan."""

import io
import json
import re
import sys

import jwt as pyjwt
import pytest
from django.core.management import CommandError, call_command

from apitokens.keyring import Keyring, get_keyring
from apitokens.services import delete_token
from tests.factories import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys_file(tmp_path, settings):
    settings.APITOKENS_KEYS = None
    settings.APITOKENS_KEYS_FILE = str(tmp_path / "keys.json")
    run("apitokens_keys", "new", "--kid", "first")
    return tmp_path / "keys.json"


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_key_of_a_file_is_active_and_the_next_waits(keys_file):
    assert keys_file.stat().st_mode & 0o777 == 0o600
    run("apitokens_keys", "new", "--alg", "EdDSA", "--kid", "second")
    assert {k: v.state for k, v in get_keyring().by_kid.items()} == {
        "first": "active",
        "second": "next",
    }


def test_promote_waits_until_the_key_is_known_everywhere(keys_file, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    run("apitokens_keys", "new", "--kid", "second")
    time_machine.move_to("2026-11-24T10:04:50Z", tick=False)
    with pytest.raises(CommandError, match="wait 10 s more"):
        run("apitokens_keys", "promote")
    time_machine.move_to("2026-11-24T10:05:00Z", tick=False)
    assert run("apitokens_keys", "promote") == "second active\n"
    assert get_keyring().by_kid["first"].state == "verify"


def test_promote_can_be_forced(keys_file):
    run("apitokens_keys", "new", "--kid", "second")
    run("apitokens_keys", "promote", "second", "--force")
    assert get_keyring().active.kid == "second"


def test_a_key_that_living_tokens_need_is_retired_only_by_force(keys_file, present):
    token, jwt = make_token(name="Nightly")
    run("apitokens_keys", "new", "--kid", "second")
    run("apitokens_keys", "promote", "--force")
    with pytest.raises(CommandError, match=f"{token.public_id} Nightly"):
        run("apitokens_keys", "retire", "first")
    assert present(jwt).status_code == 200
    assert f"{token.public_id} Nightly" in run("apitokens_keys", "retire", "first", "--force")
    assert present(jwt).status_code == 401


def test_the_active_key_is_never_retired(keys_file):
    with pytest.raises(CommandError, match="promote another one first"):
        run("apitokens_keys", "retire", "first", "--force")


def test_status_counts_living_tokens_and_shows_no_secret(keys_file, present):
    token, jwt = make_token()
    present(jwt)
    out = run("apitokens_keys", "status", "--json")
    facts = json.loads(out)
    assert (facts["kid"], facts["state"], facts["living"]) == ("first", "active", 1)
    assert facts["last_used_at"]
    delete_token(token=token, actor=None)
    assert "0 living" in run("apitokens_keys", "status")
    secret = json.loads(keys_file.read_text())[0]["secret"]
    assert secret not in out + run("apitokens_keys", "status")


@pytest.mark.parametrize("act", [["new"], ["promote", "x"], ["retire", "x"]])
def test_keys_of_the_settings_are_not_written(act):
    with pytest.raises(CommandError, match="APITOKENS_KEYS, which this command can't write"):
        run("apitokens_keys", *act)


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
def test_new_prints_a_key_for_pasting(algorithm):
    entry = json.loads(run("apitokens_keys", "new", "--print", "--alg", algorithm))
    assert Keyring.parse([{**entry, "state": "active"}]).active.algorithm == algorithm


def test_the_pattern_finds_our_tokens_and_no_other_jwt(jwt):
    rules = json.loads(run("apitokens_pattern", "--json"))
    for pattern in (rules["gitleaks"]["regex"], rules["github"]["secret_format"]):
        assert re.search(pattern, f'token = "{jwt}"').group() == jwt
        assert not re.search(pattern, pyjwt.encode({"iss": "svportal"}, "k" * 40))
    assert rules["gitleaks"]["regex"] in run("apitokens_pattern")


def scan(*paths):
    out, code = io.StringIO(), 0
    try:
        call_command("apitokens_scan", *paths, "--json", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, [json.loads(line) for line in out.getvalue().splitlines()], out.getvalue()


def test_a_scan_finds_a_living_token_says_whose_and_never_shows_it(tmp_path, token, jwt):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "blob").write_bytes(b"\xff\x00\n\n" + f"x={jwt};".encode())
    code, found, text = scan(str(tmp_path))
    assert code == 1
    assert found[0]["path"].endswith("deep/blob")
    assert (found[0]["line"], found[0]["token"], found[0]["living"]) == (3, token.public_id, True)
    assert jwt not in text
    delete_token(token=token, actor=None)
    code, found, _ = scan(str(tmp_path))
    assert (code, found[0]["state"], found[0]["name"]) == (0, "deleted", "Greenhouse sync")


@pytest.mark.parametrize("before", [2**20 - 100, 2**20 - 4096, 2**20 - 4097, 2**20, 3 * 2**20 - 5])
def test_a_token_at_the_seam_of_two_pieces_is_found_once(tmp_path, jwt, before):
    (tmp_path / "big").write_bytes(b"\n" * before + jwt.encode() + b"\n" * 2**20)
    _, found, _ = scan(str(tmp_path / "big"))
    assert [(f["line"], f["living"]) for f in found] == [(before + 1, True)]


def test_a_scan_reads_standard_input(monkeypatch, jwt):
    class Piped:
        buffer = io.BytesIO(jwt[:-1].encode())

    monkeypatch.setattr(sys, "stdin", Piped)
    code, found, _ = scan("-")
    assert (code, found[0]["path"], found[0]["living"]) == (0, "-", False)
