"""submit-bgv: the whole form by the API, or nothing of it."""

from copy import deepcopy

import pytest

from apitokens.attribution import Actor
from candidates.external.doc_examples_v2 import SUBMIT as EXAMPLE
from candidates.external.doc_examples_v2 import SUBMITTED
from candidates.external.errors import INVALID
from candidates.models import CaseStatus, Decision, Document, Reason, VerificationForm
from candidates.services.cases import decide
from tests.conftest import bearer
from tests.factories import make_token

SUBMIT = "/external/v2/candidate/submit-bgv"


def body(candidate, **changes):
    """The documented example for *candidate*; "a__b" changes a member, ``...`` takes it out."""
    given = {**deepcopy(EXAMPLE), "candidate_id": candidate.pk}
    for path, value in changes.items():
        *way, last = path.split("__")
        place = given
        for key in way:
            place = place[key]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return given


def post(api, candidate, **changes):
    return api.post(SUBMIT, body(candidate, **changes), format="json")


def fields(response):
    refusal = response.json()
    assert refusal.keys() == {"message", "errors"}
    assert all(error.keys() == {"field", "error"} for error in refusal["errors"])
    return [error["field"] for error in refusal["errors"]]


def assert_untouched(candidate):
    candidate.case.refresh_from_db()
    assert candidate.case.submitted_at is candidate.case.consented_at is None
    assert not VerificationForm.objects.exists()
    assert not Document.objects.exists()
    assert list(candidate.log.values_list("kind", flat=True)) == ["added"]


def test_a_whole_form_is_kept_and_the_case_goes_to_work(api, meera, token):
    response = post(api, meera)
    assert response.status_code == 200, response.content
    assert response.json() == {
        **SUBMITTED, "data": {**SUBMITTED["data"], "candidate_id": meera.pk}
    }  # fmt: skip
    meera.case.refresh_from_db()
    assert meera.case.status == CaseStatus.PROCESSING
    answers = VerificationForm.objects.get(pk=meera.pk).answers
    assert answers["identity"] == {
        "id_type": "PAN", "id_number": "ABCPK1234M", "name_on_document": "Meera Krishnan"
    }  # fmt: skip
    assert answers["basic_details"]["gender"] == "2"
    rows = meera.documents.values_list("kind", "tag", "url", "added_through")
    assert list(rows) == [
        ("identity", "front", "https://files.example.com/pan.jpg", token.pk),
        ("consent", "", "https://files.example.com/consent.pdf", token.pk),
    ]
    line = meera.log.get(kind="form-submitted")
    assert line.who == token.label


