"""A record becomes a candidate once, or waits with its reason."""

import pytest
from django.core import mail
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.models import Candidate, LogEntry
from candidates.services.credits import change_credits
from candidates.services.erasure import erase
from integrations.inbound import editing
from integrations.inbound.contract import Record
from integrations.inbound.importing import take
from integrations.models import ImportedRecord
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, SubtypeFactory
from tests.integrations.inbound.conftest import make_connection, records

State, Reason = ImportedRecord.State, ImportedRecord.Reason


def somebody(key="1", **fields):
    values = {
        "name": "Ananya Krishnan", "email": f"a{key}@example.in", "phone": f"98765432{key:>02}",
        "stages": ("name:offer",), "stage_name": "Offer",
    }  # fmt: skip
    return Record(external_id=key, **{**values, **fields})


@pytest.fixture
def spent(subtype):
    subtype.package.credits = 0
    subtype.package.save()
    return subtype.package


def test_a_record_becomes_a_candidate_with_label_package_and_log(connection, subtype, acme):
    row = take(connection, somebody())
    candidate = row.candidate
    assert (candidate.company, candidate.name, candidate.phone) == (
        acme, "Ananya Krishnan", "9876543201",
    )  # fmt: skip
    assert candidate.added_by_label == "TalentLyft(Berlin office)"
    assert candidate.case.subtype == subtype
    assert [entry.who for entry in LogEntry.objects.filter(kind="added")] == [
        "TalentLyft(Berlin office)"
    ]
    subtype.package.refresh_from_db()
    assert subtype.package.credits == 999
    assert (row.state, row.data) == (State.ADDED, {})


def test_the_same_record_again_adds_nobody(connection):
    take(connection, somebody())
    assert take(connection, somebody(stages=("type:hired",))) is None
    assert Candidate.objects.count() == 1


def test_the_same_id_of_another_connection_is_somebody_else(connection, admin, subtype):
    other = make_connection(
        admin, name="Pune", mapping={"stages": {"name:offer": subtype.pk}, "default": 0}
    )
    take(connection, somebody())
    assert take(other, somebody(email="z@example.in", phone="9876500000")).state == State.ADDED


def test_who_is_in_no_mapped_stage_is_not_even_noted(connection):
    assert take(connection, somebody(stages=("name:applied",))) is None
    assert records() == []


def test_who_was_there_before_is_noted_without_details_and_taken_at_the_next_stage(connection):
    row = take(connection, somebody(), there_before=True)
    assert (row.state, row.data) == (State.BEFORE, {})
    assert take(connection, somebody()) is None
    assert not Candidate.objects.exists()
    assert take(connection, somebody(stages=("type:hired",))).state == State.ADDED


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+91 98765 43210", "9876543210"), ("098765-43210", "9876543210"),
        ("91 9876543210", "9876543210"), ("(98765) 43210", "9876543210"),
        ("9876543210", "9876543210"), ("+919876543210", "9876543210"),
    ],
)  # fmt: skip
def test_indian_numbers_in_any_spelling_become_ten_digits(connection, written, kept):
    assert take(connection, somebody(phone=written)).candidate.phone == kept


@pytest.mark.parametrize("phone", ["", "080-4123", "+1 650 253 0000", "none", "1" * 900, "+"])
def test_what_is_no_indian_mobile_waits(connection, phone):
    row = take(connection, somebody(phone=phone))
    assert (row.state, row.reason, row.tries) == (State.ATTENTION, Reason.PHONE, 1)
    assert phone[:40] in row.detail
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"name": ""}, "Name"), ({"name": "R2D2"}, "Name"), ({"email": "no"}, "E-mail"),
        ({"email": ""}, "E-mail"), ({"uan_number": "12"}, "UAN"), ({"name": "x" * 900}, "Name"),
        ({"employee_id": "e" * 90}, "Employee id"),
    ],
)  # fmt: skip
def test_details_are_held_against_the_forms_own_rules(connection, fields, word):
    row = take(connection, somebody(**fields))
    assert (row.state, row.reason) == (State.ATTENTION, Reason.DETAILS)
    assert word in row.detail


def test_what_no_database_keeps_is_left_out(connection):
    row = take(connection, somebody(name="Ana\x00nya\x1b Krish\ud800nan", phone="9\x00876543210"))
    assert row.candidate.name == "Ananya Krishnan"


def test_no_credits_waits_and_takes_none(connection, spent):
    row = take(connection, somebody())
    assert (row.reason, row.detail) == (Reason.CREDITS, f"{spent.name} has none")
    assert not Candidate.objects.exists()


def test_no_package_waits(admin):
    connection = make_connection(admin, mapping={"stages": {"name:offer": 0}, "default": 0})
    row = take(connection, somebody(categories=("tag:fresher",)))
    assert (row.reason, row.detail) == (Reason.PACKAGE, "No package for Offer (fresher)")


def test_a_package_that_is_not_offered_any_more_waits(connection, subtype):
    subtype.package.is_active = False
    subtype.package.save()
    assert take(connection, somebody()).reason == Reason.PACKAGE


def test_another_companys_package_is_none(admin, foreign_subtype):
    mapping = {"stages": {"name:offer": foreign_subtype.pk}, "default": 0}
    assert take(make_connection(admin, mapping=mapping), somebody()).reason == Reason.PACKAGE


def test_a_duplicate_waits_and_names_the_other(connection, admin, subtype):
    other = add(admin, subtype, email="a1@example.in")
    row = take(connection, somebody())
    assert (row.reason, row.other) == (Reason.DUPLICATE, other)
    assert str(other.pk) in row.detail
    assert "e-mail" in row.detail


