"""``API(Token Name)`` through the API, and when a token stops (product.md §1)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import AccessLevel
from apitokens.services import delete_token, rename_token
from tests.candidates.external import CALLS, DETAILS, ME, add
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def labels(api):
    return [row["added_by"] for row in api.get(DETAILS).json()["data"]]


def test_the_whole_walk(acme, admin, subtype):
    reader = bearer(make_token(owner=acme, user=admin, name="Reader")[1])
    token, jwt = make_token(owner=acme, user=admin, name="Greenhouse sync")
    api = bearer(jwt)
    assert add(api, subtype).status_code == 200
    assert labels(api) == ["API(Greenhouse sync)"]
    rename_token(token=token, name="Greenhouse (EU)", actor=admin)
    assert bearer(jwt).get(ME).json()["name"] == "Greenhouse (EU)"
    assert labels(api) == ["API(Greenhouse (EU))"]
    delete_token(token=token, actor=admin)
    assert [getattr(api, method)(address).status_code for method, address in CALLS] == [401] * 4
    assert labels(reader) == ["API(Greenhouse (EU))"]
    again, _ = make_token(owner=acme, user=admin, name="Greenhouse (EU)")
    assert again.pk != token.pk
    rename_token(token=again, name="Another", actor=admin)
    assert labels(reader) == ["API(Greenhouse (EU))"]


def test_the_label_stays_when_the_person_is_renamed_or_deleted(api, acme, admin, subtype):
    other = make_token(owner=acme, name="Reader")[1]
    add(api, subtype)
    admin.name = "Somebody Else"
    admin.save()
    assert labels(api) == ["API(Greenhouse sync)"]
    admin.delete()
    assert api.get(ME).status_code == 401
    assert labels(bearer(other)) == ["API(Greenhouse sync)"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a\"b'c{{d}}", "=1+1", "नमस्ते"])
def test_the_name_stands_in_the_label_as_it_is(acme, admin, subtype, name):
    api = bearer(make_token(owner=acme, user=admin, name=name)[1])
    add(api, subtype)
    assert labels(api) == [f"API({name})"]


def test_a_600_second_token_works_at_599_and_is_401_at_600(acme, admin, subtype):
    start = datetime(2026, 7, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        _, jwt = make_token(owner=acme, user=admin, lifetime=timedelta(seconds=600))
        api = bearer(jwt)
        clock.shift(599)
        assert api.get(ME).status_code == 200
        assert add(api, subtype).status_code == 200
        clock.shift(1)
        assert api.get(ME).status_code == 401
        assert add(api, subtype, phone="9000000000").status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"access_level": AccessLevel.HR},
     {"access_level": AccessLevel.RECRUITER}],
)  # fmt: skip
@pytest.mark.parametrize(("method", "address"), CALLS)
def test_the_next_call_is_401_when_the_person_may_no_more(api, admin, change, method, address):
    assert getattr(api, method)(address).status_code in {200, 400}
    type(admin).objects.filter(pk=admin.pk).update(**change)
    assert getattr(api, method)(address).status_code == 401


def test_a_suspended_company_is_401(api, acme):
    acme.is_active = False
    acme.save()
    assert api.get(ME).status_code == 401


def test_using_a_token_notes_when(api, token):
    assert api.get(ME).json()["last_used_at"] is not None
    token.refresh_from_db()
    assert token.last_used_at is not None
