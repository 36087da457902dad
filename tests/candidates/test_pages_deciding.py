"""A company holds and closes cases and checks; when a hold has ended, work goes on."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NotAllowedNow
from candidates.models import CaseCheck, CaseStatus, CheckStatus, Decision, LogEntry, Reason
from candidates.services import resuming
from candidates.services.cases import decide, locked
from candidates.services.checks import close_check, hold_check, set_check
from candidates.services.resuming import resume_due
from tests.candidates.conftest import add
from tests.factories import StaffFactory, SubtypeFactory

HOLD = {"reason": "waiting", "days": "7"}


@pytest.fixture
def staff(db):
    return Actor(StaffFactory(name="Ops"))


@pytest.fixture
def case(meera, staff):
    return bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=staff)


@pytest.fixture
def check(case):
    return case.checks.select_related("kind").first()


def address(act, row):
    if isinstance(row, CaseCheck):
        return reverse(f"candidates:{act}_check", args=[row.case_id, row.pk])
    return reverse(f"candidates:{act}", args=[row.pk])


def now_of(row):
    row.refresh_from_db()
    return row.get_status_display()


def newest(case):
    entry = case.candidate.log.exclude(kind="status-changed").first()
    return f"{entry.who} {entry.text}"


def assert_untouched(case):
    assert now_of(case) == "Processing"
    assert {check.status for check in case.checks.all()} == {"processing"}


# --- what they do ---------------------------------------------------------------------------


def test_a_case_is_held_for_so_many_days_with_a_reason(admin_client, case):
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        response = admin_client.post(address("hold", case), HOLD)
        assert response["Location"] == reverse("candidates:detail", args=[case.pk])
        assert now_of(case) == "On hold"
        assert case.held_until == timezone.now() + timedelta(days=7)
    assert newest(case) == (
        "Asha Rao put the case on hold until 1 Dec 2026: Waiting for the candidate"
    )
    shown = admin_client.get(response["Location"]).content.decode()
    assert "On hold until 1 Dec 2026: Waiting for the candidate" in shown


def test_one_check_is_held_and_the_others_go_on(admin_client, case, check):
    admin_client.post(address("hold", check), HOLD)
    assert now_of(check) == "On hold"
    assert now_of(case) == "Processing"
    assert newest(case).startswith(f"Asha Rao put {check.kind} on hold until ")


def test_a_case_or_a_check_is_closed_with_a_reason(admin_client, case, check):
    admin_client.post(address("close", check), {"reason": "not-needed"})
    assert now_of(check) == "Closed"
    assert newest(case) == f"Asha Rao closed {check.kind}: Not needed any more"
    admin_client.post(address("close", case), {"reason": "not-joining"})
    assert now_of(case) == "Closed"
    assert newest(case) == "Asha Rao closed the case: The candidate does not join"


def test_a_held_case_can_be_held_longer_and_closed(admin_client, case):
    admin_client.post(address("hold", case), HOLD)
    admin_client.post(address("hold", case), {**HOLD, "days": "90"})
    case.refresh_from_db()
    assert case.held_until > timezone.now() + timedelta(days=89)
    admin_client.post(address("close", case), {"reason": "asked"})
    assert now_of(case) == "Closed"
    assert case.held_until is None


def test_a_case_or_a_check_is_taken_off_hold_before_its_end(admin_client, case, check):
    for row in (check, case):
        admin_client.post(address("hold", row), HOLD)
    page = admin_client.get(reverse("candidates:detail", args=[case.pk])).content.decode()
    for row in (check, case):
        assert f'action="{address("resume", row)}"' in page
    shown = admin_client.post(address("resume", case), follow=True).content.decode()
    assert "Took the case off hold." in shown
    assert newest(case) == "Asha Rao took the case up again"
    assert (now_of(case), case.held_until, case.reason) == ("Processing", None, "")
    admin_client.post(address("resume", check))
    assert newest(case) == f"Asha Rao took {check.kind} up again"
    assert (now_of(check), check.held_until) == ("Processing", None)
    page = admin_client.get(reverse("candidates:detail", args=[case.pk])).content.decode()
    assert "/resume/" not in page


@pytest.mark.parametrize("status", [*CaseStatus])
def test_only_a_hold_is_ended_and_what_is_closed_stays_closed(
    admin_client, case, check, staff, status
):
    """Opening again is for staff; a case that waits for funds doesn't go on without them."""
    if status == CaseStatus.ON_HOLD:
        close_check(check=check, reason=Reason.OTHER, actor=staff)
    else:
        bring_to(case=case, status=status, actor=staff)
    check.refresh_from_db()
    case.refresh_from_db()
    before = case.status, check.status, LogEntry.objects.count()
    for row in (case, check):
        shown = admin_client.post(address("resume", row), follow=True).content.decode()
        assert "nothing was done" in shown
        assert admin_client.get(address("resume", row)).status_code == 405
    case.refresh_from_db()
    check.refresh_from_db()
    assert (case.status, check.status, LogEntry.objects.count()) == before


