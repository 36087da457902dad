"""Pages by key: both ways, with filters, one query each, and no cursor that we didn't make."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apitokens.attribution import Actor
from candidates.models import Candidate, CandidateTag, Case, CaseStatus, Category, Tag
from candidates.pages import narrowing
from tests.candidates.conftest import add, numbers

LIST = reverse("candidates:list")


def add_many(user, subtype, amount, **fields):
    """Rows in bulk, with all tags that the company has."""
    company = subtype.package.company
    rows = Candidate.objects.bulk_create(
        Candidate(company=company, name=f"Person {n}", phone=next(numbers), added_by=user, **fields)
        for n in range(amount)
    )
    Case.objects.bulk_create(Case(candidate=c, company=company, subtype=subtype) for c in rows)
    tags = Tag.objects.filter(company=company)
    CandidateTag.objects.bulk_create(CandidateTag(candidate=c, tag=t) for c in rows for t in tags)
    return [row.pk for row in rows]


def walk(client, url, direction):
    """Keys page by page, as a person who follows the links meets them."""
    pages = []
    while url:
        context = client.get(url).context
        pages.append([candidate.pk for candidate in context["rows"]])
        url = context[f"{direction}_url"]
    return pages


def row_queries(client, url):
    """Those that read what the list shows, and how many there are in all."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [
        q["sql"] for q in captured.captured_queries if '"candidates_candidate"."name", ' in q["sql"]
    ], len(captured)


def test_next_walks_to_the_end_newest_first_without_gap_or_repeat(admin_client, admin, subtype):
    keys = add_many(admin, subtype, 60)
    pages = walk(admin_client, LIST, "next")
    assert [len(page) for page in pages] == [25, 25, 10]
    assert list(chain(*pages)) == sorted(keys, reverse=True)


def test_previous_walks_back_over_the_same_pages(admin_client, admin, subtype):
    add_many(admin, subtype, 60)
    forth = walk(admin_client, LIST, "next")
    last = f"{LIST}?after={forth[1][-1]}"
    assert walk(admin_client, last, "previous") == forth[::-1]


def test_exactly_25_make_one_page_without_neighbours(admin_client, admin, subtype):
    add_many(admin, subtype, 25)
    context = admin_client.get(LIST).context
    assert len(context["rows"]) == 25
    assert not context["next_url"]
    assert not context["previous_url"]


def test_26_make_a_second_page_of_one(admin_client, admin, subtype):
    keys = add_many(admin, subtype, 26)
    assert walk(admin_client, LIST, "next")[1] == [keys[0]]


@pytest.mark.parametrize("query", ["state=3", "q=Person", "added_by=people", "state=3&q=Person"])
def test_the_filters_hold_on_every_page_both_ways(admin_client, admin, token, subtype, query):
    wanted = add_many(admin, subtype, 60)
    others = add_many(admin, subtype, 30, added_through=token)
    Candidate.objects.filter(pk__in=others).update(name="Other")
    Case.objects.filter(candidate__in=others).update(status=CaseStatus.ON_HOLD)
    forth = walk(admin_client, f"{LIST}?{query}", "next")
    assert list(chain(*forth)) == sorted(wanted, reverse=True)
    last = f"{LIST}?{query}&after={forth[1][-1]}"
    assert walk(admin_client, last, "previous") == forth[::-1]


def test_one_query_reads_the_rows_on_the_first_and_on_a_deep_page(admin_client, admin, subtype):
    keys = add_many(admin, subtype, 80)
    for url in (LIST, f"{LIST}?after={keys[26]}", f"{LIST}?before={keys[3]}"):
        rows, _all = row_queries(admin_client, url)
        assert len(rows) == 1
        assert "LIMIT 26" in rows[0]
        assert "OFFSET" not in rows[0]
        assert "COUNT(" not in rows[0]


@pytest.mark.parametrize("text", ["tag={tag}&state=3", "q=person&package={package}"])
def test_pieces_of_keys_go_on_where_the_last_one_ended(
    admin_client, admin, subtype, address, text, monkeypatch
):
    for name, value in {"FEW": 0, "GLANCED": 1, "PIECES": (4, 9, 1000)}.items():
        monkeypatch.setattr(narrowing, name, value)
    keys = add_many(admin, subtype, 60)
    url = address(text)
    forth = walk(admin_client, url, "next")
    assert list(chain(*forth)) == sorted(keys, reverse=True)
    assert walk(admin_client, f"{url}&after={forth[1][-1]}", "previous") == forth[::-1]


