"""Two requests that meet: one wins, the other is told so, and nobody gets a 500."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apitokens import services, signals
from apitokens.models import APIToken, APITokenEvent, Credential
from tests.apitokens.test_rest import TOKENS, send
from tests.apitokens.test_views import generate
from tests.factories import PASSWORD, make_token

pytestmark = pytest.mark.django_db


def new_client(admin):
    client = Client()
    assert client.login(username=admin.email, password=PASSWORD)
    return client


def both(act, clients):
    """What *act* answers to two at once; one after the other where one writes: SQLite."""
    if connection.vendor == "sqlite":
        return [act(client) for client in clients]

    def acting(client):
        try:
            return act(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(acting, clients))


def create_by_rest(client):
    return send(client, "POST", TOKENS, {"name": "CI"})


def create_by_page(client):
    return generate(client, name="CI")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("create", "made", "words"),
    [(create_by_rest, 201, "There is a token with this name"),
     (create_by_page, 200, "There is a token with this name")],
)  # fmt: skip
def test_of_two_with_one_name_at_once_one_is_made_and_the_other_told(admin, create, made, words):
    answers = both(create, [new_client(admin), new_client(admin)])
    assert sorted(answer.status_code for answer in answers) == [made, 400]
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert words in refused.content.decode()
    assert APIToken.objects.count() == Credential.objects.count() == 1
    assert APITokenEvent.objects.count() == 1


@pytest.fixture
def same_public_id(acme, admin, monkeypatch):
    """The next token gets the public id of one that exists: a conflict that has no better word."""
    monkeypatch.setattr("apitokens.models.naming.secrets.choice", lambda alphabet: "0")
    token, _ = make_token(owner=acme, user=admin)
    assert token.public_id == "tok_000000000000"


def test_any_other_conflict_is_409_by_rest(fresh, same_public_id):
    response = create_by_rest(fresh)
    assert (response.status_code, response.json()) == (
        409, {"detail": "The data changed meanwhile. Please try again.", "code": "conflict"},
    )  # fmt: skip
    assert APIToken.objects.count() == APITokenEvent.objects.count() == 1


@pytest.mark.parametrize("form", [{}, {"from_dialog": "True"}], ids=["page", "dialog"])
def test_any_other_conflict_is_said_on_the_page(fresh, same_public_id, form):
    response = generate(fresh, name="Kept", **form)
    page = response.content.decode()
    assert response.status_code == 400
    assert "The data changed meanwhile. Please try again" in page
    assert 'value="Kept"' in page
    assert APIToken.objects.count() == APITokenEvent.objects.count() == 1


@pytest.fixture
def deleted_at_birth():
    """Somebody deletes each token as soon as it is there: here a receiver of the host's."""

    def delete(token, **details):
        token.delete()

    signals.token_issued.connect(delete, weak=False, dispatch_uid="test")
    yield
    signals.token_issued.disconnect(dispatch_uid="test")


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_deleted_before_it_is_shown_is_not_shown(admin, deleted_at_birth):
    client = new_client(admin)
    assert create_by_rest(client).status_code == 404
    response = create_by_page(client)
    assert (response.status_code, response["Location"]) == (302, "/security-settings/api/")
    page = client.get(response["Location"]).content.decode()
    assert "has just been deleted by someone else" in page
    assert not APIToken.objects.existing().exists()


def meanwhile(token, at, **changes):
    """Somebody changes *token* just before the query number *at* that reads tokens."""
    seen = []

    def hook(execute, sql, *arguments):
        if f"FROM {connection.ops.quote_name('apitokens_apitoken')}" in sql:
            seen.append(sql)
            if len(seen) == at:
                APIToken._base_manager.filter(pk=token.pk).update(**changes)
        return execute(sql, *arguments)

    return connection.execute_wrapper(hook)


def deleting(token, at):
    return meanwhile(token, at, deleted_at=timezone.now())


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize(
    "change", [{"scopes": []}, {"networks": ["10.0.0.0/8"]}, {"name": "Other"}],
    ids=["scopes", "networks", "name"],
)  # fmt: skip
def test_a_token_that_is_deleted_while_it_is_changed_is_404(fresh, token, change, at):
    with deleting(token, at):
        response = send(fresh, "PATCH", f"{TOKENS}{token.public_id}/", change)
    assert response.status_code == 404
    assert list(APITokenEvent.objects.values_list("kind", flat=True)) == ["created"]


def test_a_change_of_networks_leaves_scopes_as_they_are_by_now(fresh, token):
    with meanwhile(token, 2, scope="candidates:read"):
        response = send(fresh, "PATCH", f"{TOKENS}{token.public_id}/", {"networks": ["10.0.0.0/8"]})
    assert response.json()["scopes"] == ["candidates:read"]


def test_who_deletes_a_token_that_somebody_has_just_deleted_is_told_so(fresh, token):
    with deleting(token, 2):
        response = send(fresh, "DELETE", f"{TOKENS}{token.public_id}/")
    assert response.status_code == 404


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_judged_to_widen_nothing_is_held_still_until_it_is_written(
    acme, admin, monkeypatch
):
    token, _ = make_token(owner=acme, user=admin)
    judge, other, free = services.is_widening, connection.copy("other"), []

    def judging(*args, **kwargs):
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM apitokens_apitoken WHERE id = %s FOR UPDATE SKIP LOCKED", [token.pk]
            )
            free.extend(cursor.fetchall())
        return judge(*args, **kwargs)

    monkeypatch.setattr(services, "is_widening", judging)
    change = {"scopes": ["candidates:read"]}
    answer = send(new_client(admin), "PATCH", f"{TOKENS}{token.public_id}/", change)
    other.close()
    assert (answer.status_code, free) == (200, [])