def test_a_held_check_of_a_closed_case_stays_as_it_is(admin_client, case, check):
    admin_client.post(address("hold", check), HOLD)
    admin_client.post(address("close", case), {"reason": "asked"})
    admin_client.post(address("resume", check))
    assert now_of(check) == "On hold"


# --- who may --------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["hold", "close"])
def test_hr_may_for_those_they_see_and_finds_no_others(hr_client, hr, case, check, subtype, act):
    for row in (case, check):
        assert hr_client.get(address(act, row)).status_code == 404
        assert hr_client.post(address(act, row), HOLD).status_code == 404
    assert_untouched(case)
    own = add(hr, subtype).case
    assert hr_client.post(address(act, own), HOLD).status_code == 302
    assert now_of(own) in ("On hold", "Closed")


@pytest.mark.parametrize("act", ["hold", "close"])
def test_recruiters_may_not_even_their_own(recruiter_client, recruiter, case, check, act):
    case.candidate.added_by = recruiter
    case.candidate.save()
    for row in (case, check):
        assert recruiter_client.get(address(act, row)).status_code == 403
        assert recruiter_client.post(address(act, row), HOLD).status_code == 403
    assert_untouched(case)
    page = recruiter_client.get(reverse("candidates:detail", args=[case.pk])).content.decode()
    assert "/hold/" not in page
    assert "/close/" not in page


@pytest.mark.parametrize("act", ["hold", "close"])
def test_another_company_finds_nothing(other_admin_client, case, check, act):
    for row in (case, check):
        for response in (
            other_admin_client.get(address(act, row)),
            other_admin_client.post(address(act, row), HOLD),
        ):
            assert response.status_code == 404
    assert_untouched(case)


def test_a_check_of_another_case_is_not_found_under_this_one(
    admin_client, case, foreign, other_admin
):
    strange = foreign.case.checks.first()
    url = reverse("candidates:hold_check", args=[case.pk, strange.pk])
    assert admin_client.post(url, HOLD).status_code == 404
    assert now_of(strange) == "Processing"


@pytest.mark.parametrize("act", ["hold", "close"])
def test_strangers_sign_in_and_a_forged_form_is_refused(client, admin, case, act):
    assert client.post(address(act, case), HOLD)["Location"].startswith(reverse("login"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert strict.post(address(act, case), HOLD).status_code == 403
    assert_untouched(case)


@pytest.mark.parametrize("act", ["hold", "close"])
def test_nothing_is_changed_by_get(admin_client, case, check, act):
    for row in (case, check):
        assert admin_client.get(address(act, row), HOLD).status_code == 200
    assert_untouched(case)


def test_a_hold_is_ended_by_whoever_may_hold_and_by_nobody_else(
    client, admin_client, hr_client, recruiter_client, other_admin_client, hr, recruiter, admin,
    subtype, case, check,
):  # fmt: skip
    for row in (check, case):
        admin_client.post(address("hold", row), HOLD)
    case.candidate.added_by = recruiter
    case.candidate.save()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    refused = [(hr_client, 404), (recruiter_client, 403), (other_admin_client, 404),
               (client, 302), (strict, 403)]  # fmt: skip
    for who, status in refused:
        for row in (case, check):
            assert who.post(address("resume", row)).status_code == status
    assert (now_of(case), now_of(check)) == ("On hold", "On hold")
    own = add(hr, subtype).case
    hr_client.post(address("hold", own), HOLD)
    hr_client.post(address("resume", own))
    assert now_of(own) == "Awaiting input"


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**HOLD, "days": days}, "whole number of days from 1 to 90")
        for days in ("0", "91", "-1", "1.5", "", "x", "1e3", "9" * 5000, "\x00", "१x")
    ]
    + [
        ({**HOLD, "reason": ""}, "Choose a reason"),
        ({**HOLD, "reason": "nonsense"}, "Choose one of the list"),
        ({**HOLD, "reason": "\x00"}, "Choose one of the list"),
        ({}, "Choose a reason"),
    ],
)
def test_a_wrong_reason_or_duration_is_named_and_writes_nothing(
    admin_client, case, check, given, said
):
    entries = LogEntry.objects.count()
    for row in (case, check):
        response = admin_client.post(address("hold", row), given)
        assert response.status_code == 400
        assert said in response.content.decode()
    assert_untouched(case)
    assert LogEntry.objects.count() == entries


