"""Bulk add on its pages: nothing before the confirmation, every error in its place."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import (
    BulkImport,
    BulkRow,
    Candidate,
    Case,
    CaseStatus,
    CreditEntry,
    LogEntry,
    Package,
)
from candidates.services import bulk as services
from tests.candidates import files
from tests.candidates.bulk import (
    ANANYA,
    HEADINGS,
    ROHAN,
    START,
    added,
    columns_of,
    csv_file,
    lines,
    person,
    reviewed,
    send,
    url,
)
from tests.candidates.conftest import add
from tests.candidates.workbooks import xlsx
from tests.conftest import signed_in
from tests.factories import CategoryFactory, SubtypeFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

STEPS = ["columns", "review", "errors", "confirm", "progress", "status", "discard"]


def page(client, bulk, step="review", **query):
    return client.get(url(step, bulk), query)


def save(client, bulk, **data):
    return client.post(url("review", bulk), data)


def untouched(subtype):
    """Nothing is added, no credit is taken, nothing is logged."""
    credits = Package.objects.get(pk=subtype.package_id).credits
    return not (Candidate.objects.exists() or CreditEntry.objects.exists()) and credits == 1000


# The way through --------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["admin", "hr", "recruiter"])
def test_every_access_level_adds_a_file_in_its_own_name(request, who, acme, subtype, mailoutbox):
    someone, client = request.getfixturevalue(who), request.getfixturevalue(f"{who}_client")
    category = CategoryFactory(company=acme)
    bulk = reviewed(client, subtype, changes={"category": category.pk, "filled_by": "hr"})
    assert untouched(subtype)
    assert not mailoutbox
    assert added(client, bulk)["Location"] == url("progress", bulk)
    ananya, rohan = Candidate.objects.order_by("pk")
    assert [
        ananya.name,
        ananya.phone,
        ananya.email,
        ananya.employee_id,
        ananya.uan_number,
    ] == ANANYA
    assert (rohan.name, rohan.uan_number) == ("Rohan Gupta", "")
    for candidate in (ananya, rohan):
        assert (candidate.added_by, candidate.added_through) == (someone, None)
        assert (candidate.company, candidate.category) == (acme, category)
        case = candidate.case
        assert (case.status, case.subtype) == (CaseStatus.AWAITING_INPUT, subtype)
        assert (case.filled_by, case.consented_at) == ("hr", None)
        assert {check.kind.code for check in case.checks.all()} == {"identity", "address"}
        kinds = candidate.log.order_by("pk").values_list("kind", "added_by")
        assert list(kinds) == [
            (LogEntry.Kind.ADDED, someone.pk),
            (LogEntry.Kind.INVITED, someone.pk),
        ]
        assert set(candidate.log.values_list("address", flat=True)) == {"127.0.0.1"}
    assert [mail.to for mail in mailoutbox] == [[ananya.email], [rohan.email]]
    assert "http://testserver/" in mailoutbox[0].body


def test_each_takes_one_credit_and_the_ledger_counts_down(admin_client, admin, subtype):
    added(admin_client, reviewed(admin_client, subtype))
    entries = CreditEntry.objects.order_by("pk")
    assert [(e.change, e.balance, e.candidate.name, e.added_by) for e in entries] == [
        (-1, 999, "Ananya Krishnan", admin),
        (-1, 998, "Rohan Gupta", admin),
    ]
    assert Package.objects.get(pk=subtype.package_id).credits == 998


def test_what_the_file_held_is_gone_once_it_is_added(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    added(admin_client, bulk)
    assert (bulk.state, bulk.added, bulk.unsent, bulk.uninvited, bulk.actor) == (
        "done",
        2,
        0,
        [],
        {},
    )
    assert not BulkRow.objects.exists()


def test_a_workbook_goes_the_same_way(admin_client, subtype):
    rows = [HEADINGS, [*ANANYA[:1], 9845012346, *ANANYA[2:4], 100904231187]]
    bulk = reviewed(admin_client, subtype, xlsx(rows), "joiners.xlsx")
    added(admin_client, bulk)
    candidate = Candidate.objects.get()
    assert (candidate.phone, candidate.uan_number) == ("9845012346", "100904231187")


def test_headings_in_hindi_and_names_of_every_script_are_taken(admin_client, subtype):
    headings = ["पूरा नाम", "मोबाइल नंबर", "ई-मेल"]
    names = ["अनन्या शर्मा", "Joseph D’Souza", "Mary-Jane O'Neil", "李 雷"]
    rows = [[name, *person(number)[1:3]] for number, name in enumerate(names)]
    added(admin_client, reviewed(admin_client, subtype, rows, headings=headings))
    assert list(Candidate.objects.order_by("pk").values_list("name", flat=True)) == names


def test_tags_are_found_by_their_names(admin_client, acme, subtype):
    tags = [TagFactory(company=acme, name=name) for name in ("Bengaluru", "Pune")]
    rows = [[*ANANYA, "bengaluru; PUNE, Pune"], [*ROHAN, "Paris"]]
    bulk = reviewed(admin_client, subtype, rows, headings=[*HEADINGS, "Tags"])
    assert lines(bulk)[1].errors == {"tags": ["There is no tag Paris"]}
    save(admin_client, bulk, **{"r3-tags": ""})
    added(admin_client, bulk)
    assert set(Candidate.objects.get(name="Ananya Krishnan").tags.all()) == set(tags)


def test_whoever_has_no_e_mail_gets_no_link(admin_client, acme, subtype, mailoutbox):
    type(acme).objects.update(email_required=False)
    bulk = reviewed(admin_client, subtype, [[*ANANYA[:2], "", "", ""], ROHAN])
    assert page(admin_client, bulk, "confirm").context["without_mail"] == 1
    added(admin_client, bulk)
    assert Candidate.objects.count() == 2
    assert [mail.to for mail in mailoutbox] == [["rohan.g@example.in"]]


def test_links_that_can_not_be_sent_are_counted_and_everybody_stays(
    admin_client, subtype, monkeypatch
):
    def refuse(*args, **kwargs):
        raise OSError("no mail server")

    monkeypatch.setattr("candidates.intake.mail.send_mail", refuse)
    bulk = reviewed(admin_client, subtype)
    added(admin_client, bulk)
    assert (bulk.state, bulk.added, bulk.unsent) == ("done", 2, 2)
    assert admin_client.get(url("status", bulk)).json()["links"] == 0


# Upload -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (files.PDF, "a.pdf", "Choose a CSV, XLS or XLSX file"),
        (b"Name\n" * 1002, "a.csv", "The file has 1001 rows, at most 1000 are taken: split it"),
        (b"", "a.csv", "The file is empty"),
    ],
    ids=["pdf", "1001", "empty"],
)
def test_a_file_that_is_not_taken_leaves_nothing(admin_client, content, name, text):
    response = send(admin_client, content, name)
    assert response.status_code == 400
    assert response.context["form"].errors == {"file": [text]}
    assert text in response.content.decode()
    assert not BulkImport.objects.exists()


def test_no_file_is_said(admin_client):
    response = admin_client.post(START)
    assert response.context["form"].errors == {"file": ["Choose a file"]}


def test_the_template_is_matched_whole_and_right(admin_client, subtype):
    template = admin_client.get(reverse("candidates:bulk-template"))
    assert template["Content-Disposition"] == 'attachment; filename="candidates.csv"'
    bulk = reviewed(admin_client, subtype, template.content)
    assert bulk.columns == ["name", "phone", "email", "employee_id", "uan_number"]
    assert [line.state for line in lines(bulk)] == ["ready"]


def test_file_name_heading_and_sheet_are_escaped(admin_client):
    send(admin_client, xlsx([["<script>h", "b"], ["<script>v", "y"]], names=["&lt;script>s"]),
         "<script>n.xlsx")  # fmt: skip
    text = (
        admin_client.get(url("columns")).content.decode() + admin_client.get(START).content.decode()
    )
    for letter in "hvsn":
        assert f"&lt;script&gt;{letter}" in text
        assert f"<script>{letter}" not in text


def test_the_oldest_of_five_files_goes_when_a_sixth_begins(admin_client, subtype):
    for number in range(services.KEPT_OF_A_PERSON + 1):
        send(admin_client, csv_file([person(number)]))
    assert BulkImport.objects.count() == BulkRow.objects.count() == services.KEPT_OF_A_PERSON
    assert all("p0@example.in" not in row.cells for row in BulkRow.objects.all())


def test_a_discarded_file_goes_with_its_rows(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    assert admin_client.get(url("discard", bulk)).status_code == 405
    assert admin_client.post(url("discard", bulk))["Location"] == START
    assert not BulkImport.objects.exists()
    assert not BulkRow.objects.exists()


# Columns ----------------------------------------------------------------------------------------
def test_columns_are_matched_and_can_be_matched_otherwise(admin_client, subtype):
    headings = ["Who", "Mobile", "Mail", "Room", "Remarks"]
    send(admin_client, csv_file([[*ANANYA[:3], "12", "x"]], headings=headings))
    bulk = BulkImport.objects.get()
    assert bulk.columns == ["", "phone", "email", "", "-"]
    form = columns_of(bulk, subtype)
    response = admin_client.post(url("columns"), form)
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"column0", "column3"}
    form |= {"column0": "name", "column3": "employee_id"}
    assert admin_client.post(url("columns"), form).status_code == 302
    assert lines(bulk)[0].state == "ready"
    assert bulk.rows.get().cleaned["employee_id"] == "12"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"column1": "name"}, "column1", "Full name becomes this already"),
        ({"column1": "-"}, "__all__", "Choose the columns of: Mobile"),
        ({"column2": "password"}, "column2", "Choose one of the list"),
        ({"column0": ""}, "column0", "Choose what it becomes, or leave it out"),
        ({"subtype": ""}, "subtype", "Choose a package"),
        ({"filled_by": "nobody"}, "filled_by", "Choose one of the two"),
        ({"category": "x"}, "category", "Choose one of the list"),
        ({"subtype": "9" * 30}, "subtype", "Choose one of these packages"),
    ],
)
def test_columns_that_are_wrong_are_said_and_nothing_is_kept(
    admin_client, subtype, changes, field, text
):
    send(admin_client, csv_file([ANANYA]))
    bulk = BulkImport.objects.get()
    response = admin_client.post(url("columns"), columns_of(bulk, subtype, **changes))
    assert response.status_code == 400
    assert text in response.context["form"].errors[field]
    assert BulkImport.objects.get().state == "columns"


def test_category_and_package_of_another_company_are_unknown(admin_client, subtype, globex):
    send(admin_client, csv_file([ANANYA]))
    bulk = BulkImport.objects.get()
    theirs = {
        "subtype": SubtypeFactory(package__company=globex).pk,
        "category": CategoryFactory(company=globex).pk,
    }
    for name, key in theirs.items():
        response = admin_client.post(url("columns"), columns_of(bulk, subtype, **{name: key}))
        assert set(response.context["form"].errors) == {name}


def test_a_package_without_credits_or_not_offered_is_not_among_the_choices(admin_client, subtype):
    send(admin_client, csv_file([ANANYA]))
    bulk = BulkImport.objects.get()
    for changes in ({"credits": 0}, {"is_active": False}):
        Package.objects.update(**{"credits": 9, "is_active": True, **changes})
        response = admin_client.post(url("columns"), columns_of(bulk, subtype))
        assert set(response.context["form"].errors) == {"subtype"}


def test_what_was_fixed_stays_when_only_the_package_changes(admin_client, acme, subtype):
    bulk = reviewed(admin_client, subtype, [["Ananya", "12", *ANANYA[2:]]])
    save(admin_client, bulk, **{"r2-phone": "9845012346"})
    other = SubtypeFactory(package__company=acme)
    admin_client.post(url("columns", bulk), columns_of(bulk, other))
    assert lines(bulk)[0].state == "ready"
    admin_client.post(url("columns", bulk), columns_of(bulk, other, column3="-"))
    assert lines(bulk)[0].errors.keys() == {"phone"}


# Review -----------------------------------------------------------------------------------------
WRONG = [
    (
        "name",
        "<script>alert(1)</script>",
        "Use letters, spaces, dots, hyphens and apostrophes only",
    ),
    ("name", "", "Enter the name"),
    ("name", "=1+1", "Use letters, spaces, dots, hyphens and apostrophes only"),
    ("phone", "+919845012346", "Enter ten digits that start with 6 to 9, without +91 or 0"),
    ("phone", "990112233", "Enter ten digits that start with 6 to 9, without +91 or 0"),
    ("email", "f.sheikh@example", "Enter a whole address, such as name@example.in"),
    ("email", "", "Enter the e-mail"),
    ("uan_number", "1009042311", "Enter 12 digits"),
    ("employee_id", "E" * 65, "Ensure this value has at most 64 characters (it has 65)."),
]


@pytest.mark.parametrize(("field", "value", "text"), WRONG)
def test_an_error_stands_at_its_row_and_field(admin_client, subtype, field, value, text):
    row = dict(zip(["name", "phone", "email", "employee_id", "uan_number"], ROHAN, strict=True))
    bulk = reviewed(admin_client, subtype, [ANANYA, [*(row | {field: value}).values()]])
    assert lines(bulk) == [(2, "ready", {}), (3, "error", {field: [text]})]
    response = page(admin_client, bulk)
    [shown] = response.context["rows"]
    assert shown["row"].number == 3
    assert [cell["errors"] for cell in shown["cells"] if cell["errors"]] == [[text]]
    assert f'id="r3-{field}-error"' in response.content.decode()
    assert "<script>alert" not in response.content.decode()
    assert admin_client.get(url("confirm", bulk))["Location"] == url("review", bulk)
    assert added(admin_client, bulk)["Location"] == url("review", bulk)
    assert untouched(subtype)


def test_every_error_of_a_row_is_said_at_once(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [["R2D2", "1", "x", "", "1"]])
    assert lines(bulk)[0].errors.keys() == {"name", "phone", "email", "uan_number"}


def test_a_row_that_is_fixed_is_ready_and_added_as_fixed(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [["Ananya", "99", *ANANYA[2:]]])
    save(admin_client, bulk, **{"r2-phone": "98450 12346", "r2-name": "Ananya K"})
    assert lines(bulk) == [(2, "ready", {})]
    added(admin_client, bulk)
    candidate = Candidate.objects.get()
    assert (candidate.name, candidate.phone) == ("Ananya K", "9845012346")


def test_what_is_typed_wrong_is_kept_and_escaped(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    typed = '"><script>alert(1)</script>\x00'
    save(admin_client, bulk, **{"r2-name": typed, "r3-email": "x" * 5000})
    text = page(admin_client, bulk).content.decode()
    assert "&quot;&gt;&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert len(bulk.rows.get(number=3).values["email"]) == 2100


def test_columns_that_are_left_out_can_not_be_typed(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, changes={"column4": "-"})
    save(admin_client, bulk, **{"r2-uan_number": "1", "r2-meta_data": "x", "r2-company": "1"})
    assert lines(bulk)[0] == (2, "ready", {})
    assert set(bulk.rows.get(number=2).values) == {"name", "phone", "email", "employee_id"}


def test_the_second_of_two_rows_with_the_same_names_the_first(admin_client, subtype):
    rows = [ANANYA, [*ROHAN[:2], "ANANYA.K@example.in", *ROHAN[3:]]]
    bulk = reviewed(admin_client, subtype, rows)
    assert lines(bulk) == [(2, "ready", {}), (3, "error", {"email": ["Also in row 2"]})]
    save(admin_client, bulk, leave_out="2")
    assert [line.state for line in lines(bulk)] == ["left-out", "ready"]


@pytest.mark.parametrize("field", ["email", "phone", "employee_id"])
def test_whoever_has_an_unfinished_case_is_a_duplicate_and_left_out(
    admin_client, admin, subtype, field
):
    values = {"email": ANANYA[2], "phone": ANANYA[1], "employee_id": ANANYA[3]}
    add(admin, subtype, **{field: values[field]})
    bulk = reviewed(admin_client, subtype)
    assert [line.state for line in lines(bulk)] == ["duplicate", "ready"]
    [[text]] = lines(bulk)[0].errors.values()
    assert text.startswith("An unfinished case already has this")
    added(admin_client, bulk)
    assert Candidate.objects.count() == 2
    assert not Candidate.objects.filter(name="Ananya Krishnan").exists()


def test_people_of_another_company_are_no_duplicates(
    admin_client, other_admin, subtype, foreign_subtype
):
    add(other_admin, foreign_subtype, email=ANANYA[2], phone=ANANYA[1], employee_id=ANANYA[3])
    assert {line.state for line in lines(reviewed(admin_client, subtype))} == {"ready"}


def test_rows_are_left_out_and_taken_back(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [ANANYA, ["x", "1", "x", "", ""], ["y", "", "", "", ""]])
    save(admin_client, bulk, leave_out_errors="1")
    assert [line.state for line in lines(bulk)] == ["ready", "left-out", "left-out"]
    assert page(admin_client, bulk).context["ready_words"] == "1 ready, 2 left out by you"
    save(admin_client, bulk, take_back="3")
    assert [line.state for line in lines(bulk)] == ["ready", "error", "left-out"]
    save(admin_client, bulk, leave_out="3")
    added(admin_client, bulk)
    assert Candidate.objects.count() == 1


def test_prefixes_of_numbers_are_dropped_when_asked(admin_client, subtype):
    rows = [["Ananya", "+91 98450-12346", *ANANYA[2:]], ["Rohan", "09901122334", *ROHAN[2:]],
            ["Kavya", "+44 9901122335", *person(3)[2:]]]  # fmt: skip
    bulk = reviewed(admin_client, subtype, rows)
    assert page(admin_client, bulk).context["prefixes"] == 2
    save(admin_client, bulk, drop_prefixes="1")
    assert [line.state for line in lines(bulk)] == ["ready", "ready", "error"]
    assert bulk.rows.get(number=2).cleaned["phone"] == "9845012346"


def test_a_resume_is_needed_where_the_company_says_so(admin_client, acme, subtype):
    type(acme).objects.update(resume_required=True)
    send(admin_client, csv_file([ANANYA]))
    response = admin_client.post(url("columns"), columns_of(BulkImport.objects.get(), subtype))
    assert response.context["form"].errors["__all__"] == ["Choose the columns of: Résumé (link)"]
    rows = [[*ANANYA, "https://files.example.in/cv.pdf"], [*ROHAN, ""], [*person(1), "http://x"]]
    bulk = reviewed(admin_client, subtype, rows, headings=[*HEADINGS, "CV link"])
    assert [line.errors for line in lines(bulk)] == [
        {},
        {"resume_url": ["Add the résumé"]},
        {"resume_url": ["Enter a link that starts with https://"]},
    ]


def test_rows_are_shown_by_tab_and_page(admin_client, subtype):
    rows = [person(number) for number in range(30)] + [["", "", "", "", "1"]]
    bulk = reviewed(admin_client, subtype, rows)
    shown = page(admin_client, bulk, show="ready").context
    assert [line["row"].number for line in shown["rows"]] == list(range(2, 27))
    last = admin_client.get(shown["next_url"]).context
    assert [line["row"].number for line in last["rows"]] == list(range(27, 32))
    assert not last["next_url"]
    assert [tab["count"] for tab in shown["tabs"]] == [1, 0, 30, 31]
    assert page(admin_client, bulk).context["current"] == "errors"
    assert page(admin_client, bulk, show="nothing").context["current"] == "errors"
    assert page(admin_client, bulk, after="x").status_code == 400
    assert page(admin_client, bulk, after="9" * 30).status_code == 400


def test_errors_are_handed_out_as_csv_without_formulas(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [ANANYA, ["=cmd()", "@1", *ROHAN[2:]]])
    response = page(admin_client, bulk, "errors")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    [head, row] = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head[:3] == ["Row", "Name", "Mobile"]
    assert row[:3] == ["3", "'=cmd()", "'@1"]
    assert "Enter ten digits" in row[-1]


# Confirm ----------------------------------------------------------------------------------------
def test_too_few_credits_are_refused_before_anything_is_written(admin_client, subtype):
    Package.objects.update(credits=1)
    bulk = reviewed(admin_client, subtype, [ANANYA, ROHAN, person(1)])
    assert page(admin_client, bulk, "confirm").context["missing"] == 2
    response = added(admin_client, bulk)
    assert response.status_code == 400
    assert "2 credits are missing for 3 candidates" in response.content.decode()
    assert bulk.state == "review"
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("changes", [{"credits": 0}, {"is_active": False}])
def test_a_package_that_went_meanwhile_is_refused(admin_client, subtype, changes):
    bulk = reviewed(admin_client, subtype)
    Package.objects.update(**changes)
    response = added(admin_client, bulk)
    assert (response.status_code, bulk.state) == (400, "review")
    assert "can’t be ordered any more" in response.content.decode()
    assert not Candidate.objects.exists()


def test_it_is_checked_once_more_when_it_is_confirmed(admin_client, admin, subtype):
    bulk = reviewed(admin_client, subtype)
    add(admin, subtype, email=ANANYA[2])
    added(admin_client, bulk)
    assert [c.name for c in Candidate.objects.order_by("pk")] == ["Meera Iyer", "Rohan Gupta"]


def test_nothing_that_is_ready_can_not_be_confirmed(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [ANANYA])
    save(admin_client, bulk, leave_out="2")
    assert added(admin_client, bulk)["Location"] == url("review", bulk)
    assert untouched(subtype)


def test_a_double_submit_adds_once(admin_client, subtype, mailoutbox):
    bulk = reviewed(admin_client, subtype)
    for _time in range(2):
        assert added(admin_client, bulk)["Location"] == url("progress", bulk)
    assert Candidate.objects.count() == len(mailoutbox) == 2


def test_a_confirmed_file_can_not_be_changed(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    added(admin_client, bulk)
    for step in ("columns", "review", "confirm", "discard"):
        response = admin_client.post(url(step, bulk), {"leave_out": "2"})
        assert response["Location"] == url("progress", bulk)
    assert BulkImport.objects.get().added == 2


def test_steps_lead_to_where_the_file_is(admin_client, subtype):
    send(admin_client, csv_file([ANANYA]))
    for step in ("review", "confirm", "errors"):
        assert admin_client.get(url(step))["Location"] == url("columns")
    assert admin_client.get(url("progress"))["Location"] == url("review")


# Repeats ----------------------------------------------------------------------------------------
WARNING = "were confirmed on"


def test_the_same_file_again_warns_and_another_does_not(admin_client, hr_client, subtype):
    added(admin_client, reviewed(admin_client, subtype))
    for client in (admin_client, hr_client):
        send(client, xlsx([HEADINGS, ANANYA, ROHAN]), "other name.xlsx")
        assert WARNING in client.get(url("columns")).content.decode()
    send(admin_client, csv_file([ANANYA]))
    assert WARNING not in admin_client.get(url("columns")).content.decode()


def test_the_same_file_that_was_never_confirmed_or_elsewhere_does_not_warn(
    admin_client, other_admin_client, subtype, foreign_subtype
):
    reviewed(admin_client, subtype)
    added(other_admin_client, reviewed(other_admin_client, foreign_subtype))
    bulk = reviewed(admin_client, subtype)
    assert WARNING not in page(admin_client, bulk, "confirm").content.decode()


# Whose it is ------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", STEPS)
def test_a_file_is_its_persons_alone(client, admin_client, hr, acme, other_admin, subtype, step):
    bulk = reviewed(admin_client, subtype)
    assert client.post(url(step, bulk))["Location"].startswith(reverse("login"))
    for person_ in (hr, other_admin, UserFactory(company=acme)):
        other = signed_in(person_)
        answers = {other.get(url(step, bulk)).status_code, other.post(url(step, bulk)).status_code}
        assert answers <= {404, 405}
    bulk.refresh_from_db()
    assert (bulk.state, bulk.rows.count()) == ("review", 2)


def test_whoever_changes_the_company_leaves_their_files(admin_client, admin, globex, subtype):
    bulk = reviewed(admin_client, subtype)
    type(admin).objects.filter(pk=admin.pk).update(company=globex)
    assert page(admin_client, bulk).status_code == 404


def test_nobody_signed_in_and_staff_add_no_file(client, subtype):
    assert send(client, csv_file([ANANYA]))["Location"] == f"{reverse('login')}?next={START}"
    staff = signed_in(UserFactory(company=None, access_level="", is_staff=True))
    assert send(staff, csv_file([ANANYA])).status_code == 403
    assert staff.get(reverse("candidates:bulk-template")).status_code == 403
    assert not BulkImport.objects.exists()


def test_a_file_that_was_left_for_a_week_is_gone(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    BulkImport.objects.update(updated_at=timezone.now() - timedelta(days=7, seconds=1))
    assert page(admin_client, bulk).status_code == 404
    assert "joiners.csv" not in admin_client.get(START).content.decode()


def test_the_list_and_the_page_of_adding_lead_here(admin_client):
    for name in ("candidates:list", "candidates:add"):
        assert f'href="{START}"' in admin_client.get(reverse(name)).content.decode()


def test_checking_and_adding_take_as_many_queries_for_many_as_for_few(
    admin_client, subtype, django_assert_max_num_queries
):
    few = reviewed(admin_client, subtype, [person(n) for n in range(3)])
    many = reviewed(admin_client, subtype, [person(n) for n in range(100, 200)])
    with django_assert_max_num_queries(1000) as first:
        admin_client.post(url("review", few))
    with django_assert_max_num_queries(len(first)):
        admin_client.post(url("review", many))
    assert Case.objects.count() == 0
