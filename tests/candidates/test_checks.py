"""Work on checks: held, closed, taken up again; the case and the log follow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NotAllowedNow
from candidates.models import Case, CaseStatus, CheckStatus, Reason
from candidates.services.cases import consent, decide, submit_form
from candidates.services.checks import close_check, hold_check, resume_check, set_check
from tests.factories import StaffFactory


@pytest.fixture
def staff(db):
    return Actor(StaffFactory(name="Ops"), address="203.0.113.7")


@pytest.fixture
def checks(meera, staff):
    """Of a case that is being processed."""
    bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=staff)
    return list(meera.case.checks.all())


def hold(check, actor, days=7):
    until = timezone.now() + timedelta(days=days)
    return hold_check(check=check, reason=Reason.WAITING, until=until, actor=actor)


def status(meera):
    return Case.objects.get(pk=meera.pk).status


def test_a_check_that_was_held_goes_on_where_it_stood(meera, checks, staff):
    first = checks[0]
    set_check(check=first, status=CheckStatus.IN_PROGRESS, actor=staff)
    hold(hold(first, staff), staff, days=9)
    held = meera.case.checks.get(pk=first.pk)
    assert (held.status, held.reason, held.before_hold) == ("on-hold", "waiting", "in-progress")
    assert resume_check(check=first, actor=staff).status == CheckStatus.IN_PROGRESS
    resumed = meera.case.checks.get(pk=first.pk)
    assert (resumed.held_until, resumed.reason, resumed.before_hold) == (None, "", "")
    assert meera.log.all()[1].text == f"took {first.kind} up again"


def test_a_case_whose_every_open_check_is_held_is_on_hold(meera, checks, staff):
    for check in checks:
        hold(check, staff)
    assert status(meera) == CaseStatus.ON_HOLD
    resume_check(check=checks[0], actor=staff)
    assert status(meera) == CaseStatus.PROCESSING


def test_a_check_that_is_given_up_begins_anew_when_taken_up(meera, checks, staff):
    first, second = checks
    close_check(check=first, reason=Reason.NOT_NEEDED, actor=staff)
    set_check(check=second, status=CheckStatus.VERIFIED, actor=staff)
    assert status(meera) == CaseStatus.COMPLETED
    assert resume_check(check=first, actor=staff).status == CheckStatus.PROCESSING
    assert status(meera) == CaseStatus.IN_PROGRESS


@pytest.mark.parametrize("state", [CheckStatus.ON_HOLD, CheckStatus.CLOSED])
def test_holding_and_closing_are_no_results_of_work(checks, staff, state):
    with pytest.raises(NotAllowedNow):
        set_check(check=checks[0], status=state, actor=staff)


def test_a_check_at_rest_takes_no_result_and_a_finished_one_no_hold(checks, staff):
    first, second = checks
    hold(first, staff)
    set_check(check=second, status=CheckStatus.VERIFIED, actor=staff)
    with pytest.raises(NotAllowedNow):
        set_check(check=first, status=CheckStatus.VERIFIED, actor=staff)
    with pytest.raises(NotAllowedNow):
        hold(second, staff)
    with pytest.raises(NotAllowedNow):
        close_check(check=second, reason=Reason.OTHER, actor=staff)


def test_the_same_again_writes_nothing(meera, checks, staff):
    for _ in range(2):
        set_check(check=checks[0], status=CheckStatus.MAJOR, actor=staff, found="Left earlier")
        resume_check(check=checks[1], actor=staff)
        submit_form(case=meera.case, actor=staff)
        consent(case=meera.case, actor=staff)
    assert [entry.kind for entry in meera.log.all()][:2] == ["status-changed", "check-changed"]
    assert meera.log.filter(kind="check-changed").count() == 1
    assert meera.log.filter(kind__in=["form-submitted", "consented"]).count() == 2


def test_new_words_for_the_same_result_are_kept(checks, staff):
    set_check(check=checks[0], status=CheckStatus.MAJOR, actor=staff, found="Left in May")
    again = set_check(check=checks[0], status=CheckStatus.MAJOR, actor=staff, found="In June")
    assert again.found == "In June"


def test_a_case_that_is_opened_again_stands_as_its_checks_say(meera, checks, staff):
    set_check(check=checks[0], status=CheckStatus.IN_PROGRESS, actor=staff)
    decide(case=meera.case, decision="cancelled", reason=Reason.MISTAKE, actor=staff)
    assert status(meera) == CaseStatus.CANCELLED
    decide(case=meera.case, decision="", actor=staff)
    assert status(meera) == CaseStatus.IN_PROGRESS


def test_the_log_says_who_and_from_where(meera, checks, staff):
    hold(checks[0], staff)
    entry = meera.log.first()
    assert (entry.who, entry.address) == ("Operations", "203.0.113.7")
    assert ": Waiting for the candidate" in entry.text


def test_what_the_candidate_did_is_theirs(meera):
    submit_form(case=meera.case, actor=None, address="198.51.100.4")
    entry = meera.log.filter(kind="form-submitted").get()
    assert (entry.who, entry.address, entry.added_by) == ("Meera Iyer", "198.51.100.4", None)
    assert entry.text == "submitted the form"
