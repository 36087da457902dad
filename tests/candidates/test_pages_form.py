"""HR fills in the form behind the log-in; the candidate still signs."""

import pytest
from django.urls import reverse

from candidates.models import CaseStatus, FilledBy, VerificationForm
from tests.candidates.answers import GOOD, fill
from tests.candidates.conftest import add
from tests.candidates.files import JPEG, upload


@pytest.fixture
def rohan(admin, subtype):
    return add(admin, subtype, name="Rohan Gupta", filled_by=FilledBy.HR)


def step_of(candidate, step):
    return reverse("candidates:form_step", args=[candidate.pk, step])


def test_hr_fills_in_and_sends_and_the_case_waits_for_the_signature(admin_client, admin, rohan):
    detail = reverse("candidates:detail", args=[rohan.pk])
    form, send = (reverse(f"candidates:{name}", args=[rohan.pk]) for name in ("form", "form_send"))
    assert form in admin_client.get(detail).content.decode()
    assert admin_client.get(form).url == step_of(rohan, "basic_details")
    for step in ("basic_details", "address", "identity"):
        assert admin_client.get(step_of(rohan, step)).status_code == 200
        given = {**GOOD[step], "files": [] if step == "basic_details" else [upload(JPEG)]}
        assert admin_client.post(step_of(rohan, step), given).status_code == 302
    assert "ABCPK1234M" in admin_client.get(send).content.decode()
    assert admin_client.post(send, {"is_true": "on"}).url == detail
    rohan.case.refresh_from_db()
    assert rohan.case.status == CaseStatus.CONSENT_MISSING
    assert set(rohan.documents.values_list("added_by", flat=True)) == {admin.pk}
    assert rohan.log.filter(kind="form-submitted").get().added_by == admin
    assert form not in admin_client.get(detail).content.decode()
    assert admin_client.get(step_of(rohan, "identity")).url == detail


def test_what_was_entered_is_kept_by_no_cache(admin_client, rohan):
    fill(rohan, "identity")
    for name in ("form", "form_send"):
        response = admin_client.get(reverse(f"candidates:{name}", args=[rohan.pk]))
        assert "no-store" in response["Cache-Control"]
    for response in (
        admin_client.get(step_of(rohan, "identity")),
        admin_client.post(step_of(rohan, "address"), GOOD["identity"]),
    ):
        assert "no-store" in response["Cache-Control"]


def test_nothing_incomplete_is_sent(admin_client, rohan):
    fill(rohan, "identity")
    send = reverse("candidates:form_send", args=[rohan.pk])
    response = admin_client.post(send, {"is_true": "on"})
    assert response.status_code == 400
    assert "Still missing:" in response.content.decode()
    assert admin_client.post(send, {}).status_code == 400


def test_bad_answers_are_named(admin_client, rohan):
    response = admin_client.post(step_of(rohan, "address"), {**GOOD["address"], "pin_code": "x"})
    assert response.status_code == 400
    assert "Enter 6 digits" in response.content.decode()


def test_only_who_sees_the_candidate_fills_in_and_only_where_hr_does(
    client, admin_client, hr_client, other_admin_client, rohan, meera
):
    for who, candidate, status in [
        (other_admin_client, rohan, 404), (hr_client, rohan, 404), (admin_client, meera, 404),
        (client, rohan, 302),
    ]:  # fmt: skip
        for path in (
            reverse("candidates:form", args=[candidate.pk]),
            reverse("candidates:form_send", args=[candidate.pk]),
            step_of(candidate, "identity"),
        ):
            assert who.get(path).status_code == status
        for path in (step_of(candidate, "identity"),):
            assert who.post(path, GOOD["identity"]).status_code == status
    assert not VerificationForm.objects.exists()