@pytest.mark.parametrize("act", ["hold", "close"])
@pytest.mark.parametrize("status", [CaseStatus.COMPLETED, CaseStatus.CLOSED, CaseStatus.CANCELLED])
def test_what_is_finished_is_for_staff_alone(admin_client, case, check, staff, status, act):
    bring_to(case=case, status=status, actor=staff)
    check.refresh_from_db()
    before = check.status
    for row in (case, check):
        for response in (
            admin_client.get(address(act, row)),
            admin_client.post(address(act, row), HOLD),
        ):
            assert "Ask our operations team" in response.content.decode()
    case.refresh_from_db()
    check.refresh_from_db()
    assert (case.status, check.status) == (status, before)
    assert case.decision in ("", "closed", "cancelled")


@pytest.mark.parametrize("act", ["hold", "close"])
def test_a_finished_check_of_a_case_that_goes_on_is_for_staff_alone(
    admin_client, case, check, staff, act
):
    set_check(check=check, status=CheckStatus.VERIFIED, actor=staff)
    for response in (
        admin_client.get(address(act, check)),
        admin_client.post(address(act, check), HOLD),
    ):
        assert "Ask our operations team" in response.content.decode()
    assert (now_of(check), now_of(case)) == ("Verified", "In progress")


def test_what_is_closed_is_not_closed_once_more(admin_client, case):
    """The service takes the same decision twice; the page says whose it is to change by now."""
    given = {"reason": "not-needed"}
    assert admin_client.post(address("close", case), given).status_code == 302
    again = admin_client.post(address("close", case), given)
    assert again.status_code == 400
    assert "Ask our operations team" in again.content.decode()


@pytest.mark.parametrize("decision", [Decision.CLOSED, Decision.CANCELLED])
def test_a_check_of_a_case_that_was_finished_meanwhile_stays_as_it_is(
    admin, case, check, staff, decision
):
    """The service asks behind the lock, also where no check is finished."""
    decide(case=case, decision=decision, reason=Reason.OTHER, actor=staff)
    until, lines = timezone.now() + timedelta(days=1), LogEntry.objects.count()
    for act, more in ((hold_check, {"until": until}), (close_check, {})):
        with pytest.raises(NotAllowedNow):
            act(check=check, reason=Reason.OTHER, actor=Actor(admin), **more)
    assert now_of(check) == "Processing"
    assert LogEntry.objects.count() == lines


def test_what_somebody_finished_a_moment_ago_is_said(admin_client, case, check, staff, monkeypatch):
    """The page asked before the lock, the service asks behind it."""
    monkeypatch.setattr("candidates.pages.deciding.Deciding.refused", None)
    set_check(check=check, status=CheckStatus.VERIFIED, actor=staff)
    response = admin_client.post(address("hold", check), HOLD)
    assert response.status_code == 400
    assert "Somebody finished it meanwhile" in response.content.decode()


def test_a_case_that_waits_for_funds_can_be_closed_and_not_held(admin_client, case, staff):
    decide(case=case, decision=Decision.UNFUNDED, actor=staff)
    assert "waits for funds" in admin_client.post(address("hold", case), HOLD).content.decode()
    assert now_of(case) == "Insufficient funds"
    until = timezone.now() + timedelta(days=1)
    with pytest.raises(NotAllowedNow):
        decide(case=case, decision="held", reason=Reason.OTHER, until=until, actor=staff)
    admin_client.post(address("close", case), {"reason": "other"})
    assert now_of(case) == "Closed"


# --- when the hold has ended ----------------------------------------------------------------


@pytest.fixture
def held(case, check, staff, admin):
    """On 24 November for a week: a check that was in progress, and then the whole case."""
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        set_check(check=check, status=CheckStatus.IN_PROGRESS, actor=staff)
        until = timezone.now() + timedelta(days=7)
        hold_check(check=check, reason=Reason.WAITING, until=until, actor=Actor(admin))
        decide(case=case, decision="held", reason=Reason.OTHER, until=until, actor=Actor(admin))
    return case


