"""The commands for operators."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from apitokens.models import APIToken
from tests.conftest import bearer
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_create_prints_the_jwt_and_nothing_else(admin, capsys):
    call_command("apitokens_create", user="admin@acme.test", name="Cron")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert bearer(out.strip()).get("/external/v1/me").json()["name"] == "Cron"


@pytest.mark.parametrize(
    ("user", "name", "fault"),
    [
        ("nobody@acme.test", "x", "--user: nobody"),
        ("hr@acme.test", "x", "--user: this person may not"),
        ("staff@x.test", "x", "--user: this person may not"),
        ("admin@acme.test", "", "--name"),
        ("admin@acme.test", "a\x00b", "--name"),
        ("admin@acme.test", "x" * 65, "--name"),
    ],
)
def test_create_refuses_and_names_the_argument(admin, hr, user, name, fault):
    UserFactory(email="staff@x.test", company=None, access_level="", is_staff=True)
    with pytest.raises(CommandError, match=fault):
        call_command("apitokens_create", user=user, name=name)
    assert not APIToken.objects.exists()


def test_create_refuses_a_taken_name(admin, token):
    with pytest.raises(CommandError, match="--name: there is a token with this name"):
        call_command("apitokens_create", user=admin.email, name="GREENHOUSE sync")


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ("admin@acme.test", "--new-user: .*email: User with this"),
        ("no address", "--new-user: .*email: Enter a valid"),
        ("", "--new-user: .*email: This field cannot be blank"),
        ("robot@acme.test", "--new-user: name: This field cannot be blank"),
    ],
)
def test_a_new_user_whom_the_project_would_not_have_is_not_made(admin, user, fault):
    with pytest.raises(CommandError, match=fault):
        call_command("apitokens_create", user=user, name="Cron", new_user=True)
    assert list(get_user_model().objects.all()) == [admin]
    assert not APIToken.objects.exists()


def test_delete_ends_tokens_by_public_id(token, jwt, capsys):
    call_command("apitokens_delete", token.public_id)
    assert capsys.readouterr().out == f"{token.public_id} deleted\n"
    assert bearer(jwt).get("/external/v1/me").status_code == 401
    call_command("apitokens_delete", token.public_id)
    assert capsys.readouterr().out == f"{token.public_id} was deleted before\n"


def test_delete_of_an_unknown_id_deletes_nothing(token):
    with pytest.raises(CommandError, match="tok_nope"):
        call_command("apitokens_delete", token.public_id, "tok_nope")
    assert not APIToken.objects.get().is_deleted
