"""Both kinds are let in, each as itself, and neither as the other."""

from datetime import timedelta
from unittest.mock import patch

import django

django.setup()

import walking
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework_simplejwt.settings import api_settings

from apitokens.models import APIToken

PASSWORD = "correct horse 9"
SHELL = '<body class="at-shell">'


def bearer(jwt):
    """A request as our tokens come."""
    return {"HTTP_AUTHORIZATION": f"Bearer {jwt}"}


def signed_in(jwt):
    """A request as this project's people send theirs."""
    return {api_settings.AUTH_HEADER_NAME: f"{api_settings.AUTH_HEADER_TYPES[0]} {jwt}"}


def ask(page, header):
    answer = Client().get(reverse(page), **header)
    return answer.json() if answer.status_code == 200 else answer.status_code


def log_in(name):
    body = {"username": name, "password": PASSWORD}
    answer = Client().post(reverse("log-in"), body, "application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def tampered(jwt):
    header, payload, signature = jwt.split(".")
    other = "A" if signature[0] != "A" else "B"
    return [
        f"{header}.{payload}.{other}{signature[1:]}",
        f"{header}.{payload}.",
        f"{header}.{payload[:-2]}.{signature}",
    ]


def both_are_let_in(ours, theirs):
    by_program, by_person = (
        {"name": "maya", "by": "APIToken"}, {"name": "leo", "by": "AccessToken"},
    )  # fmt: skip
    assert ask("who", bearer(ours)) == by_program
    assert ask("who", signed_in(theirs)) == by_person
    assert ask("programs", bearer(ours)) == by_program
    assert ask("people", signed_in(theirs)) == by_person
    assert ask("apitokens:me", bearer(ours))["name"] == "Nightly backup"


def neither_is_the_other(ours, theirs, refresh):
    for jwt in (theirs, refresh):
        assert ask("programs", bearer(jwt)) in {401, 403}
        assert ask("apitokens:me", bearer(jwt)) in {401, 403}
    for header in (bearer, signed_in):
        assert ask("people", header(ours)) == 401
        assert ask("who", header(refresh)) == 401
    for page, name in (("verify", "token"), ("refresh", "refresh")):
        answer = Client().post(reverse(page), {name: ours}, "application/json")
        assert answer.status_code == 401, answer.content


def no_leeway(person):
    """A short-lived token ends when it said it would, whatever LEEWAY is."""
    _token, jwt = person.generate("For one hour", 3600)
    assert ask("who", bearer(jwt))["by"] == "APIToken"
    later = timezone.now() + timedelta(hours=1)
    with patch("django.utils.timezone.now", lambda: later):
        assert ask("who", bearer(jwt)) == 401


def walk():
    assert walking.command("apitokens_keys", "new").endswith("active")
    walking.command("migrate", verbosity=0)
    walking.whole()
    maya = User.objects.create_user("maya", password=PASSWORD)
    User.objects.create_user("leo", password=PASSWORD)
    person, pair = walking.Person(maya, SHELL), log_in("leo")
    _token, ours = person.generate("Nightly backup")
    both_are_let_in(ours, pair["access"])
    neither_is_the_other(ours, pair["access"], pair["refresh"])
    for forged in [*tampered(ours), *tampered(pair["access"])]:
        assert ask("who", bearer(forged)) == 401
    no_leeway(person)
    APIToken.objects.get(name="Nightly backup").delete()
    assert ask("who", bearer(ours)) == 401
    assert ask("who", signed_in(pair["access"]))["by"] == "AccessToken"
    walking.life_of_a_token(person, reverse("who"))
    walking.commands("maya", reverse("who"))
    for name, value in settings.SIMPLE_JWT.items():
        assert getattr(api_settings, name) == value  # they were in force


if __name__ == "__main__":
    walk()
    print("walked")