def test_without_a_consent_the_case_waits_for_it(api, meera):
    assert post(api, meera, consent=...).json()["data"]["overall_status_code"] == 11


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basic_details": ...}, "basic_details"),
        ({"basic_details": "x"}, "basic_details"),
        ({"basic_details__full_name": "<b>"}, "basic_details.full_name"),
        ({"basic_details__email": "x"}, "basic_details.email"),
        ({"basic_details__mobile_number": 9876543210}, "basic_details.mobile_number"),
        ({"basic_details__mobile_number": "+919876543210"}, "basic_details.mobile_number"),
        ({"basic_details__dob": "28-02-1994"}, "basic_details.dob"),
        ({"basic_details__dob": "2999-01-01"}, "basic_details.dob"),
        ({"basic_details__dob": None}, "basic_details.dob"),
        ({"basic_details__gender": "2"}, "basic_details.gender"),
        ({"basic_details__gender": True}, "basic_details.gender"),
        ({"basic_details__gender": 4}, "basic_details.gender"),
        ({"basic_details__gender": []}, "basic_details.gender"),
        ({"consent__doc_url": "http://x.in/c.pdf"}, "consent.doc_url"),
        ({"identity": ...}, "identity.identity_1"),
        ({"identity__identity_1": ...}, "identity.identity_1"),
        ({"identity__identity_1__id_type": "AADHAAR"}, "identity.identity_1.id_type"),
        ({"identity__identity_1__id_type": {}}, "identity.identity_1.id_type"),
        ({"identity__identity_1__id_number": "x1"}, "identity.identity_1.id_number"),
        ({"identity__identity_1__id_number": "M1234567"}, "identity.identity_1.id_number"),
        ({"identity__identity_1__id_number": "A" * 100_000}, "identity.identity_1.id_number"),
        ({"identity__identity_1__combined_document": 1}, "identity.identity_1.combined_document"),
        ({"identity__identity_1__documents": [{"url": "ftp://x"}]},
         "identity.identity_1.documents[0].url"),
        ({"identity__identity_1__documents": [{"url": "https://x.in/a", "tag": "t" * 65}]},
         "identity.identity_1.documents[0].tag"),
        ({"identity__identity_1__documents": [{"url": "https://x.in/a"}] * 11},
         "identity.identity_1.documents"),
        ({"identity__identity_1__documents": "x"}, "identity.identity_1.documents"),
        ({"address": ...}, "address.current"),
        ({"address__current__pin_code": "56003"}, "address.current.pin_code"),
        ({"address__current__pin_code": 560038}, "address.current.pin_code"),
        ({"address__current__address_line_1": "x" * 301}, "address.current.address_line_1"),
        ({"address__current__city": "Benga\nluru"}, "address.current.city"),
        ({"education": {"education_1": {"course_type": 10}}}, "education.education_1.course_type"),
        ({"employment": {"employment_1": {"company_name": "X", "designation": "Y",
          "start_date": "2020-01-01", "end_date": "2019-01-01"}}},
         "employment.employment_1.end_date"),
        ({"candidate_id": "4711"}, "candidate_id"),
        ({"candidate_id": ...}, "candidate_id"),
        ({"candidate_id": True}, "candidate_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_changed(api, meera, changes, field):
    response = post(api, meera, **changes)
    assert response.status_code == 400, response.content
    assert response.json()["message"] == INVALID
    assert fields(response) == [field]
    assert_untouched(meera)


def test_every_fault_is_named_at_once(api, meera):
    response = post(api, meera, basic_details__dob="x", address__current__pin_code="x")
    assert fields(response) == ["basic_details.dob", "address.current.pin_code"]


def test_a_second_time_is_refused(api, meera):
    assert post(api, meera).status_code == 200
    response = post(api, meera, address__current__city="Elsewhere")
    assert (response.status_code, fields(response)) == (409, [])
    assert VerificationForm.objects.get().answers["address"]["city"] == "Bengaluru"


@pytest.mark.parametrize("decision", [Decision.CLOSED, Decision.CANCELLED])
def test_a_case_that_is_over_takes_no_form(api, admin, meera, decision):
    decide(case=meera.case, decision=decision, actor=Actor(admin), reason=Reason.MISTAKE)
    assert post(api, meera).status_code == 409
    assert not VerificationForm.objects.exists()


@pytest.mark.parametrize("pk", [0, -1, 999_999, 2**63, 10**40])
def test_a_foreign_candidate_is_as_unknown_as_nobody(api, meera, foreign, pk):
    theirs = post(api, foreign)
    unknown = post(api, meera, candidate_id=pk)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.content == unknown.content
    assert not VerificationForm.objects.exists()


def test_the_token_needs_the_scope_to_write(acme, admin, meera):
    _, jwt = make_token(owner=acme, user=admin, name="Reader", scopes=["candidates:read"])
    assert post(bearer(jwt), meera).status_code == 403
    assert post(bearer("x"), meera).status_code == 401
    assert_untouched(meera)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"candidate_id": 1, "candidate_id": 1}'])
def test_a_body_that_is_no_object_is_refused_in_the_same_shape(api, content):
    response = api.generic("POST", SUBMIT, content, content_type="application/json")
    assert response.status_code == 400
    fields(response)


def test_a_name_with_markup_in_a_link_is_stored_as_text_and_never_fetched(api, meera):
    link = "https://files.example.com/<script>alert(1)</script>"
    response = post(api, meera, identity__identity_1__documents=[{"url": link}])
    assert response.status_code == 200
    assert meera.documents.filter(url=link).exists()
