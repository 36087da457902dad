"""The actor travels: what was dumped for a task is whoever acted, whatever happened meanwhile."""

import json

import pytest
from django.utils import timezone

from apitokens.attribution import Actor, actor_of, adder_of, attributed_to
from apitokens.exceptions import ActorInvalid
from apitokens.models import APIToken
from apitokens.services import rename_token
from apitokens.services.pruning import prune
from tests.apitokens.ledger.models import Invoice

pytestmark = pytest.mark.django_db


def posted(actor):
    """What a queue keeps of *actor*."""
    return json.dumps(actor.dump())


def run_later(text):
    """A task in another process."""
    return Invoice.objects.create(number="A1", **attributed_to(Actor.load(json.loads(text))))


def test_what_a_task_adds_is_attributed_to_whoever_asked_for_it(rf, admin, token):
    request = rf.post("/", REMOTE_ADDR="203.0.113.7")
    request.user, request.auth = admin, token
    row = run_later(posted(actor_of(request)))
    assert (row.added_by, row.added_through) == (admin, token)
    assert adder_of(row).label == "API(Greenhouse sync)"


def test_everything_of_an_actor_comes_back_in_two_queries(
    admin, token, django_assert_max_num_queries
):
    actor = Actor(admin, token, "2001:db8::1")
    with django_assert_max_num_queries(2):
        assert Actor.load(json.loads(posted(actor))) == actor


@pytest.mark.parametrize("address", [None, "203.0.113.7"])
def test_nobody_comes_back_as_nobody(address):
    assert Actor.load(json.loads(posted(Actor(address=address)))) == Actor(None, None, address)


def test_a_token_renamed_and_deleted_meanwhile_is_still_the_one(admin, token):
    text = posted(Actor(admin, token))
    rename_token(token=token, name="Lever", actor=admin)
    token.delete()
    assert adder_of(run_later(text)).label == "API(Lever)"


def test_a_person_deleted_meanwhile_is_gone_as_from_rows_added_before(admin, token):
    by_hand, by_token = posted(Actor(admin)), posted(Actor(admin, token))
    admin.delete()
    assert adder_of(run_later(by_hand)).label == "Deleted user"
    assert adder_of(run_later(by_token)).label == "API(Greenhouse sync)"


def test_a_token_whose_row_is_gone_does_not_become_a_person(admin, token):
    text = posted(Actor(admin, token))
    token.delete()
    prune(deleted_before=timezone.now())
    assert not APIToken.objects.exists()
    with pytest.raises(ActorInvalid) as caught:
        run_later(text)
    assert caught.value.part == "token"
    assert not Invoice.objects.exists()


def test_no_secret_travels(admin, token, jwt):
    text = posted(Actor(admin, token))
    assert jwt not in text
    assert str(token.credential.jti) not in text
    assert json.loads(text)["token"] == token.public_id


@pytest.mark.parametrize(
    "dumped",
    [None, "", [], 5, {}, {"user": None, "token": None},
     {"user": None, "token": None, "address": None, "scope": "all"}],
)  # fmt: skip
def test_what_is_no_dumped_actor_is_refused(dumped):
    with pytest.raises(ActorInvalid):
        Actor.load(dumped)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("user", 1), ("user", True), ("user", ""), ("user", "x"), ("user", "1.5"), ("user", "1\0"),
        ("user", ["1"]), ("token", 1), ("token", ""), ("token", "tok_"), ("token", {}),
        ("token", "tok_000000000000"), ("token", "tok_00000000000\0"),
        ("token", "tok_0123456789ab\n"), ("token", "Greenhouse sync"),
        ("address", 1), ("address", ""), ("address", "here"), ("address", "1.2.3.4/8"),
    ],
)  # fmt: skip
def test_nonsense_in_one_part_is_refused_and_named(part, value):
    dumped = {"user": None, "token": None, "address": None, part: value}
    with pytest.raises(ActorInvalid) as caught:
        Actor.load(dumped)
    assert caught.value.part == part


@pytest.mark.parametrize("key", ["9" * 30, "-1", "0"])
def test_a_key_that_nobody_has_is_nobody(admin, key):
    assert Actor.load({"user": key, "token": None, "address": None}).user is None
