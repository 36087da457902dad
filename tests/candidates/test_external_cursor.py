"""Paging by cursor: no gap, no repeat, no cursor that we didn't make, and as quick at any depth."""

import re
from itertools import chain

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.external import doc_examples as examples
from candidates.external.paging import CURSOR, Paging, cursor_after, keys_of
from candidates.visibility import visible_candidates
from tests.candidates.external import DETAILS, add, assert_refused
from tests.candidates.test_external_shapes import shape
from tests.candidates.test_pages_paging import add_many
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = pytest.mark.django_db


def page(api, **query):
    response = api.get(DETAILS, query)
    assert response.status_code == 200, response.content
    return response.json()


def walk(api, **query):
    """The keys page by page, as a program follows the cursors."""
    answer = page(api, **query)
    pages = [[row["candidate_id"] for row in answer["data"]]]
    while answer["next_cursor"]:
        answer = page(api, **query, cursor=answer["next_cursor"])
        pages.append([row["candidate_id"] for row in answer["data"]])
    return pages


def test_cursors_walk_to_the_end_newest_first_without_gap_or_repeat(api, admin, subtype):
    keys = add_many(admin, subtype, 60)
    for limit in (1, 7, 20, 25, 60):
        pages = walk(api, limit=limit)
        assert list(chain(*pages)) == keys[::-1]
        assert {len(rows) for rows in pages[:-1]} <= {limit}
        assert pages[-1]
    assert [len(rows) for rows in walk(api)] == [25, 25, 10]


def test_the_last_page_and_an_empty_list_have_no_next(api, subtype):
    assert page(api) == {"success": True, "data": [], "next_cursor": None}
    add(api, subtype)
    assert page(api, limit=1)["next_cursor"] is None


def test_who_is_added_meanwhile_shifts_no_page(api, admin, subtype):
    keys = add_many(admin, subtype, 4)
    first = page(api, limit=2)
    add(api, subtype)
    second = page(api, limit=2, cursor=first["next_cursor"])
    assert [row["candidate_id"] for row in second["data"]] == keys[1::-1]


def test_the_page_is_shaped_as_documented(api, admin, subtype):
    add_many(admin, subtype, 2)
    assert shape(page(api, limit=1)) == shape(examples.PAGE)


def test_by_offset_there_is_no_cursor(api, admin, subtype):
    add_many(admin, subtype, 3)
    assert page(api, limit=1, offset=0).keys() == {"success", "data"}
    assert page(api, candidate_id=page(api)["data"][0]["candidate_id"]).keys() == {
        "success",
        "data",
    }


def test_cursor_and_offset_together_are_refused(api, acme):
    for offset in ("0", "1"):
        query = {"cursor": cursor_after(5, acme), "offset": offset}
        assert_refused(api.get(DETAILS, query), 400, "cursor")


def forged(acme):
    good = cursor_after(5, acme)
    value, signature = good.split(":")
    return [
        "", " ", "x", "5", ":", "NQ:", f":{signature}", value, f"{value}:{signature[:-1]}",
        f"{value}:{signature}=", f"NA:{signature}", f"{value}:{signature}{signature}", f" {good}",
        f"{good} ", good.swapcase(), "é", "😀:x", "a" * 5000, "../..", "' OR 1=1 --",
        Signer(salt="candidates.external.cursor").sign_object(5), Signer().sign_object(5),
    ]  # fmt: skip


def test_a_forged_cursor_is_400_naming_it(api, acme):
    assert api.get(DETAILS, {"cursor": cursor_after(5, acme)}).status_code == 200
    for cursor in forged(acme):
        assert_refused(api.get(DETAILS, {"cursor": cursor}), 400, "cursor")


def test_a_cursor_of_another_company_is_forged(api, globex, other_admin):
    theirs = cursor_after(5, globex)
    other = bearer(make_token(owner=globex, user=other_admin)[1])
    assert other.get(DETAILS, {"cursor": theirs}).status_code == 200
    assert_refused(api.get(DETAILS, {"cursor": theirs}), 400, "cursor")


@pytest.mark.parametrize("name", ["limit", "offset", "cursor"])
def test_paging_is_checked_though_one_candidate_is_asked_for(api, subtype, name):
    pk = add(api, subtype).json()["data"]["candidate_id"]
    assert_refused(api.get(DETAILS, {"candidate_id": pk, name: "x"}), 400, name)


def test_a_cursor_is_as_the_schema_says(acme):
    assert re.fullmatch(CURSOR, cursor_after(2**63 - 1, acme))


def test_every_page_costs_the_same_and_skips_nothing(api, admin, subtype):
    add_many(admin, subtype, 60)
    cursor, statements = page(api, limit=10)["next_cursor"], []
    while cursor:
        with CaptureQueriesContext(connection) as captured:
            cursor = page(api, limit=10, cursor=cursor)["next_cursor"]
        statements.append([query["sql"] for query in captured.captured_queries])
    assert len({len(queries) for queries in statements}) == 1
    assert not [sql for queries in statements for sql in queries if "OFFSET" in sql]


@pytest.mark.postgresql
def test_a_page_reads_the_index_from_its_cursor_on(api, acme, admin, subtype):
    """As quick at any depth: the key is a bound of the index, not a filter of rows."""
    add_many(admin, subtype, 500)
    with CaptureQueriesContext(connection) as captured:
        keys_of(Paging(10, None, 10**6), visible_candidates(admin))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE candidates_candidate")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {captured.captured_queries[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond" in plan
    assert "id < " in plan.split("Index Cond")[1].splitlines()[0]
    assert "Sort" not in plan
