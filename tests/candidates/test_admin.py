"""The Django admin: where operations staff work."""

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Company, User
from apitokens.attribution import Actor
from apitokens.models import APIToken
from candidates.admin import cases
from candidates.models import Candidate, Case, CaseStatus, LogEntry, Package
from candidates.services.cases import set_status
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, CheckFactory, StaffFactory, TagFactory

PAGES = ["category", "tag", "package", "subtype", "check", "candidate", "case", "logentry"]


@pytest.fixture
def staff(db):
    return StaffFactory(name="Operations", email="ops@svportal.test")


@pytest.fixture
def staff_client(staff):
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def everything(admin, acme, subtype, through_token):
    CategoryFactory(company=acme)
    TagFactory(company=acme)
    subtype.checks.add(CheckFactory())
    set_status(case=through_token.case, status=CaseStatus.PROCESSING, actor=Actor(admin))
    return through_token


def rows_of(name):
    return next(m for m in django_admin.site._registry if m._meta.model_name == name).objects


def change(case):
    return reverse("admin:candidates_case_change", args=[case.pk])


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_every_row_opens(staff_client, everything, page):
    assert staff_client.get(reverse(f"admin:candidates_{page}_changelist")).status_code == 200
    row = rows_of(page).first()
    url = reverse(f"admin:candidates_{page}_change", args=[row.pk])
    assert staff_client.get(url).status_code == 200
    assert staff_client.get(reverse("admin:app_list", args=["candidates"])).status_code == 200


@pytest.mark.parametrize("page", [page for page in PAGES if page != "check"])
def test_every_list_can_be_searched(staff_client, everything, page):
    url = reverse(f"admin:candidates_{page}_changelist")
    assert staff_client.get(url, {"q": "nothing like this"}).status_code == 200


@pytest.mark.parametrize("page", ["candidate", "case", "logentry"])
def test_a_list_takes_the_same_queries_for_one_row_and_for_ten(
    staff_client, admin, token, subtype, page, django_assert_num_queries
):
    url = reverse(f"admin:candidates_{page}_changelist")
    add(Actor(admin, token), subtype)
    with CaptureQueriesContext(connection) as captured:
        staff_client.get(url)
    for _ in range(9):
        add(Actor(admin, token), subtype)
    with django_assert_num_queries(len(captured)):
        staff_client.get(url)


def test_the_lists_show_who_added_by_the_one_label(staff_client, everything, meera):
    for page in ("candidate", "logentry"):
        html = staff_client.get(reverse(f"admin:candidates_{page}_changelist")).content.decode()
        assert "API(Greenhouse sync)" in html
        assert "Asha Rao" in html


def test_staff_move_a_case_and_the_log_says_so(staff_client, staff, meera):
    response = staff_client.post(change(meera.case), {"status": CaseStatus.DISCREPANCY})
    assert response.status_code == 302
    assert Case.objects.get().status == CaseStatus.DISCREPANCY
    entry = meera.log.first()
    assert entry.added_by == staff
    assert entry.data == {"before": 3, "after": 5}


def test_finishing_a_case_here_frees_the_person(staff_client, meera):
    staff_client.post(change(meera.case), {"status": CaseStatus.COMPLETED})
    meera.refresh_from_db()
    assert meera.live_email is None
    assert meera.case.completed_at is not None


