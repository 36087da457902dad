"""The Django admin: where operations staff work."""

from decimal import Decimal

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from zeal import zeal_ignore

from accounts.models import Company, User
from apitokens.attribution import Actor
from apitokens.models import APIToken
from candidates.admin import cases
from candidates.demo.states import bring_to
from candidates.exceptions import NotAllowedNow
from candidates.models import (
    AddOn,
    Candidate,
    Case,
    CaseStatus,
    CreditEntry,
    LogEntry,
    Package,
    VerificationForm,
    Wallet,
)
from candidates.services.cases import decide
from candidates.services.checks import close_check
from tests.candidates.answers import fill
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, CheckFactory, StaffFactory, TagFactory

PAGES = [
    "category", "tag", "package", "subtype", "addon", "check", "creditentry", "candidate", "case",
    "casecheck", "logentry",
]  # fmt: skip


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
    AddOn.objects.create(company=acme, kind=CheckFactory(), price=250)
    bring_to(case=through_token.case, status=CaseStatus.PROCESSING, actor=Actor(admin))
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


def change_check(check):
    return reverse("admin:candidates_casecheck_change", args=[check.pk])


def decision(of, until="", reason="other"):
    day, time = until.split() if until else ("", "")
    return {
        "decision": of, "reason": reason, "held_until_0": day, "held_until_1": time,
        "checks-TOTAL_FORMS": 0, "checks-INITIAL_FORMS": 0,
    }  # fmt: skip


def work(status, found="", assigned_to="", **more):
    return {"status": status, "found": found, "assigned_to": assigned_to, **more}


def test_staff_work_a_check_and_the_case_and_the_log_say_so(staff_client, staff, meera):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    check = meera.case.checks.first()
    data = work("major", "Another name on the card", note="Called twice", stated="Meera Iyer")
    assert staff_client.post(change_check(check), data).status_code == 302
    check.refresh_from_db()
    assert (check.status, check.found) == ("major", "Another name on the card")
    assert (check.note, check.stated) == ("Called twice", "Meera Iyer")
    assert Case.objects.get().status == CaseStatus.DISCREPANCY
    moved, worked = meera.log.all()[:2]
    assert (moved.added_by, moved.data) == (staff, {"before": 4, "after": 5})
    assert worked.text == f"set {check.kind} to Major discrepancy"


@pytest.fixture
def worked(staff_client, staff, meera):
    """A check with a result, by the admin's form: {page: title of its row}."""
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    check = meera.case.checks.first()
    assert staff_client.post(change_check(check), work("verified")).status_code == 302
    line = meera.log.get(kind="check-changed")
    return {
        change_check(check): f"{check.kind.name} · #{meera.pk}",
        change(meera.case): f"#{meera.pk} · In progress",
        f"/admin/candidates/logentry/{line.pk}/change/": f"#{meera.pk} · changed a check",
    }


def test_pages_of_a_case_have_titles_that_say_which_it_is(staff_client, worked):
    for page, title in worked.items():
        assert f"<h2>{title}</h2>" in staff_client.get(page).content.decode(), page


def test_the_admins_own_log_names_checks_by_kind_and_number(worked):
    title, *_ = worked.values()
    line = AdminEntry.objects.get()
    assert line.object_repr == title
    assert "Meera" not in f"{line.object_repr} {line.change_message}"


def test_a_check_says_whose_it_is_and_what_the_form_says_for_it(staff_client, meera):
    check = meera.case.checks.get(kind__code="identity")
    assert "ABCPK1234M" not in staff_client.get(change_check(check)).content.decode()
    fill(meera, "basic_details", "identity", "address")
    page = staff_client.get(change_check(check)).content.decode()
    for shown in ("Meera Iyer", "Acme Corp", "1994-02-28", "Female", "PAN card", "ABCPK1234M"):
        assert shown in page
    assert "4th Cross" not in page  # another check's


def test_answers_are_not_run_in_the_admin(staff_client, meera):
    fill(meera, "identity")
    VerificationForm.objects.update(answers={"identity": {"id_number": "<script>x</script>"}})
    page = staff_client.get(change_check(meera.case.checks.get(kind__code="identity")))
    assert "&lt;script&gt;x" in page.content.decode()


