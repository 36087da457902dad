"""The form is kept, signed and handed in: services/verification.py."""

import pytest
from django.core.exceptions import ValidationError

from apitokens.attribution import Actor
from candidates.exceptions import FormIncomplete, NotAllowedNow
from candidates.models import CaseStatus, Decision, Document, LogEntry, Reason, VerificationForm
from candidates.services import verification
from candidates.services.answers import STEPS
from candidates.services.cases import consent, decide
from tests.candidates.answers import GOOD, fill, good

HERE = "203.0.113.7"


def kinds(candidate):
    return list(candidate.log.order_by("pk").values_list("kind", flat=True))


def save(candidate, step="identity", answers=None):
    given = GOOD[step] if answers is None else answers
    verification.save_step(
        candidate=candidate, step=STEPS[step], answers=given, actor=None, address=HERE
    )


def answers(candidate):
    return VerificationForm.objects.get(pk=candidate.pk).answers


def test_answers_are_kept_step_by_step(meera):
    save(meera, "basic_details")
    save(meera)
    assert answers(meera) == {name: GOOD[name] for name in ("basic_details", "identity")}
    line = meera.log.first()
    assert (line.kind, line.by_candidate, line.address) == ("form-saved", True, HERE)
    assert line.text == "filled in the form: Identity"


def test_the_same_answers_again_leave_no_second_line(meera):
    save(meera)
    save(meera)
    assert kinds(meera).count("form-saved") == 1


def test_a_bad_answer_leaves_all_as_it_was(meera):
    save(meera)
    with pytest.raises(ValidationError):
        save(meera, answers=good("identity", id_number="x"))
    assert answers(meera)["identity"] == GOOD["identity"]


def test_a_draft_keeps_what_is_good_and_is_not_complete(meera):
    given = {"id_type": "PAN", "id_number": "\ud800", "name_on_document": "Meera"}
    verification.save_draft(candidate=meera, step=STEPS["identity"], answers=given)
    assert answers(meera)["identity"] == {"id_type": "PAN", "name_on_document": "Meera"}
    missing = verification.missing_steps(meera.case, answers(meera))
    assert [step.name for step in missing] == ["basic_details", "address", "identity"]
    assert "form-saved" not in kinds(meera)


def test_an_incomplete_form_is_not_handed_in_and_the_steps_are_named(meera):
    fill(meera, "basic_details", "address")
    with pytest.raises(FormIncomplete) as error:
        verification.submit(candidate=meera, actor=None)
    assert [step.name for step in error.value.steps] == ["identity"]
    meera.case.refresh_from_db()
    assert meera.case.submitted_at is None


def test_signed_and_handed_in_the_case_goes_to_work(meera):
    fill(meera)
    case = verification.sign_and_submit(candidate=meera, name=" Meera Iyer ", address=HERE)
    form = VerificationForm.objects.get(pk=meera.pk)
    assert (form.consent_name, form.consent_address) == ("Meera Iyer", HERE)
    assert form.answers["consent"] == {"version": verification.CONSENT_VERSION}
    assert case.status == CaseStatus.PROCESSING
    assert case.consented_at is not None
    assert kinds(meera)[-4:] == ["form-submitted", "status-changed", "consented", "status-changed"]


@pytest.mark.parametrize("name", ["", "x", "42", "<b>Meera</b>", "\x00Meera"])
def test_a_signature_is_a_name_or_nothing_happens(meera, name):
    fill(meera)
    with pytest.raises(ValidationError):
        verification.sign_and_submit(candidate=meera, name=name, address=HERE)
    meera.case.refresh_from_db()
    assert meera.case.submitted_at is meera.case.consented_at is None
    assert "form-submitted" not in kinds(meera)


def test_the_first_signature_stays(meera):
    verification.sign_consent(candidate=meera, name="Meera Iyer", address=HERE)
    verification.sign_consent(candidate=meera, name="Somebody Else", address="203.0.113.9")
    form = VerificationForm.objects.get(pk=meera.pk)
    assert (form.consent_name, form.consent_address) == ("Meera Iyer", HERE)


def test_what_was_handed_in_is_changed_no_more(meera):
    fill(meera)
    verification.submit(candidate=meera, actor=None)
    with pytest.raises(NotAllowedNow):
        save(meera, answers=good("identity", id_number="ABCPK9999M"))
    with pytest.raises(NotAllowedNow):
        verification.save_draft(candidate=meera, step=STEPS["identity"], answers={})
    assert answers(meera)["identity"] == GOOD["identity"]


@pytest.mark.parametrize("decision", [Decision.CLOSED, Decision.CANCELLED])
def test_a_case_that_is_over_takes_nothing(meera, admin, decision):
    fill(meera)
    decide(case=meera.case, decision=decision, actor=Actor(admin), reason=Reason.MISTAKE)
    for act in (
        lambda: save(meera, answers=good("identity", id_number="ABCPK9999M")),
        lambda: verification.submit(candidate=meera, actor=None),
        lambda: verification.sign_consent(candidate=meera, name="Meera Iyer", address=HERE),
    ):
        with pytest.raises(NotAllowedNow):
            act()


def whole(candidate, actor, **changes):
    steps = [step.name for step in verification.steps_of(candidate.case)]
    return verification.submit_whole(**{
        "candidate": candidate, "answers": {name: GOOD[name] for name in steps}, "documents": [],
        "consent_url": "", "actor": actor, **changes,
    })  # fmt: skip


def test_a_whole_form_keeps_what_the_case_needs(meera, admin):
    documents = [
        verification.LinkedDocument(Document.Kind.IDENTITY, "https://files.example.in/1", "front"),
        verification.LinkedDocument(Document.Kind.EDUCATION, "https://files.example.in/2"),
    ]
    case = whole(meera, Actor(admin), answers=GOOD, documents=documents,
                 consent_url="https://files.example.in/consent")  # fmt: skip
    assert answers(meera).keys() == {"basic_details", "address", "identity"}
    assert list(meera.documents.values_list("kind", "tag", "added_by")) == [
        ("identity", "front", admin.pk), ("consent", "", admin.pk)
    ]  # fmt: skip
    assert case.status == CaseStatus.PROCESSING


def test_a_whole_form_without_consent_waits_for_it(meera, admin):
    assert whole(meera, Actor(admin)).status == CaseStatus.CONSENT_MISSING


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"answers": {"basic_details": GOOD["basic_details"]}}, FormIncomplete),
     ({"answers": {**GOOD, "education": {"course_type": "11"}}}, ValidationError)],
)  # fmt: skip
def test_a_whole_form_that_is_refused_leaves_nothing(meera, admin, changes, error):
    link = verification.LinkedDocument(Document.Kind.IDENTITY, "https://files.example.in/1")
    with pytest.raises(error):
        whole(meera, Actor(admin), documents=[link], **changes)
    assert not VerificationForm.objects.exists()
    assert not Document.objects.exists()
    assert set(kinds(meera)) == {LogEntry.Kind.ADDED}


def test_a_consent_that_stands_keeps_its_moment(admin, meera):
    first = consent(case=meera.case, actor=Actor(admin)).consented_at
    assert consent(case=meera.case, actor=Actor(admin)).consented_at == first
    assert meera.log.filter(kind=LogEntry.Kind.CONSENTED).count() == 1
