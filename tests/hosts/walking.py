"""The steps that every host walks: a person's pages, a program's calls, an operator's commands.

Copied beside each host and imported there as `walking`, once Django is set up. Every step asserts
what it did.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apitokens.models import APIToken, APITokenEvent

JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
TICKED = re.compile(r'<input type="checkbox" name="(\w+)" value="([^"]*)" checked')


def command(name: str, /, *arguments: str, **options: Any) -> str:
    """What a management command prints."""
    output = io.StringIO()
    call_command(name, *arguments, stdout=output, **options)
    return output.getvalue().strip()


@dataclass
class Person:
    """Somebody at a browser, signed in, on the pages of the app."""

    user: Any
    shell: str
    """What stands on every page of this host, and on no other's."""

    def __post_init__(self) -> None:
        self.client = Client()
        self.client.force_login(self.user)

    def open(self, page: str, *arguments: str) -> str:
        answer = self.client.get(reverse(f"apitokens:{page}", args=arguments))
        assert answer.status_code == 200, (page, answer.status_code, answer.content)
        assert self.shell in answer.content.decode(), (page, answer.content)
        return answer.content.decode()

    def send(self, page: str, *arguments: str, **form: Any) -> str:
        """Send the page's form as it was served, filled in with *form*, and follow."""
        url = reverse(f"apitokens:{page}", args=arguments)
        served = self.client.get(url).content.decode()
        answer = self.client.post(url, {**sent_unasked(served), **form}, follow=True)
        assert answer.status_code == 200, (page, answer.status_code, answer.content)
        assert self.shell in answer.content.decode()
        return answer.content.decode()

    def refused(self, page: str, **form: Any) -> str:
        """The page that a bad form gets back."""
        answer = self.client.post(reverse(f"apitokens:{page}"), form)
        assert answer.status_code == 400, answer.content
        return answer.content.decode()

    def generate(self, name: str, lifetime: int | None = None) -> tuple[APIToken, str]:
        kind = "short-lived" if lifetime else "never-ending"
        page = self.send("generate", name=name, kind=kind, lifetime=lifetime or "")
        assert reverse("apitokens:me") in page  # its examples call it
        jwt = found_in(page)
        token = APIToken.objects.get(name=name, deleted_at=None)
        assert (token.user, token.label) == (self.user, f"API({name})")
        assert bool(token.credential and token.credential.expires_at) is bool(lifetime)
        return token, jwt

    def rename(self, token: APIToken, name: str) -> None:
        self.send("rename", token.public_id, name=name)
        token.refresh_from_db()
        assert token.label == f"API({name})"

    def copy(self, token: APIToken) -> str:
        return found_in(self.send("copy", token.public_id))

    def rotate(self, token: APIToken, *, keep: int) -> str:
        return found_in(self.send("rotate", token.public_id, overlap=str(keep)))

    def suspend(self, token: APIToken) -> None:
        self.send("suspend", token.public_id)

    def resume(self, token: APIToken) -> None:
        self.send("resume", token.public_id)

    def delete(self, token: APIToken) -> None:
        self.send("delete", token.public_id, confirm_name=token.name)


@dataclass
class Program:
    """Whoever holds a JWT and knows an address."""

    jwt: str

    def call(self, url: str, **data: Any) -> Any:
        """GET, or POST with *data*: the status and what was answered."""
        headers = {"authorization": f"Bearer {self.jwt}"}
        client = Client(headers=headers)
        answer = client.post(url, data, "application/json") if data else client.get(url)
        return answer.status_code, answer.json()


def sent_unasked(page: str) -> dict[str, list[str]]:
    """What a browser sends for the page's form though nobody typed it."""
    values: dict[str, list[str]] = {}
    for name, value in [*HIDDEN.findall(page), *TICKED.findall(page)]:
        values.setdefault(name, []).append(value)
    return values


def found_in(page: str) -> str:
    (jwt,) = set(JWT.findall(page))
    return jwt


def life_of_a_token(person: Person, url: str) -> None:
    """From the empty page to the last 401; *url* is an API of the host that people may GET."""
    person.open("list")
    token, jwt = person.generate("Nightly backup")
    short, short_jwt = person.generate("For an hour", 3600)
    for program, label in (Program(jwt), token.label), (Program(short_jwt), short.label):
        assert program.call(url)[0] == 200
        assert program.call(reverse("apitokens:me"))[1]["label"] == label
    person.rename(token, "Daily backup")
    assert person.copy(token) == jwt
    assert Program(jwt).call(url)[0] == 200

    rotated = person.rotate(token, keep=3600)
    assert rotated != jwt
    assert [Program(each).call(url)[0] for each in (jwt, rotated)] == [200, 200]
    person.send("cut", token.public_id)
    assert [Program(each).call(url)[0] for each in (jwt, rotated)] == [401, 200]

    person.suspend(token)
    assert Program(rotated).call(url)[0] == 401
    person.resume(token)
    assert Program(rotated).call(url)[0] == 200
    for page in ("detail", "limits", "rotate", "rename", "delete"):
        assert "Daily backup" in person.open(page, token.public_id)
    person.delete(token)
    person.delete(short)
    assert [Program(each).call(url)[0] for each in (rotated, short_jwt)] == [401, 401]
    kinds = set(APITokenEvent.objects.values_list("kind", flat=True))
    assert kinds >= {"created", "renamed", "copied", "rotated", "cut", "suspended", "deleted"}
    assert "Daily backup" in person.open("history")


def commands(username: str, url: str) -> None:
    """What an operator does at a terminal."""
    jwt = command("apitokens_create", user=username, name="From a terminal")
    assert Program(jwt).call(url)[0] == 200
    token = APIToken.objects.get(name="From a terminal")
    assert token.public_id in command("apitokens_list", user=username)
    rotated = command("apitokens_rotate", token.public_id)
    assert [Program(each).call(url)[0] for each in (jwt, rotated)] == [401, 200]
    assert "active" in command("apitokens_keys", "status")
    assert token.public_id in command("apitokens_list", user=username, json=True)
    command("apitokens_delete", token.public_id)
    assert Program(rotated).call(url)[0] == 401
    for name in ("apitokens_notify", "apitokens_pattern", "apitokens_prune"):
        command(name)


def admin_pages(user: Any, *more: str) -> None:
    """Django's admin shows the tokens, their history, and the host's own rows."""
    client = Client()
    client.force_login(user)
    for name in ("apitokens_apitoken_changelist", "apitokens_apitokenevent_changelist", *more):
        answer = client.get(reverse(f"admin:{name}"))
        assert answer.status_code == 200, (name, answer.content)
    change = reverse("admin:apitokens_apitoken_change", args=[APIToken.objects.all()[0].pk])
    assert client.get(change).status_code == 200


def whole() -> None:
    """No migration is missing, and every check is content."""
    command("makemigrations", "--check", "--dry-run")
    command("check", databases=["default"], fail_level="WARNING")
