"""The whole way with an identity provider that others wrote, in a process of its own."""

from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from accounts.models import SecurityEvent
from tests.accounts.sso.conftest import is_in, question_in
from tests.accounts.sso.independent import authorize, independent_provider, introduce
from tests.accounts.test_log_in import log_in

pytestmark = pytest.mark.django_db

TAB = "/security-settings/custom-sso/"


@pytest.fixture(scope="module")
def address():
    with independent_provider() as address:
        yield address


def go_there_and_back(client, subject):
    page = client.post("/login/sso/", {"name": "acme"})
    assert page.status_code == 200, page.status_code
    back = urlsplit(authorize(*question_in(page), sub=subject))
    assert back.path == "/login/sso/acme/callback/"
    return client.get(f"{back.path}?{back.query}")


@pytest.fixture
def connected(admin, address):
    """An Admin who signed in by password has connected Acme, on the tab."""
    client = Client()
    log_in(client, admin.email)
    entered = {"issuer": address, "client_id": "portal", "secret": "s3cret"}
    tested = client.post(TAB, {**entered, "test": "yes"}).content.decode()
    assert "Works" in tested
    assert "1 signing key found" in tested
    assert client.post(TAB, entered)["Location"] == TAB
    return client


def test_an_admin_connects_and_people_sign_in(connected, hr, address):
    introduce(address, "joseph", email=hr.email, email_verified=True, name="Joseph")
    client = Client()
    assert go_there_and_back(client, "joseph")["Location"] == "/"
    assert client.get("/candidates/").wsgi_request.user == hr
    history = connected.get("/security-settings/history/").content.decode()
    assert "By <bdi>Single sign-on</bdi>" in history
    assert f"Issuer: <bdi>{address}</bdi>" in history
    assert "s3cret" not in history
    assert SecurityEvent.objects.filter(kind="signed-in", subject_label=hr.email).count() == 1


def test_who_is_not_verified_or_not_here_stays_out(connected, hr, address):
    introduce(address, "unverified", email=hr.email, email_verified=False)
    introduce(address, "silent", email=hr.email)
    introduce(address, "stranger", email="stranger@acme.test", email_verified=True)
    introduce(address, "foreign", email="admin@globex.test", email_verified=True)
    for subject in ("unverified", "silent", "stranger", "foreign"):
        client = Client()
        assert go_there_and_back(client, subject).status_code == 403, subject
        assert not is_in(client)


def test_an_address_that_moves_to_somebody_else_moves_no_account(connected, hr, admin, address):
    introduce(address, "joe", email=hr.email, email_verified=True)
    client = Client()
    go_there_and_back(client, "joe")
    introduce(address, "joe", email=admin.email, email_verified=True)
    client = Client()
    go_there_and_back(client, "joe")
    assert client.get("/candidates/").wsgi_request.user == hr
    introduce(address, "new-joe", email=hr.email, email_verified=True)
    client = Client()
    assert go_there_and_back(client, "new-joe").status_code == 403


def test_the_provider_itself_demands_the_nonce(address, connected):
    """So the way above shows that it was sent, and came back in the token."""
    there, question = question_in(Client().post("/login/sso/acme/"))
    question.pop("nonce")
    page = requests.post(
        there, params=question, data={"sub": "x"}, timeout=10, allow_redirects=False
    )
    assert "error" in page.headers.get("Location", "") or page.status_code == 400


def test_the_connection_ends_whom_it_let_in(connected, hr, address):
    introduce(address, "joseph", email=hr.email, email_verified=True)
    client = Client()
    go_there_and_back(client, "joseph")
    assert connected.post(f"{TAB}disconnect/")["Location"] == TAB
    assert client.get("/candidates/")["Location"] == "/login/?ended=method&next=/candidates/"
    assert Client().post("/login/sso/", {"name": "acme"}).status_code == 404
