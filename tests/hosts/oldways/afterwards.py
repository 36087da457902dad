"""The package is uninstalled, and its secrets work on until they are cut."""

import json
import sys

PACKAGES = ("knox", "rest_framework_api_key", "rest_framework.authtoken")


class Uninstalled:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(PACKAGES):
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Uninstalled())

import django

django.setup()

import walking
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from apitokens.models import APIToken


def status(header):
    return Client(headers={"authorization": header}).get(reverse("orders")).status_code


person = walking.Person(User.objects.get(username="maya"), '<body class="at-shell">')
for header, jwt, public_id in json.load(sys.stdin):
    token = APIToken.objects.get(public_id=public_id)
    assert (status(header), status(f"Bearer {jwt}")) == (200, 200)
    person.send("cut", public_id)
    assert (status(header), status(f"Bearer {jwt}")) == (401, 200)
    person.delete(token)
    assert (status(header), status(f"Bearer {jwt}")) == (401, 401)
assert not any(name.startswith(PACKAGES) for name in sys.modules)
print("without")
