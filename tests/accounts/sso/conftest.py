"""Acme with an identity provider of its own, and a browser that goes there and back."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SecurityPolicy, SingleSignOn
from tests.accounts.identity_provider import CLIENT_ID, identity_provider

START = "/login/sso/acme/"
CALLBACK = f"{START}callback/"


def connect(company, issuer, client_id=CLIENT_ID):
    """A connection, past the services."""
    now = timezone.now()
    SecurityPolicy.objects.update_or_create(company=company, defaults={"sso_from": now})
    SingleSignOn.objects.filter(company=company).delete()
    connection = SingleSignOn(company=company, issuer=issuer, client_id=client_id)
    connection.secret = "a secret"
    connection.save()
    return connection


@pytest.fixture
def provider(acme):
    """It knows the Admin, by a verified e-mail."""
    with identity_provider() as server:
        connect(acme, server.url)
        server.claims = {"email": "admin@acme.test", "email_verified": True}
        yield server


def question_in(page):
    """(address, question) that the browser takes to the provider."""
    link = re.search(r'<a class="btn btn-primary" href="([^"]+)"', page.content.decode())
    assert link, page.content.decode()
    address = urlsplit(unescape(link[1]))
    return address._replace(query="").geturl(), dict(parse_qsl(address.query))


def ask(client, provider, path=START, **data):
    """Go to the provider; what it is asked."""
    page = client.post(path, data)
    assert page.status_code == 200, page.status_code
    question = question_in(page)[1]
    provider.note_question(question)
    return question


def come_back(client, state, code="right", path=CALLBACK):
    return client.get(path, {"state": state, "code": code})


def sign_in(provider, client=None, **data):
    client = client or Client()
    return client, come_back(client, ask(client, provider, **data)["state"])


def is_in(client):
    return client.get("/candidates/").status_code == 200
