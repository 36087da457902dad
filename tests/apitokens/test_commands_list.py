"""Listing and rotating for operators."""

import json
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.core.management import CommandError, call_command

from apitokens import services
from apitokens.models import Credential
from tests.apitokens.conftest import claims_in
from tests.conftest import bearer
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db


def listed(capsys, *arguments, **options):
    call_command("apitokens_list", "--json", *arguments, **options)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def in_every_state(acme, admin, time_machine):
    """State → a token in it."""
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    leaver = UserFactory(company=acme, email="leaver@acme.test")

    def token(name, user=admin, seconds=None):
        lifetime = None if seconds is None else timedelta(seconds=seconds)
        return make_token(owner=acme, user=user, name=name, lifetime=lifetime)[0]

    tokens = {
        "expired": token("expired", seconds=600),
        "ending": token("ending", seconds=3600),
        "unending": token("unending"),
        "suspended": token("suspended"),
        "stopped": token("stopped", leaver),
        "deleted": token("deleted"),
    }
    services.suspend_token(token=tokens["suspended"], actor=admin)
    leaver.is_active = False
    leaver.save()
    tokens["deleted"].delete()
    time_machine.shift(600)
    return tokens


def test_a_line_has_what_may_be_told_of_a_token(acme, admin, settings, capsys):
    settings.APITOKENS_SCOPES = {"read": "Read", "write": "Write"}
    token, jwt = make_token(
        owner=acme, user=admin, name="Lever", scopes=["read"], networks=["127.0.0.0/8"]
    )
    bearer(jwt).get("/external/v1/me")
    assert listed(capsys) == [
        {
            "id": token.public_id,
            "name": "Lever",
            "owner_id": str(acme.pk),
            "owner": "Acme Corp",
            "acts_as_id": str(admin.pk),
            "acts_as": "Asha Rao",
            "state": "unending",
            "created_at": ANY,
            "expires_at": None,
            "last_used_at": ANY,
            "last_used_from": "127.0.0.1",
            "scopes": ["read"],
            "networks": ["127.0.0.0/8"],
            "kid": settings.APITOKENS_KEYS[0]["kid"],
            "old_secrets": [],
        }
    ]


def test_neither_form_of_the_list_holds_a_secret(token, jwt, capsys):
    for arguments in ([], ["--json"]):
        call_command("apitokens_list", *arguments)
        said = capsys.readouterr().out
        jti = Credential.objects.get().jti
        assert token.public_id in said
        for secret in (*jwt.split("."), claims_in(jwt)["jti"], str(jti), jti.hex):
            assert secret not in said


@pytest.mark.parametrize(
    "state", ["expired", "ending", "unending", "suspended", "stopped", "deleted"]
)
def test_the_list_is_narrowed_by_state(in_every_state, capsys, state):
    rows = listed(capsys, "--state", state)
    assert [(row["id"], row["state"]) for row in rows] == [(in_every_state[state].public_id, state)]


def test_states_add_up_and_tombstones_are_listed_only_when_asked_for(in_every_state, capsys):
    assert len(listed(capsys)) == 5
    assert len(listed(capsys, "--state=deleted", "--state=expired")) == 2


def test_the_list_is_narrowed_by_owner_or_person(token, globex, other_admin, acme, admin, capsys):
    make_token(owner=globex, user=other_admin, name="Theirs")
    assert [row["name"] for row in listed(capsys, owner=str(globex.pk))] == ["Theirs"]
    assert [row["name"] for row in listed(capsys, user=admin.email)] == ["Greenhouse sync"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("owner", "0"), ("owner", "x"), ("owner", "9" * 30), ("user", "nobody@acme.test")],
)
def test_a_list_of_nobodys_tokens_names_the_option(token, option, value):
    with pytest.raises(CommandError, match=f"--{option}"):
        call_command("apitokens_list", **{option: value})


def test_a_name_cannot_drive_the_terminal(token, acme, admin, capsys):
    admin.name = "Asha\x1b[2J\r\nForged"
    admin.save()
    call_command("apitokens_list")
    said = capsys.readouterr().out
    assert "Asha?[2J??Forged" in said
    assert said.count("\n") == 2