@pytest.mark.parametrize("status", ["insufficiency", "major", "minor"])
def test_what_the_company_must_act_on_needs_words(staff_client, meera, status):
    check = meera.case.checks.first()
    assert staff_client.post(change_check(check), work(status)).status_code == 200
    check.refresh_from_db()
    assert check.status == "processing"


@pytest.mark.parametrize("status", ["", "on-hold", "closed", "x"])
def test_a_state_that_work_does_not_lead_to_is_refused(staff_client, meera, status):
    check = meera.case.checks.first()
    assert staff_client.post(change_check(check), work(status)).status_code == 200
    check.refresh_from_db()
    assert check.status == "processing"


def test_staff_take_checks_and_give_them_away(staff_client, staff, meera):
    listing = reverse("admin:candidates_casecheck_changelist")
    keys = list(meera.case.checks.values_list("pk", flat=True))
    staff_client.post(listing, {"action": "take", "_selected_action": keys})
    assert set(meera.case.checks.values_list("assigned_to", flat=True)) == {staff.pk}
    assert "to Operations" in meera.log.first().text
    page = staff_client.get(listing, {"work": "mine"}).content.decode()
    assert page.count("field-kind") == 2
    staff_client.post(change_check(meera.case.checks.first()), work("processing"))
    assert meera.case.checks.first().assigned_to is None


def test_a_person_of_a_company_is_given_no_check(staff_client, admin, meera):
    check = meera.case.checks.first()
    page = staff_client.post(change_check(check), work("processing", assigned_to=admin.pk))
    assert page.status_code == 200
    assert admin not in page.context["adminform"].form.fields["assigned_to"].queryset
    check.refresh_from_db()
    assert check.assigned_to is None


def test_finishing_the_last_check_frees_the_person(staff_client, staff, meera):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    for check in meera.case.checks.all():
        staff_client.post(change_check(check), work("verified"))
    meera = Candidate.objects.get(pk=meera.pk)
    assert meera.live_email is None
    assert meera.case.completed_at is not None


def test_a_finished_case_whose_person_came_again_stays_so(staff_client, staff, subtype, meera):
    bring_to(case=meera.case, status=CaseStatus.COMPLETED, actor=Actor(staff))
    add(staff, subtype, email=meera.email)
    check = meera.case.checks.first()
    page = staff_client.post(change_check(check), work("in-progress"), follow=True)
    assert "has this candidate’s e-mail" in page.content.decode()
    check.refresh_from_db()
    assert check.status == "verified"


def test_checks_of_a_finished_case_whose_person_came_again_are_not_taken_up(
    staff_client, staff, subtype, meera
):
    """Two at once, all or nothing."""
    actor = Actor(staff)
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=actor)
    checks = list(meera.case.checks.all())
    for check in checks:
        close_check(check=check, reason="not-needed", actor=actor)
    add(staff, subtype, email=meera.email)
    listing = reverse("admin:candidates_casecheck_changelist")
    data = {"action": "resume", "_selected_action": [check.pk for check in checks]}
    page = staff_client.post(listing, data, follow=True)
    assert "has this candidate’s e-mail" in page.content.decode()
    assert set(meera.case.checks.values_list("status", flat=True)) == {"closed"}


def test_of_two_checks_one_that_can_not_be_taken_up_keeps_the_other_as_it_is(
    staff_client, staff, subtype, meera
):
    """The list takes the newest first: that one could be taken up."""
    actor, newest = Actor(staff), add(staff, subtype)
    for candidate in (meera, newest):
        bring_to(case=candidate.case, status=CaseStatus.PROCESSING, actor=actor)
        for check in candidate.case.checks.all():
            close_check(check=check, reason="not-needed", actor=actor)
    add(staff, subtype, email=meera.email)
    keys = [candidate.case.checks.first().pk for candidate in (meera, newest)]
    listing = reverse("admin:candidates_casecheck_changelist")
    with zeal_ignore():  # each case is locked by itself
        page = staff_client.post(
            listing, {"action": "resume", "_selected_action": keys}, follow=True
        )
    assert "has this candidate’s e-mail" in page.content.decode()
    assert set(newest.case.checks.values_list("status", flat=True)) == {"closed"}


