"""Who did it: the label that follows a token's name and outlives it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apitokens.attribution import Actor, actor_of, label_of
from apitokens.models import APIToken
from apitokens.services import rename_token
from candidates.models import Candidate
from candidates.services.add import add_candidate

pytestmark = pytest.mark.django_db


def add(subtype, actor, n=0):
    return add_candidate(
        company=subtype.package.company, actor=actor, subtype=subtype,
        name="Ananya", email=f"a{n}@example.in", phone=f"98450{n:05}",
    )  # fmt: skip


def test_a_person_is_named_in_full(subtype, admin):
    assert add(subtype, Actor(user=admin)).added_by_label == "Asha Rao"


def test_a_token_is_named_api_with_its_name_in_brackets_without_a_space(subtype, admin, token):
    assert add(subtype, Actor(user=admin, token=token)).added_by_label == "API(Greenhouse sync)"


def test_the_label_follows_a_rename_and_outlives_the_token(subtype, admin, token):
    candidate = add(subtype, Actor(user=admin, token=token))
    rename_token(token=token, name="Lever", actor=admin)
    assert Candidate.objects.get().added_by_label == "API(Lever)"
    APIToken.objects.all().delete()
    assert Candidate.objects.get(pk=candidate.pk).added_by_label == "API(Lever)"


def test_a_deleted_person_is_said_to_be_gone_but_a_token_keeps_its_name(subtype, admin, token):
    by_hand = add(subtype, Actor(user=admin), 1)
    by_token = add(subtype, Actor(user=admin, token=token), 2)
    admin.delete()
    assert Candidate.objects.get(pk=by_hand.pk).added_by_label == "Deleted user"
    assert Candidate.objects.get(pk=by_token.pk).added_by_label == "API(Greenhouse sync)"


def test_somebody_without_a_name_is_named_by_their_address(admin):
    admin.name = ""
    assert label_of(admin, None) == "admin@acme.test"


def test_the_actor_of_a_session_is_the_person(rf, admin):
    request = rf.get("/", REMOTE_ADDR="203.0.113.7")
    request.user = admin
    assert actor_of(request) == Actor(user=admin, token=None, address="203.0.113.7")


def test_the_actor_of_an_anonymous_request_is_nobody(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    actor = actor_of(request)
    assert (actor.user, actor.token) == (None, None)


def test_a_request_that_no_middleware_gave_a_person_is_nobodys(rf):
    assert actor_of(rf.get("/")).label == "Deleted user"


def test_an_auth_that_is_no_token_of_ours_is_not_taken_for_one(rf, admin):
    request = rf.get("/")
    request.user, request.auth = admin, {"name": "forged"}
    assert actor_of(request).token is None


def test_lists_join_the_adder_instead_of_asking_row_by_row(
    subtype, admin, token, django_assert_num_queries
):
    for n in range(5):
        add(subtype, Actor(user=admin, token=token if n % 2 else None), n)
    with django_assert_num_queries(1):
        labels = [c.added_by_label for c in Candidate.objects.with_adder()]
    assert labels.count("API(Greenhouse sync)") == 2
    assert Candidate.objects.added_through(token).count() == 2


def test_the_state_of_a_token_is_judged_by_the_clock(token):
    token.credentials.update(expires_at=timezone.now() + timedelta(seconds=60))
    assert APIToken.objects.get().state == "ending"
    token.credentials.update(expires_at=timezone.now())
    assert APIToken.objects.get().state == "expired"
