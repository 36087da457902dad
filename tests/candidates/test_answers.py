"""What is a good answer on the verification form."""

import time

import pytest
import time_machine
from django.core.exceptions import ValidationError

from candidates.services.answers import STEPS, clean, in_words, steps_for
from tests.candidates.answers import GOOD, good


def faults(step, **changes):
    try:
        clean(STEPS[step], good(step, **changes))
    except ValidationError as error:
        return set(error.message_dict)
    return set()


@pytest.mark.parametrize("step", STEPS)
def test_good_answers_are_kept_as_they_are(step):
    assert clean(STEPS[step], GOOD[step]) == GOOD[step]


def test_the_checks_say_which_steps_are_asked():
    def names(*codes):
        return [step.name for step in steps_for(codes)]

    assert names() == ["basic_details"]
    assert names("court-record", "drug") == ["basic_details", "address"]
    assert names("employment", "education", "identity", "address") == [
        "basic_details", "address", "identity", "education", "employment",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "field", "value"),
    [(step, question.name, "") for step, found in STEPS.items()
     for question in found.questions if question.is_required]
    + [("basic_details", "full_name", value) for value in ("x", "<b>Meera</b>", "M" * 121, "42")]
    + [("basic_details", "email", value) for value in ("meera", "a@b", "m\x00@x.in")]
    + [("basic_details", "mobile_number", v) for v in ("+919876543210", "12345", "९८७६५४३२१०")]
    + [("basic_details", "gender", value) for value in ("0", "4", "male", "1.0", "True")]
    + [("basic_details", "dob", value) for value in
       ("01-02-1990", "1990-2-1", "1990-02-30", "1899-12-31", "2999-01-01", "0000-01-01",
        "19900201", "१९९०-०२-०१")]
    + [("address", "pin_code", value) for value in ("56003", "5600388", "५६००३८", "56 038")]
    + [("address", "address_line_1", value) for value in ("x" * 301, "line\nbreak", "\ud800")]
    + [("identity", "id_type", value) for value in ("AADHAAR", "pan", "0")]
    + [("identity", "id_number", value) for value in ("ABCPK1234", "ABCP11234M", "<b>", "x" * 33)]
    + [("education", "course_type", value) for value in ("11", "undergrad")]
    + [("employment", "start_date", value) for value in ("2999-01-01", "soon")]
    + [("employment", "end_date", value) for value in ("2019-05-31", "x")],
)  # fmt: skip
def test_a_bad_answer_is_named(step, field, value):
    assert faults(step, **{field: value}) == {field}


def test_every_fault_is_named_at_once():
    assert faults("address", city="", pin_code="x", address_line_1="y" * 301) == {
        "city", "pin_code", "address_line_1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "number", ["KA0120110012345", "KA-01 20110012345", "M1234567", "abc1234567"]
)
def test_numbers_of_other_documents_are_taken_in_capitals(number):
    found = clean(STEPS["identity"], good("identity", id_type="DL", id_number=number))
    assert found["id_number"] == number.upper()


def test_a_pan_is_taken_in_small_letters_and_with_spaces_around():
    found = clean(STEPS["identity"], good("identity", id_number=" abcpk1234m "))
    assert found["id_number"] == "ABCPK1234M"


@pytest.mark.parametrize(
    ("today", "good_days"), [("2026-02-28", 0), ("2026-03-01", 1), ("2027-03-01", 1)]
)
def test_a_leaplings_fourteenth_birthday_is_the_first_of_march(today, good_days):
    with time_machine.travel(f"{today}T06:00:00+05:30"):
        assert (not faults("basic_details", dob="2012-02-29")) == bool(good_days)


@pytest.mark.parametrize(("dob", "is_good"), [("2012-11-26", True), ("2012-11-27", False)])
def test_a_candidate_is_14_at_least(dob, is_good):
    with time_machine.travel("2026-11-26T06:00:00+05:30"):
        assert (not faults("basic_details", dob=dob)) == is_good


def test_whoever_still_works_there_leaves_the_last_day_empty():
    assert "end_date" not in clean(STEPS["employment"], good("employment", end_date=" "))


@pytest.mark.parametrize("name", ["मीरा अय्यर", "D’Souza", "O'Brien-Rao", "J. R. D."])
def test_names_of_any_script_are_names(name):
    assert not faults("basic_details", full_name=name)


@pytest.mark.parametrize("step", STEPS)
def test_long_answers_are_judged_in_no_time(step):
    before = time.perf_counter()
    for text in ("a" * 100_000, "a@" * 50_000, "1-" * 50_000, " " * 100_000):
        with pytest.raises(ValidationError):
            clean(STEPS[step], dict.fromkeys(GOOD[step], text))
    assert time.perf_counter() - before < 0.2


def test_choices_are_shown_in_words():
    gender = STEPS["basic_details"].questions[2]
    assert in_words(gender, "2") == "Female"
    assert in_words(gender, "9") == "9"