FILTERS = [
    "", "state=3", "q=p", "added_by=people", "added_by=user-{user}", "package={package}",
    "added_by={token}", "state=3&added_by={token}", "package={package}&added_by=user-{user}",
    "state=3&package={package}&added_by=api", "category={category}", "tag={tag}",
    "since=2026-01-01", "until=2999-12-31&state=3", "category={category}&tag={tag}",
    "tag={tag}&package={package}",
    "q=p&tag={tag}", "q=p&since=2026-01-01&package={package}",
]  # fmt: skip


def category_of(subtype):
    company = subtype.package.company
    return Category.objects.get_or_create(company=company, name="Engineering")[0]


@pytest.fixture
def tag(acme):
    return Tag.objects.create(company=acme, name="Campus")


@pytest.fixture
def address(admin, token, subtype, tag):
    """The list's address under a filter."""
    return lambda text: f"{LIST}?" + text.format(
        user=admin.pk, token=token.public_id, package=subtype.package_id,
        category=category_of(subtype).pk, tag=tag.pk,
    )  # fmt: skip


@pytest.fixture(params=FILTERS)
def filtered(request, address):
    return address(request.param)


@pytest.fixture(params=["", "&after=1000000000000", "&before=1"])
def page(request, filtered):
    """The first page under each filter, and those that follow a cursor."""
    return filtered + request.param


FEW = pytest.mark.parametrize("few", [0, 2000])
"""Whether the rows of one condition are so few that the others are looked up among them."""


@FEW
def test_one_query_reads_the_rows_of_any_filter_by_key(
    admin_client, admin, token, subtype, page, few, monkeypatch
):
    monkeypatch.setattr(narrowing, "FEW", few)
    add_many(admin, subtype, 2, category=category_of(subtype))
    add_many(admin, subtype, 2, added_through=token)
    rows, _all = row_queries(admin_client, page)
    assert len(rows) == 1
    assert "LIMIT 26" in rows[0]
    assert "OFFSET" not in rows[0]


@FEW
def test_no_filter_makes_a_join_of_the_list_an_inner_one(
    admin_client, admin, token, subtype, page, few, monkeypatch
):
    """SQLite would begin with the smallest table so joined, and sort all that matches."""
    monkeypatch.setattr(narrowing, "FEW", few)
    add_many(admin, subtype, 2, category=category_of(subtype))
    add_many(admin, subtype, 2, added_through=token)
    rows, _all = row_queries(admin_client, page)
    assert "INNER JOIN" not in rows[0]


def test_what_hr_lists_makes_no_inner_join_either(hr_client, hr, subtype):
    add_many(hr, subtype, 2)
    rows, _all = row_queries(hr_client, LIST)
    assert "INNER JOIN" not in rows[0]


@pytest.mark.parametrize("query", ["state=3", "package={package}"])
@pytest.mark.parametrize(("side", "sign"), [("after", "<"), ("before", ">")])
def test_a_cursor_bounds_the_key_of_both_tables_where_two_are_merged(
    admin_client, admin, subtype, query, side, sign, monkeypatch
):
    monkeypatch.setattr(narrowing, "FEW", 0)
    keys = add_many(admin, subtype, 30)
    query = query.format(package=subtype.package_id)
    rows, _all = row_queries(admin_client, f"{LIST}?{query}&{side}={keys[15]}")
    for key in ('"candidates_case"."candidate_id"', '"candidates_candidate"."id"'):
        assert f"{key} {sign} {keys[15]}" in rows[0]


@FEW
@pytest.mark.parametrize("text", [text for text in FILTERS if not re.search("api|token", text)])
def test_the_number_of_queries_is_that_of_one_row(
    admin_client, admin, subtype, address, text, few, monkeypatch, django_assert_num_queries
):
    filtered = address(text)
    monkeypatch.setattr(narrowing, "FEW", few)
    category = category_of(subtype)
    add_many(admin, subtype, 1, category=category)
    _rows, queries = row_queries(admin_client, filtered)
    keys = add_many(admin, subtype, 59, category=category)
    with django_assert_num_queries(queries):
        assert len(admin_client.get(filtered).context["rows"]) == 25
    further = f"{filtered}&after={keys[40]}"
    _rows, deep = row_queries(admin_client, further)
    assert deep - queries == int("since" in filtered or "until" in filtered)  # the cursor's day


