"""The management API's list: what a state finds, and how far one page looks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apitokens.api.paging import LOOKED_AT
from apitokens.models import APIToken, Credential
from apitokens.services import suspend_token
from tests.apitokens.conftest import key
from tests.apitokens.test_rest import TOKENS, pages
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db


def listed(client, query):
    return [row["name"] for row in client.get(f"{TOKENS}?{query}").json()["results"]]


def seed(owner, user, number, **credential):
    """*number* tokens that work, as two statements."""
    tokens = APIToken.objects.bulk_create(
        APIToken(
            owner=owner, user=user, name=f"Bulk {n}", live_name=f"bulk {n}", allowed_networks=""
        )
        for n in range(number)
    )
    now = timezone.now().replace(microsecond=0)
    Credential.objects.bulk_create(
        Credential(token=token, kid=key()["kid"], issued_at=now, **credential) for token in tokens
    )
    return tokens


def stopped_token(owner, name):
    """One of a person who may no longer manage *owner*'s tokens."""
    leaver = UserFactory(company=owner)
    token, _ = make_token(owner=owner, user=leaver, name=name)
    leaver.access_level = "hr"
    leaver.save()
    return token


@pytest.fixture
def one_of_each(acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    ten_minutes = timedelta(minutes=10)
    make_token(owner=acme, user=admin, name="expired", lifetime=ten_minutes)
    leaver = UserFactory(company=acme)
    make_token(owner=acme, user=leaver, name="stopped and expired", lifetime=ten_minutes)
    time_machine.shift(600)
    make_token(owner=acme, user=admin, name="unending")
    make_token(owner=acme, user=admin, name="ending", lifetime=ten_minutes)
    suspended, _ = make_token(owner=acme, user=admin, name="suspended")
    suspend_token(token=suspended, actor=admin)
    disabled = UserFactory(company=acme)
    make_token(owner=acme, user=disabled, name="stopped: disabled")
    gone = UserFactory(company=acme)
    stopped, _ = make_token(owner=acme, user=gone, name="stopped: gone, and suspended")
    suspend_token(token=stopped, actor=admin)
    make_token(owner=acme, user=leaver, name="stopped: demoted", lifetime=ten_minutes)
    leaver.access_level, disabled.is_active = "hr", False
    leaver.save()
    disabled.save()
    gone.delete()
    deleted, _ = make_token(owner=acme, user=admin, name="deleted", lifetime=ten_minutes)
    deleted.delete()


@pytest.mark.parametrize(
    ("state", "names"),
    [("stopped", ["stopped: demoted", "stopped: gone, and suspended", "stopped: disabled"]),
     ("expired", ["stopped and expired", "expired"]), ("suspended", ["suspended"]),
     ("ending", ["ending"]), ("unending", ["unending"])],
)  # fmt: skip
def test_a_state_finds_exactly_the_tokens_that_are_in_it(fresh, one_of_each, state, names):
    assert listed(fresh, f"state={state}") == names
    rows = [row for page in pages(fresh, f"{TOKENS}?state={state}&limit=1") for row in page]
    assert [(row["name"], row["state"]) for row in rows] == [(name, state) for name in names]


def test_the_states_share_the_list_out_between_them(fresh, one_of_each):
    states = ("stopped", "expired", "suspended", "ending", "unending")
    found = [name for state in states for name in listed(fresh, f"state={state}")]
    assert sorted(found) == sorted(listed(fresh, "limit=100"))
    assert len(found) == 8


@pytest.mark.parametrize("others", [LOOKED_AT - 1, LOOKED_AT, LOOKED_AT + 1])
def test_a_page_looks_at_500_rows_and_the_next_one_goes_on(
    fresh, acme, admin, others, django_assert_max_num_queries
):
    wanted = stopped_token(acme, "The oldest")
    seed(acme, admin, others)
    with django_assert_max_num_queries(8):
        first = fresh.get(f"{TOKENS}?state=stopped").json()
    if others < LOOKED_AT:
        assert ([row["id"] for row in first["results"]], first["next"]) == (
            [wanted.public_id],
            None,
        )
        return
    found = [row["id"] for page in pages(fresh, f"{TOKENS}?state=stopped") for row in page]
    assert found == [wanted.public_id]


def test_a_page_that_found_nothing_in_500_rows_says_where_to_go_on(fresh, acme, admin):
    wanted = stopped_token(acme, "The oldest")
    last, *_ = seed(acme, admin, LOOKED_AT + 1)
    first = fresh.get(f"{TOKENS}?state=stopped&limit=1").json()
    assert first["results"] == []
    assert first["next"].endswith(f"after={last.public_id}")
    second = fresh.get(first["next"]).json()
    assert ([row["id"] for row in second["results"]], second["next"]) == ([wanted.public_id], None)


def test_a_page_holds_100_rows_at_most(fresh, acme, admin):
    seed(acme, admin, 101)
    page = fresh.get(f"{TOKENS}?limit=1000").json()
    assert len(page["results"]) == 100
    assert len(fresh.get(page["next"]).json()["results"]) == 1
