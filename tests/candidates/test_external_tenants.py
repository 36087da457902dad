"""Another company's rows do not exist for a token (security.md F)."""

import pytest

from candidates.models import Candidate
from tests.candidates.external import ADD, DETAILS, ME, PACKAGES, add, body
from tests.conftest import bearer
from tests.factories import CategoryFactory, PackageFactory, SubtypeFactory, TagFactory, make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_api(globex, other_admin):
    return bearer(make_token(owner=globex, user=other_admin, name="Theirs")[1])


@pytest.fixture
def theirs(other_api, globex):
    """A candidate of Globex, as the API answered it."""
    response = add(other_api, SubtypeFactory(package__company=globex), employee_id="E-1")
    return response.json()["data"]


def test_a_foreign_id_answers_exactly_like_an_unknown_one(api, theirs):
    foreign = api.get(DETAILS, {"candidate_id": theirs["candidate_id"]})
    unknown = api.get(DETAILS, {"candidate_id": 999_999})
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert foreign.headers == unknown.headers


def test_a_foreign_email_is_unknown(api, theirs):
    assert api.get(DETAILS, {"email": "meera@example.test"}).status_code == 404


def test_lists_hold_own_candidates_only(api, theirs, subtype):
    mine = add(api, subtype).json()["data"]["candidate_id"]
    rows = api.get(DETAILS).json()["data"]
    assert [row["candidate_id"] for row in rows] == [mine]


def test_packages_hold_own_rows_only(api, globex, subtype):
    SubtypeFactory(package__company=globex)
    TagFactory(company=globex)
    CategoryFactory(company=globex)
    data = api.get(PACKAGES).json()["data"]
    assert (data["categories"], data["tags"], data["credit_balance"]) == ([], [], 1000)
    assert [row["subtype_id"] for row in data["packages"]] == [subtype.pk]


@pytest.mark.parametrize(
    ("factory", "place"),
    [(lambda c: CategoryFactory(company=c), lambda pk: {"category_id": pk}),
     (lambda c: TagFactory(company=c), lambda pk: {"tags": [{"id": pk}]}),
     (lambda c: PackageFactory(company=c), lambda pk: {"package": {"package_id": pk}}),
     (lambda c: SubtypeFactory(package__company=c), lambda pk: {"package": {"subtype_id": pk}}),
     (lambda c: SubtypeFactory(package__company=c, package__is_active=False),
      lambda pk: {"package": {"subtype_id": pk}})],
)  # fmt: skip
def test_a_foreign_row_is_refused_in_the_words_for_an_unknown_one(
    api, globex, subtype, factory, place
):
    foreign = add(api, subtype, **place(factory(globex).pk))
    unknown = add(api, subtype, **place(999_999))
    assert foreign.status_code == 400
    assert foreign.content == unknown.content
    assert not Candidate.objects.exists()


def test_a_foreign_subtype_beside_an_own_package_is_unknown(api, globex, subtype):
    foreign = SubtypeFactory(package__company=globex)
    package = {"subtype_id": foreign.pk, "package_id": subtype.package_id}
    assert add(api, subtype, package).json()["errors"] == [
        {"path": "package.subtype_id", "msg": "Unknown id."}
    ]


def test_the_same_person_at_another_company_is_no_duplicate(api, theirs, subtype):
    assert add(api, subtype, employee_id="E-1").status_code == 200


def test_credits_of_another_company_are_not_taken(api, theirs, subtype):
    subtype.package.credits = 0
    subtype.package.save()
    assert add(api, subtype).status_code == 422


@pytest.mark.parametrize("where", ["query", "body", "header"])
def test_naming_another_company_changes_nothing(api, acme, globex, subtype, where):
    request = body(subtype)
    if where == "body":
        request |= {"company": globex.pk, "company_id": globex.pk}
    query = f"?company={globex.slug}" if where == "query" else ""
    headers = {"HTTP_X_COMPANY": globex.slug} if where == "header" else {}
    assert api.post(ADD + query, request, format="json", **headers).status_code == 200
    assert Candidate.objects.get().company == acme


def test_each_token_is_told_of_its_own_company(api, other_api):
    assert api.get(ME).json()["company"]["slug"] == "acme"
    assert other_api.get(ME).json()["company"]["slug"] == "globex"
