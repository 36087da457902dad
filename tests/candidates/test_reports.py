"""The report of a finished case: as a page, as a PDF, and through the API."""

import socket
from base64 import b64decode
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe
from pypdf import PdfReader

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import CaseCheck, CaseStatus, CheckStatus, VerificationForm
from candidates.reports.content import report_of
from candidates.reports.pdf import no_fetcher, pdf_of
from candidates.reports.wording import headline, sentences, tone
from candidates.services.checks import resume_check, set_check
from candidates.visibility import visible_candidates
from tests.candidates.conftest import add
from tests.candidates.external import DETAILS, V1, assert_refused
from tests.conftest import bearer
from tests.factories import CheckFactory, StaffFactory, make_token

REPORT = f"{V1}/candidate/report/pdf"
ASKED = {"report_type": "base_64"}
FINISHED = [
    CaseStatus.COMPLETED, CaseStatus.COMPLETED_WITH_EXCEPTION, CaseStatus.CLOSED,
    CaseStatus.CANCELLED,
]  # fmt: skip


@pytest.fixture
def staff(db):
    return Actor(StaffFactory(name="Ops"))


@pytest.fixture
def done(admin, token, subtype, staff):
    """Added by a token; the first check has a minor discrepancy, the second is verified."""
    candidate = add(
        Actor(admin, token), subtype, name="मीरा अय्यर", email="meera@example.in",
        employee_id="AC-2291",
    )  # fmt: skip
    bring_to(case=candidate.case, status=CaseStatus.COMPLETED_WITH_EXCEPTION, actor=staff)
    first = candidate.case.checks.first()
    CaseCheck.objects.filter(pk=first.pk).update(stated="14 Lavelle Road", found="Since 2023")
    VerificationForm.objects.create(
        candidate=candidate, answers={"basic_details": {"dob": "1996-06-14"}}
    )
    candidate.refresh_from_db()
    return candidate


def addresses(candidate):
    return [reverse(f"candidates:{name}", args=[candidate.pk]) for name in ("report", "report_pdf")]


def words_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


SHOWN = [
    "मीरा अय्यर", "Completed with exception", "AC-2291", "14 Jun 1996", "meera@example.in",
    "API(Greenhouse sync)", "1 minor discrepancy.", "14 Lavelle Road", "Since 2023",
    "Minor discrepancy", "Verified", "All others agree with what the candidate stated.",
    "Background verification report for Acme Corp",
]  # fmt: skip


def test_the_page_shows_facts_result_and_checks(admin_client, done):
    response = admin_client.get(addresses(done)[0])
    assert response.status_code == 200
    text = " ".join(response.content.decode().split())
    for known in [*SHOWN, f"Report {done.pk}-1, "]:
        assert known in text
    assert done.log.first().text == "opened the report"


def test_the_pdf_says_the_same_in_any_script_on_a4(admin_client, done):
    response = admin_client.get(addresses(done)[1])
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="report-{done.pk}-1.pdf"'
    assert "no-store" in response["Cache-Control"]
    text = words_of(response.content)
    for known in [*SHOWN, f"Report {done.pk}-1, ", "Page 1 of 1"]:
        assert known.replace(" ", "") in text.replace(" ", "")
    assert [round(side) for side in PdfReader(BytesIO(response.content)).pages[0].mediabox[2:]] == [
        595, 842,
    ]  # fmt: skip
    assert done.log.first().text == "downloaded the report"


def test_many_checks_go_on_to_a_second_page(admin, subtype, staff):
    subtype.checks.add(*(CheckFactory(code=f"more-{n}") for n in range(40)))
    candidate = add(admin, subtype)
    bring_to(case=candidate.case, status=CaseStatus.COMPLETED, actor=staff)
    candidate.refresh_from_db()
    pdf = pdf_of(report_of(candidate))
    count = len(PdfReader(BytesIO(pdf)).pages)
    assert count > 1
    for page in range(1, count + 1):
        assert f"Page {page} of {count}" in words_of(pdf)