def test_a_check_that_somebody_holds_meanwhile_takes_no_result(
    staff_client, staff, meera, monkeypatch
):
    def held_meanwhile(**given):
        raise NotAllowedNow

    monkeypatch.setattr("candidates.admin.checks.set_check", held_meanwhile)
    check = meera.case.checks.first()
    data = work("verified", note="Called")
    page = staff_client.post(change_check(check), data, follow=True)
    assert "It has changed meanwhile" in page.content.decode()
    check.refresh_from_db()
    assert (check.status, check.note) == ("processing", "")


def test_words_about_a_check_at_rest_are_kept_and_it_rests_on(staff_client, staff, meera):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    check = close_check(check=meera.case.checks.first(), reason="other", actor=Actor(staff))
    data = work("closed", "Not asked", note="Called twice")
    assert staff_client.post(change_check(check), data).status_code == 302
    check.refresh_from_db()
    assert (check.status, check.found, check.note) == ("closed", "Not asked", "Called twice")


@pytest.fixture
def onlooker(db):
    """Of our staff, who may look at everything here and change nothing."""
    person = StaffFactory(is_superuser=False)
    looks = Permission.objects.filter(
        content_type__app_label="candidates", codename__startswith="view_"
    )
    person.user_permissions.set(looks)
    client = Client()
    client.force_login(person)
    return client


def test_staff_who_may_only_look_move_no_case_and_no_check(onlooker, staff, meera):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    check, lines = meera.case.checks.first(), meera.log.count()
    for page, data in ((change(meera.case), decision("closed")),
                       (change_check(check), work("major", "Another name"))):  # fmt: skip
        assert onlooker.get(page).status_code == 200
        assert onlooker.post(page, data).status_code == 403
    assert Case.objects.get().status == CaseStatus.PROCESSING
    assert set(meera.case.checks.values_list("status", flat=True)) == {"processing"}
    assert meera.log.count() == lines


def test_staff_who_may_only_look_take_no_check_and_take_none_up(onlooker, staff, meera):
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))
    check = close_check(check=meera.case.checks.first(), reason="other", actor=Actor(staff))
    listing = reverse("admin:candidates_casecheck_changelist")
    assert onlooker.get(listing).status_code == 200
    for action in ("take", "resume"):
        onlooker.post(listing, {"action": action, "_selected_action": check.pk})
    check.refresh_from_db()
    assert (check.status, check.assigned_to) == ("closed", None)


def test_a_candidate_goes_only_by_staff_who_may_delete_all_that_goes_along(onlooker, meera):
    person = User.objects.get(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="delete_candidate"))
    url = reverse("admin:candidates_candidate_delete", args=[meera.pk])
    assert onlooker.post(url, {"post": "yes"}).status_code == 403
    assert Candidate.objects.get() == meera


def test_a_check_is_given_to_nobody_who_left(staff_client, meera):
    left = StaffFactory(is_active=False)
    check = meera.case.checks.first()
    page = staff_client.post(change_check(check), work("processing", assigned_to=left.pk))
    assert page.status_code == 200
    check.refresh_from_db()
    assert check.assigned_to is None


def test_a_case_that_waits_for_funds_is_not_held_and_the_form_says_why(staff_client, staff, meera):
    decide(case=meera.case, decision="unfunded", actor=Actor(staff))
    page = staff_client.post(change(meera.case), decision("held", "2099-01-31 12:00"))
    assert "waits for funds: open it again first" in page.content.decode()
    assert Case.objects.get().status == CaseStatus.INSUFFICIENT_FUNDS


def test_a_case_that_is_opened_again_keeps_neither_reason_nor_end(staff_client, staff, meera):
    staff_client.post(change(meera.case), decision("held", "2099-01-31 12:00"))
    staff_client.post(change(meera.case), decision("", "2099-01-31 12:00"))
    case = Case.objects.get()
    assert (case.decision, case.reason, case.held_until) == ("", "", None)