def test_nothing_is_asked_twice(admin_client, admin, subtype, token):
    add_many(admin, subtype, 30)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(f"{LIST}?added_by={token.public_id}&package={subtype.package_id}")
    asked = [query["sql"] for query in captured.captured_queries]
    assert sorted(asked) == sorted(set(asked))


def test_nothing_is_counted(admin_client, admin, subtype):
    add_many(admin, subtype, 30)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(LIST)
    assert not [q for q in captured.captured_queries if "COUNT(" in q["sql"]]


def test_the_state_filter_is_ordered_by_the_column_of_its_index(admin_client, admin, subtype):
    add_many(admin, subtype, 30)
    rows, _all = row_queries(admin_client, f"{LIST}?state=3")
    assert 'ORDER BY "candidates_case"."candidate_id" DESC' in rows[0]
    assert '"candidates_case"."company_id" = ' in rows[0]


def plan_of(sql):
    """How the database would read the rows if there were too many to sort."""
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(explain + sql)
        return "\n".join(str(line) for line in cursor.fetchall())


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("", {"candidates_by_company"}),
        ("state=3", {"candidates_case_by_status"}),
        ("added_by=people", {"candidates_by_people", "candidates_by_token"}),
        ("added_by=api", {"candidates_by_api"}),
        ("added_by=user-{user}", {"candidates_by_person"}),
        ("added_by={token}", {"candidates_by_token"}),
        ("category={category}", {"candidates_by_category"}),
        ("since=2026-01-01", {"candidates_by_day"}),
        ("until=2999-12-31", {"candidates_by_day"}),
    ],
)
def test_each_filter_walks_an_index_and_sorts_nothing(
    admin_client, admin, token, subtype, query, indexes
):
    add_many(admin, subtype, 3)
    add(Actor(admin, token), subtype)
    category = category_of(subtype).pk
    query = query.format(user=admin.pk, token=token.public_id, category=category)
    rows, _all = row_queries(admin_client, f"{LIST}?{query}&after={2**40}")
    plan = plan_of(rows[0])
    if connection.vendor == "sqlite":  # PostgreSQL chooses by how many rows there are
        assert any(index in plan for index in indexes)
    assert not re.search(r"TEMP B-TREE|Sort", plan)


def test_a_tag_is_walked_by_its_own_index_and_sorts_nothing(admin_client, admin, subtype, tag):
    add_many(admin, subtype, 30)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(f"{LIST}?tag={tag.pk}&after={2**40}")
    (keys,) = [q["sql"] for q in captured if 'FROM "candidates_candidate_tags"' in q["sql"]]
    assert "LIMIT 26" in keys
    plan = plan_of(keys)
    assert "candidates_tag_once" in plan or "sqlite_autoindex_candidates_candidate_tags" in plan
    assert not re.search(r"TEMP B-TREE|Sort", plan)


@pytest.mark.parametrize(
    ("few", "index", "other"),
    [
        (0, "candidates_case_by_status", "candidates_by_token"),
        (2000, "candidates_by_token", "candidates_case_by_status"),
    ],
)
def test_a_token_leads_if_it_added_few_and_else_the_state(
    admin_client, admin, token, subtype, few, index, other, monkeypatch
):
    monkeypatch.setattr(narrowing, "FEW", few)
    add_many(admin, subtype, 3, added_through=token)
    query = f"{LIST}?added_by={token.public_id}&state=3&after={2**40}"
    rows, _all = row_queries(admin_client, query)
    plan = plan_of(rows[0])
    if connection.vendor == "sqlite":  # PostgreSQL chooses by how many rows there are
        assert index in plan
        assert other not in plan
    assert not re.search(r"TEMP B-TREE", plan)


def test_a_package_leads_if_few_are_of_it(admin_client, admin, subtype):
    add_many(admin, subtype, 3)
    rows, _all = row_queries(admin_client, f"{LIST}?package={subtype.package_id}&state=3")
    plan = plan_of(rows[0])
    if connection.vendor == "sqlite":
        assert "candidates_candidate USING INTEGER PRIMARY KEY" in plan
        assert "candidates_case_by_status" not in plan
    assert not re.search(r"TEMP B-TREE", plan)


