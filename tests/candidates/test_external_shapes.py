"""The answers of the external API, member by member (product.md §5)."""

from datetime import datetime
from uuid import UUID

import pytest

from candidates.external import doc_examples as examples
from candidates.models import Candidate, Case, CaseStatus, LogEntry
from tests.candidates.external import DETAILS, ME, PACKAGES, add
from tests.factories import CategoryFactory, PackageFactory, SubtypeFactory, TagFactory

pytestmark = pytest.mark.django_db


def shape(value):
    """Names and types, all the way down."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


def test_packages_answers_what_can_be_ordered(api, acme, subtype):
    category, tag = CategoryFactory(company=acme), TagFactory(company=acme)
    response = api.get(PACKAGES)
    assert response.status_code == 200
    assert response.json() == {
        "data": {
            "categories": [{"id": category.pk, "category_name": category.name}],
            "tags": [{"id": tag.pk, "category": tag.name}],
            "credit_balance": 1000,
            "is_email_optional": 0,
            "is_resume_optional": 1,
            "packages": [
                {
                    "package_id": subtype.package_id,
                    "package_name": subtype.package.name,
                    "subtype_id": subtype.pk,
                    "subtype_name": subtype.name,
                    "subtype_friendly_name": subtype.friendly_name,
                }
            ],
        }
    }
    assert shape(response.json()) == shape(examples.PACKAGES)


def test_packages_of_a_new_company_are_empty(api):
    data = api.get(PACKAGES).json()["data"]
    assert (data["categories"], data["tags"], data["packages"]) == ([], [], [])
    assert data["credit_balance"] == 0


def test_packages_leaves_out_what_is_not_offered(api, acme, subtype):
    SubtypeFactory(package=PackageFactory(company=acme, is_active=False, credits=7))
    data = api.get(PACKAGES).json()["data"]
    assert [p["subtype_id"] for p in data["packages"]] == [subtype.pk]
    assert data["credit_balance"] == 1000


def test_subtypes_of_one_package_share_its_balance(api, subtype):
    SubtypeFactory(package=subtype.package)
    assert api.get(PACKAGES).json()["data"]["credit_balance"] == 1000


@pytest.mark.parametrize("required", [True, False])
def test_packages_says_what_the_company_demands(api, acme, required):
    acme.email_required = acme.resume_required = required
    acme.save()
    data = api.get(PACKAGES).json()["data"]
    assert data["is_email_optional"] is data["is_resume_optional"]
    assert data["is_email_optional"] == int(not required)


def test_packages_costs_the_same_for_many_rows(
    api, acme, subtype, django_assert_max_num_queries, django_assert_num_queries
):
    api.get(PACKAGES)
    with django_assert_max_num_queries(8) as few:
        api.get(PACKAGES)
    for _ in range(5):
        SubtypeFactory(package__company=acme)
        TagFactory(company=acme)
        CategoryFactory(company=acme)
    with django_assert_num_queries(len(few)):
        assert len(api.get(PACKAGES).json()["data"]["packages"]) == 6


def test_add_answers_id_address_and_meta_data(api, subtype):
    meta_data = {"applicant": "gh-7731", "nested": {"list": [1, 2.5, None, True, "ü"]}}
    response = add(api, subtype, meta_data=meta_data)
    assert response.status_code == 200
    answer = response.json()
    candidate = Candidate.objects.get()
    assert answer == {
        "message": "Candidate added successfully",
        "data": {
            "candidate_id": candidate.pk,
            "bgv_url": answer["data"]["bgv_url"],
            "meta_data": meta_data,
        },
    }
    assert candidate.meta_data == meta_data


def test_absent_meta_data_is_echoed_as_an_empty_object(api, subtype):
    assert add(api, subtype).json()["data"]["meta_data"] == {}


def test_the_bgv_url_is_absolute_and_opens_the_form(api, client, subtype):
    url = add(api, subtype).json()["data"]["bgv_url"]
    assert url.startswith("http://testserver/bgv/")
    assert client.get(url).status_code == 200


def test_add_writes_candidate_case_and_log_and_takes_one_credit(api, subtype, token):
    add(api, subtype)
    case = Case.objects.get()
    subtype.package.refresh_from_db()
    assert (case.status, case.subtype, case.config) == (CaseStatus.AWAITING_INPUT, subtype, {})
    assert LogEntry.objects.get().added_by_label == "API(Greenhouse sync)"
    assert case.candidate.added_through == token
    assert subtype.package.credits == 999


def test_details_answers_one_candidate(api, subtype):
    added = add(api, subtype).json()["data"]["candidate_id"]
    response = api.get(DETAILS, {"candidate_id": added})
    assert response.status_code == 200
    assert response.json().keys() == {"success", "data"}
    assert response.json()["success"] is True
    assert shape(response.json()) == shape(examples.DETAILS)
    data = response.json()["data"]
    candidate = Candidate.objects.get()
    assert UUID(data.pop("candidate_uuid")) == candidate.uuid
    assert datetime.fromisoformat(data.pop("initiation_date")) == candidate.case.initiated_at
    assert data == {
        "candidate_id": added,
        "name": "Meera Krishnan",
        "email": "meera@example.test",
        "phone_number": "9876543210",
        "overall_status": "Awaiting input",
        "overall_status_code": 3,
        "completion_date": None,
        "report_url": None,
        "erased_at": None,
        "added_by": "API(Greenhouse sync)",
    }


def test_me_describes_the_token_and_its_company(api, token):
    response = api.get(ME)
    assert response.status_code == 200
    me = response.json()
    assert me.keys() == examples.ME.keys()
    assert (me["id"], me["name"]) == (token.public_id, "Greenhouse sync")
    assert me["company"] == {"name": "Acme Corp", "slug": "acme"}
    assert me["expires_at"] is None
    assert me["last_used_at"] is not None


def test_me_never_says_the_jti_nor_the_token(api, token, jwt):
    jti = token.credential.jti
    answer = api.get(ME).content.decode()
    assert str(jti) not in answer
    assert jti.hex not in answer
    assert all(part not in answer for part in jwt.split("."))