def test_staff_hold_a_case_until_a_day(staff_client, staff, meera):
    data = decision("held", "2099-01-31 12:00", "waiting")
    assert staff_client.post(change(meera.case), data).status_code == 302
    case = Case.objects.get()
    assert (case.status, case.reason) == (CaseStatus.ON_HOLD, "waiting")
    assert meera.log.all()[1].text == (
        "put the case on hold until 31 Jan 2099: Waiting for the candidate"
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (decision("held"), "held_until"),
        (decision("held", "2020-01-31 12:00"), "held_until"),
        (decision("closed", reason=""), "reason"),
        (decision("cancelled", reason="x"), "reason"),
        (decision("x"), "decision"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(staff_client, meera, data, field):
    page = staff_client.post(change(meera.case), data)
    assert page.status_code == 200
    assert field in page.context["adminform"].form.errors
    assert Case.objects.get().status == CaseStatus.AWAITING_INPUT


def test_a_finished_case_is_neither_held_nor_cancelled(staff_client, admin, meera):
    bring_to(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    page = staff_client.post(change(meera.case), decision("cancelled"))
    assert "open it again first" in page.content.decode()
    assert Case.objects.get().status == CaseStatus.CLOSED


def test_a_case_whose_person_came_again_cant_be_opened(staff_client, admin, subtype, meera):
    bring_to(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    add(admin, subtype, email=meera.email)
    response = staff_client.post(change(meera.case), decision(""))
    assert response.status_code == 200
    assert "has this candidate’s e-mail" in response.content.decode()
    assert Case.objects.get(pk=meera.pk).status == CaseStatus.CLOSED


def test_a_case_whose_person_comes_just_now_is_no_500(
    staff_client, admin, subtype, meera, monkeypatch
):
    bring_to(case=meera.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    add(admin, subtype, email=meera.email)
    monkeypatch.setattr(cases, "raise_if_duplicate", lambda candidate: None)
    response = staff_client.post(change(meera.case), decision(""), follow=True)
    assert "has this candidate’s e-mail" in response.content.decode()
    assert Case.objects.get(pk=meera.pk).status == CaseStatus.CLOSED


def test_nothing_but_the_decision_about_a_case_can_be_changed(staff_client, globex, meera):
    data = {"status": 4, "company": globex.pk, "completed_at_0": "2020-01-01", "candidate": 1}
    staff_client.post(change(meera.case), {**decision(""), **data})
    case = Case.objects.get()
    assert (case.status, case.company, case.completed_at) == (3, meera.company, None)


def book(change, package=None, **more):
    return {"change": change, "reason": "bought", "package": package.pk if package else "", **more}


def test_staff_book_credits_and_rupees_and_the_ledger_keeps_both(
    staff_client, staff, acme, subtype
):
    url = reverse("admin:candidates_creditentry_add")
    package = subtype.package
    staff_client.post(url, book("25", package, company=acme.pk, note="Invoice 7"))
    staff_client.post(url, book("500.50", company=acme.pk))
    package.refresh_from_db()
    assert (package.credits, Wallet.objects.get().balance) == (1025, Decimal("500.50"))
    rupees, credits = CreditEntry.objects.all()
    assert (credits.change, credits.balance, credits.note) == (25, 1025, "Invoice 7")
    assert (rupees.change, rupees.balance, rupees.added_by) == (Decimal("500.50"), 500.5, staff)


@pytest.mark.parametrize("change", ["0", "1.5", "-1001", "x", ""])
def test_what_is_no_movement_of_credits_is_refused(staff_client, acme, subtype, change):
    url = reverse("admin:candidates_creditentry_add")
    data = book(change, subtype.package, company=acme.pk)
    assert staff_client.post(url, data, follow=True).status_code == 200
    assert Package.objects.get().credits == 1000
    assert not CreditEntry.objects.exists()


def test_credits_of_another_companys_package_are_not_moved(staff_client, globex, subtype):
    url = reverse("admin:candidates_creditentry_add")
    page = staff_client.post(url, book("5", subtype.package, company=globex.pk))
    assert "another company" in page.content.decode()
    assert Package.objects.get().credits == 1000


@pytest.mark.parametrize("page", ["candidate", "case", "casecheck", "logentry"])
def test_rows_that_services_write_cant_be_made_here(staff_client, everything, page):
    assert staff_client.get(reverse(f"admin:candidates_{page}_add")).status_code == 403


@pytest.mark.parametrize("page", ["candidate", "logentry"])
def test_rows_that_services_write_cant_be_changed_here(staff_client, everything, page):
    row = rows_of(page).first()
    url = reverse(f"admin:candidates_{page}_change", args=[row.pk])
    assert staff_client.post(url, {"name": "Other", "kind": "added"}).status_code == 403


@pytest.mark.parametrize("page", ["case", "casecheck", "creditentry", "logentry"])
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
