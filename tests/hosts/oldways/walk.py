"""From a project with an old package's tokens in use to one without that package."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import django

django.setup()

import walking
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oldways.in_use import OLD, of_partners, tokens
from oldways.shop.models import Order

from apitokens.models import APIToken, LegacyCredential

SHELL = '<body class="at-shell">'
PARTNERS = [
    "--model", "keys.PartnerKey", "--user-field", "partner", "--owner-field", "partner",
]  # fmt: skip
WHOM = ["--user", "maya"] if OLD == "rest_framework_api_key" else []


def before():
    """The project as it was: orders, and programs that send old secrets."""
    for app in ("auth", "admin", "sessions", OLD):
        walking.command("migrate", app, verbosity=0)
    walking.command("migrate", "shop", "0001", verbosity=0)
    if OLD == "rest_framework_api_key":
        with connection.schema_editor() as editor:
            from oldways.keys.models import PartnerKey

            editor.create_model(PartnerKey)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_order (title) VALUES ('Ink')")
    in_use = tokens()
    partners = []
    if OLD == "rest_framework_api_key":
        partners = of_partners(*User.objects.order_by("pk"))
    for program in [*in_use, *partners]:
        let_in = ask(program, "old-orders") == 200
        # The package itself knows nothing of its keys' persons.
        assert let_in is (program.lives or program.header in {p.header for p in partners}), program
    return in_use, partners


def ask(program, page="orders"):
    return Client(headers={"authorization": program.header}).get(reverse(page)).status_code


def move_in(in_use, *options):
    """Asked first, then done, then done again: each secret once."""
    living = [program for program in in_use if program.lives]
    dead = [program for program in in_use if not program.lives and not program.gone]

    def outcomes(*more):
        said = walking.command("apitokens_import", *more, *options, source=OLD, json=True)
        return sorted(json.loads(line)["outcome"] for line in said.splitlines())

    assert outcomes("--check") == ["ended"] * len(dead) + ["would move"] * len(living)
    already = APIToken.objects.count()
    assert outcomes() == ["ended"] * len(dead) + ["moved"] * len(living)
    assert outcomes() == ["ended"] * len(dead) + ["known"] * len(living)
    assert APIToken.objects.count() == already + len(living)


def used(program, title):
    """By the old header: added by its token, and told of its end."""
    client = Client(headers={"authorization": program.header})
    answer = client.post(reverse("orders"), {"title": title}, "application/json")
    assert answer.status_code == 201, answer.content
    order = Order.objects.get(title=title)
    assert order.added_by.username == program.user
    assert answer.json()["added_by"] == order.added_through.label
    assert answer["Deprecation"].startswith("@")
    assert answer["Sunset"].endswith(" GMT")
    old = order.added_through.legacy_credentials.get()
    assert old.last_used_at is not None
    near = timezone.now() + (program.ends_in or timedelta(days=90))
    assert abs(old.ends_at - near) < timedelta(minutes=5)
    return order.added_through


def replaced(token, program, person):
    """The page gives its JWT, which ends when the old secret was to end."""
    jwt = person.copy(token)
    assert walking.Program(jwt).call(reverse("orders"))[0] == 200
    expires_at = token.credential.expires_at
    assert (expires_at is None) is (program.ends_in is None)
    person.suspend(token)
    assert (ask(program), walking.Program(jwt).call(reverse("orders"))[0]) == (401, 401)
    person.resume(token)
    assert ask(program) == 200
    return jwt


def afterwards(moved):
    """Without the package: in a process that can't even import it."""
    code = "import oldways.afterwards"
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(moved), capture_output=True, text=True,
        env={**os.environ, "MOVED": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "without\n"


def no_secret_is_kept(in_use):
    """Neither whole nor in parts, anywhere in the tables of ours."""
    ours = [t for t in connection.introspection.table_names() if t.startswith("apitokens_")]
    with connection.cursor() as cursor:
        for table in ours:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a table of ours
            text = repr(cursor.fetchall())
            for program in in_use:
                secret = program.header.split(" ")[1].partition(".")[2] or program.header[6:]
                assert not any(secret[i : i + 8] in text for i in range(len(secret) - 7)), table


def walk():
    in_use, partners = before()
    assert walking.command("apitokens_keys", "new").endswith("active")
    walking.command("migrate", verbosity=0)
    walking.whole()
    assert not any(ask(program) == 200 for program in [*in_use, *partners])
    move_in(in_use, *WHOM)
    if partners:
        move_in(partners, *PARTNERS)
    everyone = [*in_use, *partners]
    person, moved = walking.Person(User.objects.get(username="maya"), SHELL), []
    for number, program in enumerate(everyone):
        if not program.lives:
            assert ask(program) == 401, program
            continue
        token = used(program, f"Order {number}")
        moved.append([program.header, replaced(token, program, person), token.public_id])
        assert ask(type(program)(program.header[:-1] + "!", program.user)) == 401
    assert LegacyCredential.objects.count() == len(moved)
    assert moved[0][2] in person.open("list")
    no_secret_is_kept(everyone)
    afterwards(moved)


if __name__ == "__main__":
    walk()
    print("walked")