def test_a_package_of_more_is_walked_from_the_newest(admin_client, admin, subtype, monkeypatch):
    monkeypatch.setattr(narrowing, "FEW", 0)
    add_many(admin, subtype, 3)
    rows, _all = row_queries(admin_client, f"{LIST}?package={subtype.package_id}")
    plan = plan_of(rows[0])
    assert "candidates_case_by_subtype" not in plan
    assert not re.search(r"TEMP B-TREE|Sort", plan)


@pytest.mark.parametrize(("amount", "few"), [(2, True), (3, False)])
def test_few_are_no_more_than_few_says(admin, subtype, amount, few, monkeypatch):
    monkeypatch.setattr(narrowing, "FEW", 2)
    add_many(admin, subtype, amount)
    keys = narrowing.few_of(narrowing.keys_of(Candidate.objects))
    assert (keys is not None) is few


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(
    "cursor",
    [
        "", "0", "-1", "+1", "1.0", "1e3", "01", " 1", "1 ", "1\n", "x", "None", "[]", "%00",
        "٣", "１", "1;DROP TABLE", "1' OR '1'='1", str(2**63), "9" * 19, "9" * 5000,
    ],
)  # fmt: skip
def test_a_forged_cursor_is_400(admin_client, meera, side, cursor):
    response = admin_client.get(LIST, {side: cursor})
    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()


def test_both_cursors_at_once_are_400(admin_client, meera):
    assert admin_client.get(LIST, {"after": 1, "before": 1}).status_code == 400


@pytest.fixture
def aged(admin, subtype):
    """Keys of 60 rows, two of each day: the higher the key, the older the day."""
    keys = add_many(admin, subtype, 60)
    for days, key in enumerate(keys):
        Candidate.objects.filter(pk=key).update(created_at=NOON - timedelta(days=days // 2))
    return keys


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_days_are_in_the_order_of_days_on_every_page_both_ways(admin_client, aged):
    forth = walk(admin_client, f"{LIST}?since=2000-01-01", "next")
    assert list(chain(*forth)) == by_day()
    last = f"{LIST}?since=2000-01-01&after={forth[1][-1]}"
    assert walk(admin_client, last, "previous") == forth[::-1]


def by_day():
    rows = Candidate.objects.order_by("-created_at", "-pk")
    return list(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("side", ["after", "before"])
def test_days_go_on_where_a_row_that_is_gone_stood_among_the_keys(admin_client, aged, side):
    """Gone, or another company's: either way it is the next older key that is left."""
    gone, older = max(aged), sorted(aged)[-2]
    Candidate.objects.filter(pk=gone).delete()
    rows = admin_client.get(f"{LIST}?since=2000-01-01&{side}={gone}").context["rows"]
    at = by_day().index(older)
    expected = by_day()[at : at + 25] if side == "after" else by_day()[:at][-25:]
    assert [row.pk for row in rows] == expected


def test_days_before_every_key_are_no_page_and_after_none_are_all(admin_client, aged):
    first = min(aged)
    Candidate.objects.filter(pk=first).delete()
    for side, amount in (("after", 0), ("before", 25)):
        rows = admin_client.get(f"{LIST}?since=2000-01-01&{side}={first}").context["rows"]
        assert len(rows) == amount


def test_the_largest_key_is_a_good_cursor(admin_client, meera):
    response = admin_client.get(LIST, {"after": 2**63 - 1})
    assert [candidate.pk for candidate in response.context["rows"]] == [meera.pk]


def test_a_cursor_of_another_company_shows_ones_own_rows_only(admin_client, meera, foreign):
    response = admin_client.get(LIST, {"after": foreign.pk})
    assert "Foreign" not in response.content.decode()
    assert admin_client.get(LIST, {"before": foreign.pk}).status_code == 200


def test_beyond_the_end_the_page_leads_back_to_the_first(admin_client, meera):
    response = admin_client.get(LIST, {"after": meera.pk, "q": "Meera"})
    assert response.status_code == 200
    assert response.context["first_url"] == f"{LIST}?q=Meera"
    assert "Nobody on this page" in response.content.decode()
