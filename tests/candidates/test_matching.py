"""Which column becomes which field, by heading and by content."""

import pytest

from candidates.tables.matching import FIELDS, HEADINGS, LEFT_OUT, match

VALUES = {
    "phone": "9845012346",
    "email": "ananya.k@example.in",
    "uan_number": "100904231187",
    "resume_url": "https://files.example.in/cv.pdf",
}


def matched(headings, *rows, tags=()):
    return match(headings, rows or [[""] * len(headings)], tags)


@pytest.mark.parametrize("field", FIELDS)
def test_every_heading_of_a_field_is_known_in_any_spelling(field):
    for heading in HEADINGS[field]:
        for spelling in (heading, heading.upper(), f" {heading.title()}* ", f"{heading}:"):
            assert matched([spelling]) == [field], spelling


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("E-Mail ID", "email"), ("e mail", "email"), ("Mobile No.", "phone"),
        ("Emp_Code", "employee_id"), ("Résumé", "resume_url"), ("UAN#", "uan_number"),
        ("पूरा नाम", "name"), ("मोबाइल नंबर", "phone"), ("ई-मेल", "email"), ("फ़ोन", "phone"),
        ("कर्मचारी आईडी", "employee_id"), ("टैग", "tags"), ("वैकल्पिक मोबाइल", "alternate_phone"),
    ],
)  # fmt: skip
def test_headings_as_people_write_them(heading, field):
    assert matched([heading]) == [field]


@pytest.mark.parametrize(("field", "value"), VALUES.items())
@pytest.mark.parametrize("heading", ["Kontakt", "連絡先", "வேறு", "", "x" * 100, "<b>"])
def test_a_heading_of_any_language_is_matched_by_what_stands_below_it(heading, field, value):
    assert matched([heading], [value], [value], [""], ["?"], [value]) == [field]


def test_a_column_in_which_half_is_something_else_is_left_to_people():
    assert matched(["Kontakt"], ["9845012346"], ["Bengaluru"]) == [""]
    assert matched(["Kontakt"], [""]) == [""]


def test_numbers_with_a_prefix_are_known_as_numbers():
    assert matched(["Handy"], ["+91 98450 12346"], ["09845012346"]) == ["phone"]


def test_a_second_column_of_a_kind_becomes_the_other_one():
    row = ["9845012346", "9901122334", "a@example.in", "b@example.in"]
    found = matched(["Mobile", "Alt contact", "Mail", "Büro"], row)
    assert found == ["phone", "alternate_phone", "email", "alternate_email"]


def test_no_field_comes_twice():
    row = ["9845012346"] * 4
    assert matched(["Mobile", "Phone", "Cell", "Handy"], row) == [
        "phone",
        "alternate_phone",
        "",
        "",
    ]
    assert matched(["Name", "Full name"]) == ["name", ""]


def test_a_heading_counts_more_than_what_stands_in_a_column_before_it():
    assert matched(["Handy", "Mobile"], ["9845012346", "9901122334"]) == [
        "alternate_phone",
        "phone",
    ]


def test_names_of_tags_are_known_as_tags():
    rows = [["Bengaluru"], ["PUNE"]]
    assert matched(["Location"], *rows, tags={"bengaluru", "pune"}) == ["tags"]
    assert matched(["Location"], *rows) == [""]


@pytest.mark.parametrize("heading", ["S. No.", "Remarks", "क्रमांक", "टिप्पणी"])
def test_what_is_never_ours_is_left_out(heading):
    assert matched([heading], ["9845012346"]) == [LEFT_OUT]