def test_before_its_end_a_hold_stays(held, check, capsys):
    with time_machine.travel("2026-12-01T09:59:59Z", tick=False):
        call_command("candidates_resume")
    assert capsys.readouterr().out == "0 cases and 0 checks go on.\n0 files go on.\n"
    assert (now_of(held), now_of(check)) == ("On hold", "On hold")


def test_at_its_end_case_and_check_go_on_where_they_stood(held, check, capsys):
    with time_machine.travel("2026-12-01T10:00:00Z", tick=False):
        call_command("candidates_resume")
    assert capsys.readouterr().out == "1 cases and 1 checks go on.\n0 files go on.\n"
    assert (now_of(held), now_of(check)) == ("In progress", "In progress")
    assert (held.held_until, held.reason, check.held_until, check.reason) == (None, "", None, "")
    told = [f"{entry.who} {entry.text}" for entry in held.candidate.log.all()[:4]]
    assert told == [
        "Operations changed the state from Processing to In progress",
        f"Operations took {check.kind} up again",
        "Operations changed the state from On hold to Processing",
        "Operations took the case up again",
    ]


def test_run_again_it_does_nothing(held):
    after = timezone.now().replace(year=2027)
    assert resume_due(after) == (1, 1)
    entries = LogEntry.objects.count()
    assert resume_due(after) == (0, 0)
    assert LogEntry.objects.count() == entries


def test_what_was_held_longer_or_closed_meanwhile_is_left(held, check, admin):
    until = timezone.now().replace(year=2028)
    decide(case=held, decision="held", reason=Reason.OTHER, until=until, actor=Actor(admin))
    hold_check(check=check, reason=Reason.OTHER, until=until, actor=Actor(admin))
    assert resume_due(timezone.now().replace(year=2027)) == (0, 0)
    decide(case=held, decision="closed", reason=Reason.OTHER, actor=Actor(admin))
    assert resume_due(until) == (0, 0)
    assert (now_of(held), now_of(check)) == ("Closed", "On hold")


NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
LONGER = {"held_until": datetime(2028, 1, 1, tzinfo=UTC)}
CLOSED = {"decision": "closed", "status": CaseStatus.CLOSED}


def changed_before_the_lock(monkeypatch, rows, **columns):
    """Somebody is quicker than the command: the keys are read, the case is not locked yet."""

    def meanwhile(case):
        rows.update(**columns)
        return locked(case)

    monkeypatch.setattr(resuming, "locked", meanwhile)


@pytest.mark.parametrize(
    "columns", [LONGER, CLOSED, {"decision": "", "held_until": None}],
    ids=["held longer", "closed", "taken up"],
)  # fmt: skip
def test_a_case_that_changed_since_its_key_was_read_is_left(case, staff, monkeypatch, columns):
    until = timezone.now()
    decide(case=case, decision="held", reason=Reason.OTHER, until=until, actor=staff)
    changed_before_the_lock(monkeypatch, type(case).objects.filter(pk=case.pk), **columns)
    lines = LogEntry.objects.count()
    assert resume_due(NEXT_YEAR) == (0, 0)
    assert LogEntry.objects.count() == lines


@pytest.mark.parametrize(
    ("of_check", "of_case"),
    [(LONGER, {}), ({"status": "closed"}, {}), ({}, CLOSED)],
    ids=["held longer", "closed", "its case closed"],
)
def test_a_check_that_changed_since_its_key_was_read_is_left(
    case, check, staff, monkeypatch, of_check, of_case
):
    hold_check(check=check, reason=Reason.WAITING, until=timezone.now(), actor=staff)
    rows = CaseCheck.objects.filter(pk=check.pk) if of_check else type(case).objects.all()
    changed_before_the_lock(monkeypatch, rows, **of_check, **of_case)
    lines = LogEntry.objects.count()
    assert resume_due(NEXT_YEAR) == (0, 0)
    assert LogEntry.objects.count() == lines


def test_holds_of_every_company_end(held, other_admin, globex):
    theirs = add(other_admin, SubtypeFactory(package__company=globex)).case
    until = timezone.now()
    decide(case=theirs, decision="held", reason=Reason.OTHER, until=until, actor=Actor(other_admin))
    assert resume_due(timezone.now().replace(year=2027)) == (2, 1)