def test_markup_in_a_name_is_shown_and_nothing_is_fetched(admin, subtype, staff):
    candidate = add(admin, subtype, name='<img src="http://127.0.0.1:1/x.png"><b>Meera</b>')
    bring_to(case=candidate.case, status=CaseStatus.COMPLETED, actor=staff)
    candidate.refresh_from_db()
    assert "<b>Meera</b>" in words_of(pdf_of(report_of(candidate)))


MARKUP = "\"'><script>alert(1)</script>"


def test_markup_in_all_that_a_report_shows_is_text(admin_client, acme, done, token):
    for row, column in ((acme, "name"), (token, "name"), (done, "employee_id"), (done, "name")):
        type(row).objects.filter(pk=row.pk).update(**{column: MARKUP})
    done.case.checks.update(stated=MARKUP, found=MARKUP, status=CheckStatus.MINOR)
    candidate = visible_candidates(done.added_by).for_list().get(pk=done.pk)
    printed = render_to_string("candidates/report/print.html", {"report": report_of(candidate)})
    for page in (admin_client.get(addresses(done)[0]).content.decode(), printed):
        assert "<script>alert" not in page
        assert "\"'>" not in page
        head, body = page.split("</title>")
        assert escape(MARKUP) in head
        text = body.split('class="report-head"')[1]
        assert text.count(escape(MARKUP)) >= 10


def test_what_a_report_or_its_style_names_is_fetched_from_nowhere(
    meera, staff, monkeypatch, tmp_path
):
    """Also where somebody forgot to escape a name."""
    bring_to(case=meera.case, status=CaseStatus.COMPLETED, actor=staff)
    meera.refresh_from_db()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        server.settimeout(0.2)
        sheet = tmp_path / "report.css"
        sheet.write_text(f'@import url("{address}/a.css"); p {{ background: url({address}/b) }}')
        monkeypatch.setattr("candidates.reports.pdf.SHEET", sheet)
        name = f'<img src="{address}/d.png"><link rel="stylesheet" href="{address}/c.css">'
        meera.name = mark_safe(name)  # noqa: S308 - as if a template forgot to escape it
        assert pdf_of(report_of(meera)).startswith(b"%PDF")
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "https://example.in/a.png", "file:///etc/passwd", "data:,x"]
)
def test_the_fetcher_refuses_every_address(url):
    with pytest.raises(ValueError, match="disallowed protocol"):
        no_fetcher()(url)


@pytest.mark.parametrize("status", [s for s in CaseStatus if s not in FINISHED])
def test_before_the_case_is_finished_there_is_none(admin_client, meera, staff, status):
    bring_to(case=meera.case, status=status, actor=staff)
    for address in addresses(meera):
        assert admin_client.get(address).status_code == 404
    detail = reverse("candidates:detail", args=[meera.pk])
    assert "/report" not in admin_client.get(detail).content.decode()


@pytest.mark.parametrize("status", FINISHED)
def test_every_finished_case_has_one_and_its_page_leads_there(admin_client, meera, staff, status):
    bring_to(case=meera.case, status=status, actor=staff)
    page, pdf = addresses(meera)
    assert admin_client.get(page).status_code == 200
    shown = admin_client.get(reverse("candidates:detail", args=[meera.pk])).content.decode()
    assert f'href="{page}"' in shown
    assert f'href="{pdf}"' in shown


@pytest.mark.parametrize("who", ["other_admin_client", "hr_client", "recruiter_client"])
def test_whoever_may_not_see_how_it_stands_gets_none(request, who, done, recruiter):
    if who == "recruiter_client":
        done.added_by, done.added_through = recruiter, None
        done.save()
    entries = done.log.count()
    for address in addresses(done):
        assert request.getfixturevalue(who).get(address).status_code == 404
    assert done.log.count() == entries


def test_a_recruiter_is_not_led_to_the_report_of_their_own(recruiter_client, recruiter, done):
    type(done).objects.filter(pk=done.pk).update(added_by=recruiter, added_through=None)
    response = recruiter_client.get(reverse("candidates:detail", args=[done.pk]))
    assert response.status_code == 200
    assert "/report" not in response.content.decode()