def test_a_category_says_more_than_a_stage_and_that_more_than_the_default(admin, acme):
    by = {name: SubtypeFactory(package__company=acme) for name in ("category", "stage", "default")}
    connection = make_connection(admin, mapping={
        "stages": {"name:offer": by["stage"].pk, "type:hired": 0},
        "categories": {"tag:exec": by["category"].pk},
        "default": by["default"].pk,
    })  # fmt: skip
    for key, fields, name in [
        ("1", {"categories": ("tag:x", "tag:exec")}, "category"),
        ("2", {"categories": ("tag:x",)}, "stage"),
        ("3", {"stages": ("type:hired",)}, "default"),
    ]:
        assert take(connection, somebody(key, **fields)).candidate.case.subtype == by[name]


def test_category_and_who_fills_in_are_as_chosen(admin, acme, subtype):
    category = CategoryFactory(company=acme)
    connection = make_connection(admin, mapping={
        "stages": {"name:offer": subtype.pk}, "default": 0, "category": category.pk,
        "filled_by": "hr",
    })  # fmt: skip
    candidate = take(connection, somebody()).candidate
    assert candidate.category == category
    assert candidate.case.filled_by == "hr"


def test_who_fills_in_the_form_gets_the_link(connection, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        take(connection, somebody())
    (sent,) = mail.outbox
    assert sent.to == ["a1@example.in"]
    assert "https://portal.test/" in sent.body


def test_news_of_one_who_waits_is_a_try_and_no_news_is_none(connection):
    take(connection, somebody(phone=""))
    assert take(connection, somebody(phone="")) is None
    assert records()[0].tries == 1
    assert take(connection, somebody()).state == State.ADDED
    assert records()[0].data == {}


def test_what_was_put_right_by_hand_stays_right(connection):
    row = take(connection, somebody(phone="", email="no"))
    row = editing.edit(row.pk, {"phone": "9876543210"})
    assert row.reason == Reason.DETAILS
    row = take(connection, somebody(phone="080", email="ok@example.in"))
    assert (row.state, row.candidate.phone) == (State.ADDED, "9876543210")


def test_a_package_can_be_chosen_for_one(admin, subtype):
    connection = make_connection(admin, mapping={"stages": {"name:offer": 0}, "default": 0})
    row = take(connection, somebody())
    assert editing.edit(row.pk, {"subtype": subtype.pk}).state == State.ADDED


def test_dismissed_is_for_good_and_keeps_no_details(connection):
    row = take(connection, somebody(phone=""))
    row = editing.dismiss(row.pk)
    assert (row.state, row.data) == (State.DISMISSED, {})
    assert take(connection, somebody()) is None


def test_retry_reads_them_anew(connection, talentlyft):
    row = take(connection, somebody(phone=""))
    talentlyft.people = [talentlyft.person(1)]
    assert editing.retry(row).state == State.ADDED
    assert editing.retry(row).state == State.ADDED  # it waits no more: left alone
    assert Candidate.objects.count() == 1


def test_retry_dismisses_whoever_is_disqualified_by_now(connection, talentlyft):
    row = take(connection, somebody(phone=""))
    talentlyft.people = [talentlyft.person(1, Disqualified=True)]
    assert editing.retry(row).state == State.DISMISSED


def test_credits_that_were_bought_let_them_in(connection, spent, admin):
    row = take(connection, somebody())
    change_credits(spent, 5, reason="bought", actor=Actor(admin))
    assert editing.again(row.pk).state == State.ADDED


def test_a_company_needs_its_resumes(connection, acme):
    acme.resume_required = True
    acme.save()
    row = take(connection, somebody())
    assert row.reason == Reason.DETAILS
    assert "résumé" in row.detail
    row = editing.edit(row.pk, {"resume_url": "https://files.test/cv.pdf"})
    assert row.candidate.resume_url == "https://files.test/cv.pdf"


def test_only_those_of_the_company_wait_for_it(connection, other_admin, acme, globex):
    take(connection, somebody(phone=""))
    assert editing.waiting_for(acme).count() == 1
    assert editing.waiting_for(globex).count() == 0
    assert timezone.now() >= records()[0].since


def test_an_erased_candidate_leaves_nothing_here_and_does_not_come_again(connection, admin):
    """What waits about the same person goes too; what waits about others stays."""
    taken = take(connection, somebody())
    candidate = taken.candidate
    kept = {"name": "Zephyrine", "phone": candidate.phone, "email": candidate.email.upper()}
    waits = {"connection": connection, "state": "attention", "reason": "duplicate"}
    ImportedRecord.objects.filter(pk=taken.pk).update(detail="Zephyrine", data=kept, edits=kept)
    ImportedRecord.objects.create(external_id="2", other=candidate, data=kept, **waits)
    ImportedRecord.objects.create(external_id="3", edits={"phone": candidate.phone}, **waits)
    ImportedRecord.objects.create(external_id="4", data={"name": "Another"}, **waits)
    connection.last_body = kept
    connection.save()
    erase(candidate=candidate, actor=Actor(admin))
    rows = ImportedRecord.objects.order_by("external_id")
    assert [(row.state, row.data, row.edits, row.detail) for row in rows] == [
        ("added", {}, {}, ""), ("dismissed", {}, {}, ""), ("dismissed", {}, {}, ""),
        ("attention", {"name": "Another"}, {}, ""),
    ]  # fmt: skip
    connection.refresh_from_db()
    assert connection.last_body is None
    take(connection, somebody())
    assert Candidate.objects.get() == candidate
