"""Export cases: what one may see, in the days asked for, as CSV and as a workbook."""

import csv
import gc
import io
import re
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.security.models import SecurityEvent
from apitokens.attribution import Actor
from candidates.exports import files, rows
from candidates.exports.files import csv_of, xlsx_of
from candidates.models import Candidate, Case, CaseStatus
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, StaffFactory, TagFactory, UserFactory

PAGE = reverse("candidates:export")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HEADS = [
    "Candidate Name", "Emp ID", "Primary Phone", "Other Phone", "E-mail", "Other E-mail", "UAN",
    "Category", "Tags", "Package", "Subtype", "State", "Added On", "Completed On",
    "Candidate ID", "Added By",
]  # fmt: skip
OF_PROGRESS = {"State", "Added On", "Completed On"}


def body(response):
    assert response.status_code == 200, response.context["form"].errors
    return b"".join(response)  # the test client closes it then


def post(client, kind="csv", **days):
    today = timezone.localdate()
    days = {"since": today - timedelta(days=3000), "until": today} | days
    return client.post(PAGE, {"kind": kind, **days})


def in_csv(client, **days):
    """The rows of the file, each {head: cell}."""
    text = body(post(client, "csv", **days)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def cells_of(workbook):
    """The sheet's rows as {column letter: (type, text)}, read from the file's own XML."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        sheet = archive.read("xl/worksheets/sheet1.xml")
    tree = ElementTree.fromstring(sheet)  # noqa: S314 - we wrote it
    return [
        {
            re.match("[A-Z]+", cell.get("r"))[0]: (cell.get("t"), "".join(cell.itertext()))
            for cell in row.iter(f"{SHEET}c")
        }
        for row in tree.iter(f"{SHEET}row")
    ], tree


def in_xlsx(client, **days):
    """The rows below the head, each {head: text}."""
    found, _tree = cells_of(body(post(client, "xlsx", **days)))
    heads = {letter: text for letter, (_type, text) in found[0].items()}
    return [{heads[letter]: cell[1] for letter, cell in row.items()} for row in found[1:]]


READERS = [in_csv, in_xlsx]


def names(found):
    return [row["Candidate Name"] for row in found]


def added_at(candidate, moment):
    Candidate.objects.filter(pk=candidate.pk).update(created_at=moment)


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    """The folder that temporary files are made in."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def full(acme, admin, subtype):
    """Somebody of whom everything is known."""
    return add(
        admin, subtype, name="जोसेफ़ D’Souza", phone="9845012346", email="j@example.in",
        alternate_phone="9845012347", alternate_email="j2@example.in", employee_id="AC-2201",
        uan_number="100904231100", category=CategoryFactory(company=acme, name="Engineering"),
        tags=[TagFactory(company=acme, name="Bengaluru"), TagFactory(company=acme, name="Campus")],
    )  # fmt: skip


def test_the_csv_has_a_row_with_everything_and_who_added_it(admin_client, full, subtype):
    (row,) = in_csv(admin_client)
    assert list(row) == HEADS
    added = timezone.localtime(full.created_at)
    assert row == {
        "Candidate Name": "जोसेफ़ D’Souza", "Emp ID": "AC-2201", "Primary Phone": "9845012346",
        "Other Phone": "9845012347", "E-mail": "j@example.in", "Other E-mail": "j2@example.in",
        "UAN": "100904231100", "Category": "Engineering", "Tags": "Bengaluru, Campus",
        "Package": subtype.package.name, "Subtype": subtype.name, "State": "Awaiting input",
        "Added On": f"{added:%Y-%m-%d %H:%M}", "Completed On": "", "Candidate ID": str(full.pk),
        "Added By": "Asha Rao",
    }  # fmt: skip


def test_the_workbook_says_the_same_with_moments_as_moments(admin_client, full):
    (of_csv,), (of_xlsx,) = in_csv(admin_client), in_xlsx(admin_client)
    added = datetime(1899, 12, 30) + timedelta(days=float(of_xlsx.pop("Added On")))
    assert f"{added + timedelta(seconds=0.5):%Y-%m-%d %H:%M}" == of_csv.pop("Added On")
    assert of_xlsx == {head: text for head, text in of_csv.items() if text}


@pytest.mark.parametrize("read", READERS)
def test_what_a_program_added_says_so_also_when_its_token_is_gone(
    admin_client, meera, through_token, token, read
):
    assert [row["Added By"] for row in read(admin_client)] == ["API(Greenhouse sync)", "Asha Rao"]
    token.delete()
    assert read(admin_client)[0]["Added By"] == "API(Greenhouse sync)"


@pytest.mark.parametrize("read", READERS)
def test_each_person_gets_what_they_see_and_nothing_of_another_company(
    admin_client, hr_client, other_admin_client, hr, acme, admin, subtype, foreign, read
):
    given = CategoryFactory(company=acme, name="Sales")
    hr.categories.add(given)
    add(admin, subtype, name="Of nobody")
    add(admin, subtype, name="Of Sales", category=given)
    add(hr, subtype, name="Of Joseph")
    assert names(read(admin_client)) == ["Of Joseph", "Of Sales", "Of nobody"]
    assert names(read(hr_client)) == ["Of Joseph", "Of Sales"]
    assert names(read(other_admin_client)) == ["Foreign Person"]


@pytest.mark.parametrize("read", READERS)
def test_a_recruiter_gets_all_of_their_own_without_states_and_dates(
    recruiter_client, recruiter, subtype, meera, read
):
    old = add(recruiter, subtype, name="Of Kavya")
    added_at(old, datetime(2021, 1, 1, tzinfo=UTC))
    (row,) = read(recruiter_client, since="2026-01-01", until="2026-01-02")
    assert row["Candidate Name"] == "Of Kavya"
    assert not OF_PROGRESS & row.keys()
    text = recruiter_client.get(PAGE).content.decode()
    assert 'name="since"' not in text
    assert 'name="until"' not in text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(admin_client, admin, acme, subtype, token, text):
    TagFactory(company=acme, name=text)
    candidate = add(Actor(admin, token), subtype)
    Candidate.objects.filter(pk=candidate.pk).update(name=text, employee_id=text)
    candidate.tags.set([TagFactory(company=acme, name=text + "x")])
    (row,) = in_csv(admin_client)
    assert (row["Candidate Name"], row["Emp ID"]) == (f"'{text}", f"'{text}")
    assert row["Tags"] == f"'{text}x"
    found, tree = cells_of(body(post(admin_client, "xlsx")))
    assert not list(tree.iter(f"{SHEET}f"))
    kind, shown = found[1]["A"]
    assert kind == "inlineStr"
    assert shown.startswith("'")


def test_markup_and_control_characters_leave_the_workbook_whole(admin_client, meera):
    for name in ('<script>alert(1)</script> & "co" \']]>', "a\x01b\x0bc", "x" * 120):
        Candidate.objects.filter(pk=meera.pk).update(name=name)
        (row,) = in_xlsx(admin_client)
        assert row["Candidate Name"].startswith(name[0])


def test_a_text_longer_than_a_cell_is_cut_and_not_left_out():
    with xlsx_of([["Head"], ["y" * 40_000]]) as file:
        found, _tree = cells_of(file.read())
    assert found[1]["A"] == ("inlineStr", "y" * 32_767)


@pytest.fixture
def kolkata(settings):
    settings.TIME_ZONE = "Asia/Kolkata"


def test_both_days_belong_to_the_range_by_the_portals_clock(admin_client, meera, kolkata):
    for moment, inside in {
        datetime(2026, 3, 9, 18, 29, 59, tzinfo=UTC): False,  # 9 March 23:59:59
        datetime(2026, 3, 9, 18, 30, tzinfo=UTC): True,  # 10 March 00:00
        datetime(2026, 3, 11, 18, 29, 59, tzinfo=UTC): True,  # 11 March 23:59:59
        datetime(2026, 3, 11, 18, 30, tzinfo=UTC): False,  # 12 March 00:00
    }.items():
        added_at(meera, moment)
        found = in_csv(admin_client, since="2026-03-10", until="2026-03-11")
        assert (names(found) == ["Meera Iyer"]) is inside, moment


def test_newest_first(admin_client, admin, subtype):
    _one, two, _three = (add(admin, subtype, name=name) for name in ("One", "Two", "Three"))
    added_at(two, timezone.now() - timedelta(days=9))
    assert names(in_csv(admin_client)) == ["Three", "One", "Two"]


@pytest.mark.parametrize("read", READERS)
def test_nobody_in_the_range_is_a_file_with_its_heads_alone(admin_client, meera, read):
    assert read(admin_client, since="2020-01-01", until="2020-01-31") == []


@pytest.mark.parametrize(
    ("given", "field", "error"),
    [
        ({"since": ""}, "since", "Choose a day"),
        ({"until": ""}, "until", "Choose a day"),
        ({"since": "24.11.2026"}, "since", "Enter a day as year-month-day, like 2026-11-24"),
        ({"until": "2026-02-30"}, "until", "Enter a day as year-month-day, like 2026-11-24"),
        ({"until": "\x00"}, "until", "Enter a day as year-month-day, like 2026-11-24"),
        ({"since": "x" * 100_000}, "since", "Enter a day as year-month-day, like 2026-11-24"),
        ({"since": "1999-12-31"}, "since", "Choose a day from 2000 to 2999"),
        ({"until": "9999-12-31"}, "until", "Choose a day from 2000 to 2999"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until", "This day is before the first"),
        ({"kind": "xls"}, "kind", "Choose one of the two kinds"),
        ({"kind": ""}, "kind", "Choose one of the two kinds"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_exported(
    admin_client, meera, given, field, error
):
    response = post(admin_client, **given)
    assert response.status_code == 400
    assert response.context["form"].errors == {field: [error]}
    page = response.content.decode()
    assert f"{field}_error" in page
    assert error in page
    assert not SecurityEvent.objects.filter(kind="exported").exists()


def test_more_cases_than_a_sheet_has_rows_is_said_before_the_work(
    admin_client, admin, subtype, monkeypatch
):
    for _ in range(3):
        add(admin, subtype)
    monkeypatch.setattr("candidates.pages.export.MOST_ROWS", 2)
    response = post(admin_client, "xlsx")
    assert response.context["form"].errors == {
        "kind": ["A workbook holds 2 cases and these are 3: choose CSV, or fewer days"]
    }
    assert len(in_csv(admin_client)) == 3


def test_the_page_offers_thirty_days_and_needs_a_person_of_a_company(admin_client, db):
    page = admin_client.get(PAGE)
    today = timezone.localdate()
    assert f'value="{today - timedelta(days=29)}"' in page.content.decode()
    assert f'value="{today}"' in page.content.decode()
    assert Client().post(PAGE)["Location"] == f"{reverse('login')}?next={PAGE}"
    staff = Client()
    staff.force_login(StaffFactory())
    assert staff.post(PAGE).status_code == 403


def test_reading_the_page_exports_nothing(admin_client, meera):
    response = admin_client.get(PAGE, {"kind": "csv", "since": "2020-01-01", "until": "2029-01-01"})
    assert "Meera" not in response.content.decode()
    assert "Content-Disposition" not in response


def test_a_file_needs_the_forms_secret(admin, meera):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert post(client).status_code == 403


@pytest.mark.parametrize(("kind", "type"), [("csv", "text/csv; charset=utf-8"), (
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)])  # fmt: skip
def test_a_file_is_saved_under_its_days_and_never_kept_by_a_cache(admin_client, meera, kind, type):
    response = post(admin_client, kind, since="2026-01-01", until="2026-02-01")
    assert response["Content-Type"] == type
    name = f'attachment; filename="cases-2026-01-01-2026-02-01.{kind}"'
    assert response["Content-Disposition"] == name
    assert "no-store" in response["Cache-Control"]
    assert response.streaming
    body(response)


def test_the_menu_and_nobody_elses_leads_there(admin_client, recruiter_client):
    for client in (admin_client, recruiter_client):
        assert f'href="{PAGE}"' in client.get("/").content.decode()


def test_every_file_stands_in_the_companys_history(
    admin_client, hr_client, recruiter_client, hr, acme, subtype, meera
):
    add(hr, subtype)
    body(post(hr_client, since="2026-01-01"))
    body(post(recruiter_client, "xlsx"))
    hrs, kavyas = SecurityEvent.objects.filter(kind="exported").order_by("pk")
    assert (hrs.actor_label, hrs.company_id, hrs.address) == (str(hr), acme.pk, "127.0.0.1")
    today = timezone.localdate().isoformat()
    assert hrs.data == {"cases": 1, "file": "csv", "since": "2026-01-01", "until": today}
    assert kavyas.data == {"cases": 0, "file": "xlsx"}
    page = admin_client.get(reverse("security:history")).content.decode()
    assert "Cases exported" in page
    assert "<bdi>1</bdi> case as <bdi>CSV</bdi>" in page
    assert '<span class="second">Added from <bdi>1 Jan 2026</bdi>' in page


@pytest.mark.parametrize("data", [{}, {"cases": "x", "file": 7}, {"since": None}])
def test_odd_data_of_an_export_breaks_no_history(admin_client, acme, data):
    SecurityEvent.objects.append(acme.pk, "exported", **data)
    assert admin_client.get(reverse("security:history")).status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_query_a_row(admin_client, admin, hr, acme, token, subtype, kind):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            body(post(admin_client, kind))
        return len(captured)

    def some(number):
        for _ in range(number):
            person = UserFactory(company=acme)
            for actor in (Actor(person), Actor(admin, token)):
                one = add(actor, subtype, category=CategoryFactory(company=acme))
                one.tags.add(TagFactory(company=acme))

    some(1)
    few = queries()
    some(6)
    assert queries() == few


def test_rows_are_read_in_pieces(admin_client, admin, subtype, monkeypatch):
    for number in range(7):
        add(admin, subtype, name=f"Person {'abcdefg'[number]}")
    monkeypatch.setattr(rows, "PIECE", 3)
    assert names(in_csv(admin_client)) == [f"Person {letter}" for letter in "gfedcba"]


def big_table(number):
    yield ["Head"] * 4
    for row in range(number):
        yield [f"cell {row}" * 9] * 4


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_memory_does_not_grow_with_the_rows(make):
    def peak(number):
        gc.collect()
        tracemalloc.start()
        made = make(big_table(number))
        sum(len(part) for part in made)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        if hasattr(made, "close"):
            made.close()
        return peak

    peak(10)
    assert peak(3000) < peak(300) + 100_000  # the rows themselves are a megabyte


def test_memory_does_not_grow_with_the_cases(admin, subtype, monkeypatch):
    """The rows come from the database piece by piece too."""
    monkeypatch.setattr(rows, "PIECE", 50)
    add(admin, subtype)

    def more(number):
        made = Candidate.objects.bulk_create(
            Candidate(company=admin.company, name=f"{'x' * 100} {n}", phone="", added_by=admin)
            for n in range(number)
        )
        Case.objects.bulk_create(
            Case(candidate=one, company=admin.company, subtype=subtype) for one in made
        )

    def peak():
        gc.collect()
        tracemalloc.start()
        found = sum(1 for _ in rows.table_of(admin, rows.cases_of(admin)))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, highest

    more(300)
    peak()
    few, before = peak()
    more(3000)
    many, after = peak()
    assert (few, many) == (302, 3302)
    assert after < before + 200_000  # all of them together are some megabytes


@pytest.mark.parametrize(
    "text", ["{=1+1}", "http://a.example/x", "mailto:a@a.example", "internal:Sheet1!A1"]
)
def test_no_text_becomes_a_formula_or_a_link_of_the_workbook(admin_client, meera, text):
    Candidate.objects.filter(pk=meera.pk).update(name=text)
    found, tree = cells_of(body(post(admin_client, "xlsx")))
    assert found[1]["A"] == ("inlineStr", text)
    for element in ("f", "hyperlink"):
        assert not list(tree.iter(f"{SHEET}{element}"))


def test_an_error_amid_the_rows_leaves_no_file_behind(temporary):
    def broken():
        yield ["Head"]
        assert list(temporary.iterdir())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        xlsx_of(broken())
    gc.collect()
    assert list(temporary.iterdir()) == []


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_workbook_that_can_not_be_put_together_leaves_nothing_behind(temporary, monkeypatch):
    """A full disk: xlsxwriter leaves its own temporary files then."""

    def full_disk(self):
        raise OSError("No space left on device")

    monkeypatch.setattr(files.Workbook, "close", full_disk)
    with pytest.raises(OSError, match="No space"):
        xlsx_of(big_table(50))
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_workbook_leaves_nothing_behind(temporary):
    xlsx_of(big_table(50)).close()
    assert list(temporary.iterdir()) == []


def test_a_sheet_of_the_file_format_has_so_many_rows():
    assert files.MOST_ROWS == 2**20 - 1


def test_every_state_has_its_word(admin_client, admin, subtype, meera):
    for status in CaseStatus:
        meera.case.status = status
        meera.case.save()
        assert in_csv(admin_client)[0]["State"] == status.label