def test_a_case_that_is_finished_again_gets_another_number(meera, staff):
    bring_to(case=meera.case, status=CaseStatus.COMPLETED, actor=staff)
    check = meera.case.checks.first()
    set_check(check=check, status=CheckStatus.IN_PROGRESS, actor=staff)
    set_check(check=check, status=CheckStatus.MINOR, actor=staff)
    meera.refresh_from_db()
    assert report_of(meera).number == f"{meera.pk}-2"
    resume_check(check=check, actor=staff)  # finished: nothing to take up


V, MAJ, MIN, INC, C, P = (
    CheckStatus.VERIFIED, CheckStatus.MAJOR, CheckStatus.MINOR, CheckStatus.INCONCLUSIVE,
    CheckStatus.CLOSED, CheckStatus.PROCESSING,
)  # fmt: skip


@pytest.mark.parametrize(
    ("states", "status", "head", "colour", "rest"),
    [
        ([V, V], 1, "No discrepancy.", "green", "All agree with what the candidate stated."),
        ([MAJ, MIN, V], 6, "1 major and 1 minor discrepancy.", "red",
         "All others agree with what the candidate stated."),
        ([MAJ, MAJ], 6, "2 major discrepancies.", "red", ""),
        ([MIN, C], 6, "1 minor discrepancy.", "pink", "1 check was withdrawn."),
        ([INC, INC, V], 6, "No discrepancy.", "yellow",
         "2 checks were inconclusive. All others agree with what the candidate stated."),
        ([P, P], 8, "Nothing was verified.", "grey", "2 checks were not finished."),
        ([V, P], 10, "The case was cancelled.", "green",
         "1 check was not finished. All others agree with what the candidate stated."),
        ([C], 8, "Nothing was verified.", "grey", "1 check was withdrawn."),
    ],
)  # fmt: skip
def test_the_result_in_words_follows_from_the_checks(states, status, head, colour, rest):
    checks = [CaseCheck(status=state) for state in states]
    said = headline(checks, CaseStatus(status)), tone(checks), " ".join(sentences(checks))
    assert said == (head, colour, rest)


# --- through the API ------------------------------------------------------------------------


@pytest.fixture
def reader(acme, admin):
    return bearer(make_token(owner=acme, user=admin, name="Reports", scopes=["reports:read"])[1])


def test_the_api_answers_the_pdf_in_base64(reader, done):
    response = reader.get(REPORT, {"candidate_id": done.pk, **ASKED})
    assert response.status_code == 200
    assert response.json().keys() == {"report"}
    assert "मीरा" in words_of(b64decode(response.json()["report"], validate=True))
    entry = done.log.first()
    assert (entry.who, entry.text) == ("API(Reports)", "downloaded the report")


def test_the_api_has_no_report_yet_none_of_others_and_none_of_nobody(reader, meera, foreign, staff):
    bring_to(case=foreign.case, status=CaseStatus.COMPLETED, actor=staff)
    for pk in (meera.pk, foreign.pk, 987654):
        assert_refused(reader.get(REPORT, {"candidate_id": pk, **ASKED}), 404)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"report_type": "pdf"}, "report_type"), ({"report_type": ""}, "report_type"),
        ({"report_type": None}, "report_type"), ({"candidate_id": None}, "candidate_id"),
        ({"candidate_id": "x"}, "candidate_id"), ({"candidate_id": 10**30}, "candidate_id"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(reader, done, query, path):
    given = {"candidate_id": done.pk, **ASKED, **query}
    given = {name: value for name, value in given.items() if value is not None}
    assert_refused(reader.get(REPORT, given), 400, path)


def test_a_token_needs_the_scope(acme, admin, done):
    jwt = make_token(owner=acme, user=admin, name="Reads", scopes=["candidates:read"])[1]
    response = bearer(jwt).get(REPORT, {"candidate_id": done.pk, **ASKED})
    assert response.status_code == 403


def test_report_url_is_the_pages_whole_address_once_there_is_a_report(api, done, meera):
    one = api.get(DETAILS, {"candidate_id": done.pk}).json()["data"]
    assert one["report_url"] == f"http://testserver{addresses(done)[0]}"
    rows = {row["candidate_id"]: row["report_url"] for row in api.get(DETAILS).json()["data"]}
    assert rows == {done.pk: one["report_url"], meera.pk: None}
