"""The main job in a host project, from migration to 401: run as `python -m tests.hosts.walk`."""

import re

import django

django.setup()  # the imports below need the host's apps

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, override_settings

from apitokens.conf import conf
from apitokens.models import APIToken


def owner_of(user):
    if conf.owner_model != "team.Team":
        return user
    from tests.hosts.team.models import Team

    team = Team.objects.create(name="Northwind")
    team.members.add(user)
    return team


def generate(client):
    form = {"name": "Nightly backup", "kind": "never-ending", "request_id": "0" * 32}
    page = client.post("/my/tokens/generate/", form)
    assert page.status_code == 200, page.content
    return re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", page.content.decode())[0]


def walk():
    call_command("migrate", verbosity=0)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    user = get_user_model().objects.create_user("maya")
    owner = owner_of(user)
    client = Client()
    client.force_login(user)
    assert "No tokens yet" in client.get("/my/tokens/").content.decode()
    jwt = generate(client)
    token = APIToken.objects.get()
    assert (token.owner, token.user, token.label) == (owner, user, "API(Nightly backup)")
    headers = {"authorization": f"Bearer {jwt}"}
    me = Client().get("/api/me", headers=headers)
    assert (me.status_code, me.json()["owner"]) == (200, str(owner)), me.content
    assert str(owner) in client.get("/my/tokens/").content.decode()
    token.delete()
    assert Client().get("/api/me", headers=headers).status_code == 401
    owner.delete()
    assert not APIToken.objects.exists()


def refused_after_a_change():
    """APITOKENS_OWNER_MODEL is fixed at the first migration."""
    with override_settings(APITOKENS_OWNER_MODEL="auth.Group"):
        from django.core.checks import run_checks

        found = [error.id for error in run_checks(databases=["default"])]
    assert found == ["apitokens.E003"], found
    call_command("check", databases=["default"])


if __name__ == "__main__":
    walk()
    refused_after_a_change()
    print("walked")
