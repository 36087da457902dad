"""A token's whole life in the arrangement: `python -m tests.apitokens.elsewhere.walk`."""

import re

import django

django.setup()  # the imports below need the apps

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from apitokens import services, signals
from apitokens.exceptions import NameTaken
from apitokens.models import APIToken, APITokenEvent, Credential, written_to

JWT = r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
FORM = {"name": "Nightly backup", "kind": "never-ending", "request_id": "0" * 32}
ALIASES = [alias for alias in settings.DATABASES if connections[alias].vendor != "unknown"]
heard = []


def migrate():
    for alias in ALIASES:
        call_command("migrate", database=alias, verbosity=0)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    call_command("check", databases=ALIASES)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def me(jwt):
    return Client().get("/api/me", headers={"authorization": f"Bearer {jwt}"}).status_code


def listen():
    def hear(sender, token, **kwargs):
        assert not connections[written_to()].in_atomic_block, "sent before the commit"
        heard.append(token.name)

    signals.token_renamed.connect(hear, weak=False)


def generated(client):
    """The JWT; sent twice, it is the same token."""
    pages = [client.post("/my/tokens/generate/", FORM) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200], pages[-1].content
    first, again = (re.search(JWT, page.content.decode())[0] for page in pages)
    assert first == again
    return first


def live(user, jwt):
    """Everything that is done to a token, through the services."""
    token = stored().get()
    assert (token.owner, token.user) == (user, user)
    assert me(jwt) == 200
    services.rename_token(token=token, name="Backup", actor=user)
    assert heard == ["Backup"]
    assert services.copy_token(token=token, actor=user) == jwt
    _, new = services.rotate_token(token=token, overlap=services.OVERLAPS[1], actor=user)
    assert (me(jwt), me(new)) == (200, 200)
    services.cut_old_credentials(token=token, actor=user)
    assert (me(jwt), me(new)) == (401, 200)
    services.suspend_token(token=token, actor=user)
    assert me(new) == 401
    services.resume_token(token=token, actor=user)
    services.limit_token(token=token, scopes=(), networks=["192.0.2.0/24"], actor=user)
    assert me(new) == 401
    services.limit_token(token=token, scopes=(), networks=[], actor=user)
    assert me(new) == 200
    return token, new


def refused(user):
    """A taken name is told, and what fails half-way leaves neither row nor history."""
    before = stored().count(), stored(APITokenEvent).count()
    try:
        services.issue_token(owner=user, user=user, name="BACKUP", lifetime=None)
    except NameTaken:
        pass
    else:
        raise AssertionError("a second token of this name")
    try:
        with transaction.atomic(using=written_to()):
            services.issue_token(owner=user, user=user, name="Other", lifetime=None)
            raise LookupError
    except LookupError:
        pass
    assert (stored().count(), stored(APITokenEvent).count()) == before


def ended(token, jwt, user):
    with transaction.atomic(using=written_to()):
        token.delete(actor=user)
        assert stored(APITokenEvent).filter(kind="deleted").count() == 1
    assert me(jwt) == 401
    assert stored().get().is_deleted
    services.prune(deleted_before=timezone.now())
    assert (stored().count(), stored(Credential).count()) == (0, 0)
    assert stored(APITokenEvent).exists()


def stored(model=APIToken):
    """The rows where they are written."""
    return model._base_manager.using(written_to())


def using(user):
    """What is asked of one database happens in that one."""
    make = {"owner": user, "user": user, "lifetime": None}
    one, jwt = services.issue_token(name="One", **make)
    two, other = services.issue_token(name="Two", **make)
    APIToken.objects.using(written_to()).filter(pk=one.pk).delete(actor=user)
    two.delete(using=written_to())
    assert (me(jwt), me(other)) == (401, 401)
    for alias in set(ALIASES) - {written_to()}:
        if "apitokens_apitoken" in connections[alias].introspection.table_names():
            assert not APIToken.objects.using(alias).exists()


def pages(client, token):
    """They show what was done a moment ago, wherever other rows are read from."""
    for path in ("", "generate/", "history/"):
        assert client.get(f"/my/tokens/{path}").status_code == 200
    assert "Never ends" in client.get("/my/tokens/").content.decode()
    assert "Never ends" in client.get(f"/my/tokens/{token.public_id}/").content.decode()
    assert [row["state"] for row in client.get("/api/tokens/").json()["results"]] == ["unending"]


def walk():
    migrate()
    listen()
    user = get_user_model()._default_manager.db_manager(written_to()).create_user("maya")
    client = signed_in(user)
    jwt = generated(client)
    token, jwt = live(user, jwt)
    refused(user)
    pages(client, token)
    ended(token, jwt, user)
    using(user)


if __name__ == "__main__":
    walk()
    print("walked")