def test_a_case_whose_person_came_again_cant_be_opened(staff_client, admin, subtype, meera):
    set_status(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    add(admin, subtype, email=meera.email)
    response = staff_client.post(change(meera.case), {"status": CaseStatus.IN_PROGRESS})
    assert response.status_code == 200
    assert "has this candidate’s e-mail" in response.content.decode()
    assert Case.objects.get(pk=meera.pk).status == CaseStatus.CLOSED


def test_a_case_whose_person_comes_just_now_is_no_500(
    staff_client, admin, subtype, meera, monkeypatch
):
    set_status(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    add(admin, subtype, email=meera.email)
    monkeypatch.setattr(cases, "raise_if_duplicate", lambda candidate: None)
    response = staff_client.post(
        change(meera.case), {"status": CaseStatus.IN_PROGRESS}, follow=True
    )
    assert "has this candidate’s e-mail" in response.content.decode()
    assert Case.objects.get(pk=meera.pk).status == CaseStatus.CLOSED


@pytest.mark.parametrize("status", ["", "2", "99", "x"])
def test_a_state_that_does_not_exist_is_refused(staff_client, meera, status):
    assert staff_client.post(change(meera.case), {"status": status}).status_code == 200
    assert Case.objects.get().status == CaseStatus.AWAITING_INPUT


def test_nothing_but_the_state_of_a_case_can_be_changed(staff_client, globex, meera):
    data = {"status": 4, "company": globex.pk, "completed_at_0": "2020-01-01", "candidate": 1}
    staff_client.post(change(meera.case), data)
    case = Case.objects.get()
    assert (case.status, case.company, case.completed_at) == (4, meera.company, None)


@pytest.mark.parametrize("page", ["candidate", "case", "logentry"])
def test_rows_that_services_write_cant_be_made_here(staff_client, everything, page):
    assert staff_client.get(reverse(f"admin:candidates_{page}_add")).status_code == 403


@pytest.mark.parametrize("page", ["candidate", "logentry"])
def test_rows_that_services_write_cant_be_changed_here(staff_client, everything, page):
    row = rows_of(page).first()
    url = reverse(f"admin:candidates_{page}_change", args=[row.pk])
    assert staff_client.post(url, {"name": "Other", "kind": "added"}).status_code == 403


@pytest.mark.parametrize("page", ["case", "logentry"])
def test_a_case_or_a_line_of_the_log_cant_be_deleted_by_itself(staff_client, everything, page):
    row = rows_of(page).first()
    url = reverse(f"admin:candidates_{page}_delete", args=[row.pk])
    assert staff_client.post(url, {"post": "yes"}).status_code == 403
    listing = reverse(f"admin:candidates_{page}_changelist")
    staff_client.post(
        listing, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    )
    assert rows_of(page).filter(pk=row.pk).exists()


def test_a_candidate_is_deleted_with_case_and_log(staff_client, everything):
    url = reverse("admin:candidates_candidate_delete", args=[everything.pk])
    assert staff_client.post(url, {"post": "yes"}).status_code == 302
    assert not Candidate.objects.exists()
    assert not Case.objects.exists()
    assert not LogEntry.objects.exists()
    assert APIToken.objects.exists()


def test_a_package_that_cases_use_stays(staff_client, everything):
    url = reverse("admin:candidates_package_delete", args=[Package.objects.get().pk])
    staff_client.post(url, {"post": "yes"})
    assert Package.objects.exists()


@pytest.mark.parametrize("way", ["page", "action"])
def test_a_company_is_deleted_whole_and_another_stays(
    staff_client, acme, admin, everything, meera, foreign, way
):
    if way == "page":
        url = reverse("admin:accounts_company_delete", args=[acme.pk])
        assert staff_client.get(url).status_code == 200
        staff_client.post(url, {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": acme.pk, "post": "yes"}
        staff_client.post(reverse("admin:accounts_company_changelist"), data)
    assert list(Company.objects.values_list("name", flat=True)) == ["Globex"]
    assert list(Candidate.objects.all()) == [foreign]
    assert Case.objects.get().candidate == foreign
    assert LogEntry.objects.get().candidate == foreign
    assert not APIToken.objects.exists()
    assert not User.objects.filter(pk=admin.pk).exists()
    assert Package.objects.get().name == "Globex only"


@pytest.mark.parametrize("who", ["admin_client", "hr_client", "recruiter_client"])
def test_a_companys_people_have_no_way_in(request, who, meera):
    client = request.getfixturevalue(who)
    response = client.get(reverse("admin:candidates_candidate_changelist"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_markup_in_names_is_shown_and_not_run(staff_client, admin, subtype):
    candidate = add(admin, subtype, name="<script>alert(1)</script>")
    for url in (
        reverse("admin:candidates_candidate_changelist"),
        reverse("admin:candidates_candidate_change", args=[candidate.pk]),
        reverse("admin:candidates_candidate_delete", args=[candidate.pk]),
        change(candidate.case),
    ):
        assert "<script>alert" not in staff_client.get(url).content.decode()
