"""Reading candidates back: one, by id or e-mail, and page by page."""

import pytest
from django.test import Client

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import Candidate, Case, CaseStatus
from tests.candidates.external import ADD, CALLS, DETAILS, add, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(api, subtype):
    """Five candidates, oldest first."""
    made = [add(api, subtype, email=f"p{n}@x.test", phone=f"900000000{n}") for n in range(5)]
    return [response.json()["data"]["candidate_id"] for response in made]


def listed(response):
    assert response.status_code == 200, response.content
    assert {"success", "data"} <= response.json().keys() <= {"success", "data", "next_cursor"}
    return [row["candidate_id"] for row in response.json()["data"]]


def test_without_parameters_it_is_the_newest_25(api, ids):
    assert listed(api.get(DETAILS)) == ids[::-1]


def test_the_default_page_has_25_and_the_longest_100(api, acme, subtype):
    rows = [Candidate(company=acme, name="A", phone=str(9000000000 + n)) for n in range(120)]
    Candidate.objects.bulk_create(rows)
    made = Candidate.objects.all()
    Case.objects.bulk_create(Case(candidate=c, company=acme, subtype=subtype) for c in made)
    assert len(listed(api.get(DETAILS))) == 25
    for limit in (100, 101, 10**9):
        assert len(listed(api.get(DETAILS, {"limit": limit}))) == 100


@pytest.mark.parametrize(
    ("limit", "offset", "rows"),
    [(1, 0, slice(0, 1)), (2, 1, slice(1, 3)), (100, 3, slice(3, 5)), (5, 5, slice(5, 5)),
     (1, 1_000_000, slice(9, 9))],
)  # fmt: skip
def test_pages_go_from_the_newest_to_the_oldest(api, ids, limit, offset, rows):
    page = api.get(DETAILS, {"limit": limit, "offset": offset})
    assert listed(page) == ids[::-1][rows]


@pytest.mark.parametrize("value", ["", " ", "x", "-1", "1.0", "1e1", "+1", "0x1", "1_0", " 1",
                                   "१", "１", "9" * 20, "9" * 5000, "null", "[]", "1 OR 1=1",
                                   "²"])  # fmt: skip
@pytest.mark.parametrize("name", ["limit", "offset", "candidate_id"])
def test_what_is_no_whole_number_is_refused_by_name(api, name, value):
    assert_refused(api.get(DETAILS, {name: value}), 400, name)


def test_limits_of_paging_are_refused_by_name(api):
    assert_refused(api.get(DETAILS, {"limit": "0"}), 400, "limit")
    assert_refused(api.get(DETAILS, {"offset": "1000001"}), 400, "offset")


def test_unknown_parameters_are_ignored(api, ids):
    query = {"format": "html", "ordering": "company__slug", "company": "globex", "page": "x",
             "fields": "jti", "added_by": "1"}  # fmt: skip
    assert listed(api.get(DETAILS, query)) == ids[::-1]


def test_of_a_repeated_parameter_the_last_counts(api, ids):
    assert listed(api.get(f"{DETAILS}?limit=x&limit=1")) == ids[-1:]


def test_a_page_costs_the_same_for_any_number_of_rows(
    api, ids, django_assert_max_num_queries, django_assert_num_queries
):
    api.get(DETAILS)
    with django_assert_max_num_queries(5) as one:
        api.get(DETAILS, {"limit": 1})
    with django_assert_num_queries(len(one)):
        assert len(listed(api.get(DETAILS))) == 5


def test_one_candidate_costs_few_queries(api, ids, django_assert_max_num_queries):
    api.get(DETAILS)
    with django_assert_max_num_queries(4):
        api.get(DETAILS, {"candidate_id": ids[0]})


@pytest.mark.parametrize("asked", ["p3@x.test", "P3@X.TEST", "p3@X.test"])
def test_an_email_finds_its_candidate_in_any_case(api, ids, asked):
    assert api.get(DETAILS, {"email": asked}).json()["data"]["candidate_id"] == ids[3]


def test_an_email_finds_the_newest(api, subtype):
    add(api, subtype)
    bring_to(case=Case.objects.get(), status=CaseStatus.CLOSED, actor=Actor(user=None))
    newest = add(api, subtype, email="MEERA@example.test").json()["data"]["candidate_id"]
    found = api.get(DETAILS, {"email": "meera@example.test"}).json()["data"]
    assert (found["candidate_id"], found["email"]) == (newest, "MEERA@example.test")


def test_id_and_email_must_both_fit(api, ids):
    assert api.get(DETAILS, {"candidate_id": ids[0], "email": "p0@x.test"}).status_code == 200
    assert_refused(api.get(DETAILS, {"candidate_id": ids[0], "email": "p1@x.test"}), 404)


@pytest.mark.parametrize("email", ["%", "_", "p_@x.test", "%@x.test", "n@x.test", "p3@x.test "])
def test_an_email_is_no_pattern(api, ids, email):
    assert_refused(api.get(DETAILS, {"email": email}), 404)


@pytest.mark.parametrize("email", ["", "a" * 255, "a@" * 50_000])
def test_an_impossible_email_is_refused_by_name(api, email):
    assert_refused(api.get(DETAILS, {"email": email}), 400, "email")


@pytest.mark.parametrize("pk", [0, 999_999_999, 2**63 - 1])
def test_an_unknown_id_is_404(api, ids, pk):
    assert_refused(api.get(DETAILS, {"candidate_id": pk}), 404)


def test_a_finished_case_has_its_code_and_date(api, subtype):
    add(api, subtype)
    case = Case.objects.get()
    bring_to(case=case, status=CaseStatus.COMPLETED_WITH_EXCEPTION, actor=Actor(user=None))
    data = api.get(DETAILS).json()["data"][0]
    assert (data["overall_status_code"], data["overall_status"]) == (6, "Completed with exception")
    assert data["completion_date"] is not None


@pytest.mark.parametrize(
    "value", ["%00", "a%00b", "%ed%a0%80", "%ff", "%c0%80", "%ud800%fe", "\xff", "%00%00"]
)
@pytest.mark.parametrize(("method", "address"), CALLS)
def test_nul_and_broken_utf_8_in_the_query_are_refused_by_name(jwt, method, address, value):
    client = Client(headers={"authorization": f"Bearer {jwt}"})
    response = client.generic(method.upper(), address, QUERY_STRING=f"x={value}")
    assert_refused(response, 400, "x")


def test_names_of_parameters_are_checked_too(api):
    assert_refused(api.get(f"{DETAILS}?a%00=1"), 400, "a\\u0000")


def test_non_ascii_in_the_query_is_fine(api, ids):
    assert listed(api.get(f"{DETAILS}?q=%e0%a4%85&r=ü")) == ids[::-1]


def test_thousands_of_parameters_are_400(api):
    assert_refused(api.get(f"{DETAILS}?" + "&".join(f"a{n}=1" for n in range(5000))), 400)


def test_a_charset_does_not_change_how_the_query_is_read(api, ids):
    response = api.generic("GET", f"{DETAILS}?limit=1", b"", "text/plain; charset=utf-16")
    assert listed(response) == ids[-1:]


def test_add_reads_no_query(api, subtype):
    assert api.post(f"{ADD}?candidate_id=x", {}, format="json").status_code == 400