def test_the_list_takes_the_same_queries_for_any_number(
    acme, admin, capsys, django_assert_num_queries
):
    for count in (1, 10):
        for number in range(count):
            make_token(owner=acme, user=admin, name=f"{count}.{number}")
        with django_assert_num_queries(3):
            listed(capsys)


# Rotating ---------------------------------------------------------------------------------------
def me(jwt):
    return bearer(jwt).get("/external/v1/me").status_code


def test_rotate_prints_the_new_jwt_and_nothing_else_and_ends_the_old(token, jwt, capsys):
    call_command("apitokens_rotate", token.public_id)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.strip() != jwt
    assert (me(said.strip()), me(jwt)) == (200, 401)


@pytest.mark.parametrize("seconds", [3600, 86400, 604800])
def test_rotate_lets_the_old_one_go_on_for_the_overlap(token, jwt, capsys, time_machine, seconds):
    time_machine.move_to("2027-01-01T12:00:00Z", tick=False)
    call_command("apitokens_rotate", token.public_id, f"--overlap={seconds}")
    time_machine.shift(seconds - 1)
    assert me(jwt) == 200
    time_machine.shift(1)
    assert me(jwt) == 401


@pytest.mark.parametrize("overlap", ["-1", "1", "3601", "x", "86400000"])
def test_rotate_refuses_another_overlap(token, overlap):
    with pytest.raises(CommandError, match="--overlap"):
        call_command("apitokens_rotate", token.public_id, f"--overlap={overlap}")
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("state", ["expired", "suspended", "stopped", "deleted"])
def test_rotate_refuses_one_that_does_not_work_and_says_why(in_every_state, state, capsys):
    with pytest.raises(CommandError, match=state):
        call_command("apitokens_rotate", in_every_state[state].public_id)
    assert capsys.readouterr().out == ""


def test_rotate_of_an_unknown_id_says_so(token):
    with pytest.raises(CommandError, match="no such token: tok_nope"):
        call_command("apitokens_rotate", "tok_nope")


# Creating and deleting --------------------------------------------------------------------------
def test_create_takes_scopes_and_networks(admin, settings, capsys):
    settings.APITOKENS_SCOPES = {"read": "Read", "write": "Write"}
    call_command(
        "apitokens_create", "--scope=read", "--scope=tokens:rotate-self",
        "--network=127.0.0.1", "--network=2001:db8::/32", user=admin.email, name="Cron",
    )  # fmt: skip
    jwt = capsys.readouterr().out.strip()
    assert me(jwt) == 200
    (row,) = listed(capsys)
    assert row["scopes"] == ["read", "tokens:rotate-self"]
    assert row["networks"] == ["127.0.0.1/32", "2001:db8::/32"]


@pytest.mark.parametrize(
    "argument", ["--scope=nope", "--scope=", "--network=10.0.0.1/8", "--network=x", "--network="]
)
def test_create_names_the_limit_that_it_refuses(admin, settings, argument, capsys):
    settings.APITOKENS_SCOPES = {"read": "Read"}
    with pytest.raises(CommandError, match=argument.partition("=")[0]):
        call_command("apitokens_create", argument, user=admin.email, name="Cron")
    assert listed(capsys) == []


@pytest.mark.parametrize("seconds", ["599", "86401", "-1", "600.5", "600 ", "0000600" + "9" * 5000])
def test_create_refuses_a_lifetime_out_of_bounds(admin, seconds, capsys):
    with pytest.raises(CommandError, match="--lifetime: give 600 to 86400 whole seconds"):
        call_command("apitokens_create", f"--lifetime={seconds}", user=admin.email, name="x")
    assert listed(capsys) == []


def test_delete_can_answer_in_json(token, capsys):
    for deleted in (True, False):
        call_command("apitokens_delete", "--json", token.public_id)
        assert json.loads(capsys.readouterr().out) == {"id": token.public_id, "deleted": deleted}
