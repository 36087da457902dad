"""A company's retention period: set by an Admin, kept by a command."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, SecurityEvent
from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import Candidate, Case, CaseStatus, LogEntry
from candidates.services import retention
from candidates.services.erasure import erase
from candidates.services.retention import due, retain
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import StaffFactory

URL = "/security-settings/retention/"


def run(**options):
    out = StringIO()
    call_command("candidates_retain", stdout=out, **options)
    return out.getvalue().splitlines()


def set_days(company, days):
    Company.objects.filter(pk=company.pk).update(retention_days=days)
    company.refresh_from_db()


@pytest.fixture
def finish():
    """finish(candidate, days): their case was completed so many days ago."""
    staff = Actor(StaffFactory(name="Ops"))

    def finish(candidate, days, status=CaseStatus.COMPLETED):
        bring_to(case=candidate.case, status=status, actor=staff)
        at = timezone.now() - timedelta(days=days)
        Case.objects.filter(pk=candidate.pk).update(completed_at=at)
        return candidate

    return finish


@pytest.fixture
def zoo(acme, admin, subtype, foreign, finish):
    """Finished 100, 50 and 5 days ago, and not at all; Globex's 100 days ago."""
    finish(foreign, 100)
    return {
        "old": finish(add(admin, subtype), 100),
        "cancelled": finish(add(admin, subtype), 50, CaseStatus.CANCELLED),
        "young": finish(add(admin, subtype), 5),
        "open": add(admin, subtype),
    }


def erased(zoo):
    rows = Candidate.objects.exclude(erased_at=None)
    return sorted(name for name, row in zoo.items() if row in rows)


# --- the command ------------------------------------------------------------------------------
def test_without_a_period_nobody_is_erased(zoo):
    assert run() == []
    assert erased(zoo) == []


@pytest.mark.parametrize(
    ("days", "gone"), [(30, ["cancelled", "old"]), (60, ["old"]), (101, []), (3650, [])]
)
def test_what_was_finished_before_the_period_goes_and_all_else_stays(zoo, acme, days, gone):
    set_days(acme, days)
    assert run(dry_run=True) == [f"acme: would erase {len(gone)}."]
    assert erased(zoo) == []
    assert run() == [f"acme: erased {len(gone)}."]
    assert erased(zoo) == gone
    assert not Candidate.objects.get(name="Foreign Person").is_erased


def test_at_the_very_moment_it_is_over(acme, meera, finish):
    finish(meera, 30)
    case = Case.objects.get(pk=meera.pk)
    ends = case.completed_at + timedelta(days=30)
    assert not due(acme, 30, ends - timedelta(microseconds=1))
    assert due(acme, 30, ends).get() == case


def test_the_log_and_the_history_say_that_nobody_of_the_company_did_it(zoo, acme, admin):
    set_days(acme, 30)
    run()
    assert zoo["old"].log.first().who == "Operations"
    event = SecurityEvent.objects.for_company(acme).get(kind="erased")
    assert (event.actor_label, event.data) == ("", {"count": 2, "days": 30})
    page = signed_in(admin).get(reverse("security:history")).content.decode()
    assert "2 candidates" in page
    assert "30 days after the end" in page


def test_run_again_it_does_nothing_and_says_nothing(zoo, acme):
    set_days(acme, 30)
    run()
    lines = LogEntry.objects.count(), SecurityEvent.objects.count()
    assert run(dry_run=True) == ["acme: would erase 0."]
    assert run() == ["acme: erased 0."]
    assert (LogEntry.objects.count(), SecurityEvent.objects.count()) == lines


def test_more_than_a_batch_goes_in_one_run(acme, admin, subtype, finish, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        finish(add(admin, subtype), 40)
    set_days(acme, 30)
    assert run() == ["acme: erased 5."]


def test_one_that_can_not_be_erased_stops_no_other_and_is_tried_again(
    zoo, acme, monkeypatch, caplog
):
    set_days(acme, 30)

    def fail_for_the_old(*, candidate, **more):
        if candidate == zoo["old"]:
            raise OperationalError("lock timeout on a secret row")
        return erase(candidate=candidate, **more)

    with monkeypatch.context() as broken:
        broken.setattr(retention, "erase", fail_for_the_old)
        with pytest.raises(CommandError, match="1 could not be erased"):
            run()
    assert erased(zoo) == ["cancelled"]
    assert f"candidate {zoo['old'].pk} not erased: OperationalError" in caplog.text
    assert "secret" not in caplog.text
    assert run() == ["acme: erased 1."]


def test_stopped_in_the_middle_what_was_done_is_done_and_told(zoo, acme, monkeypatch):
    set_days(acme, 30)
    calls = []

    def stop_at_the_second(**more):
        calls.append(more)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return erase(**more)

    with monkeypatch.context() as broken:
        broken.setattr(retention, "erase", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert erased(zoo) == ["old"]
    assert SecurityEvent.objects.get(kind="erased").data["count"] == 1
    assert run() == ["acme: erased 1."]


@pytest.mark.parametrize("change", ["reopened", "period"])
def test_what_changed_since_the_keys_were_read_is_asked_again(
    acme, meera, finish, monkeypatch, change
):
    """Staff open the case again, or an Admin switches the period off, while the command runs."""
    finish(meera, 40)
    set_days(acme, 30)
    company = Company.objects.get(pk=acme.pk)

    def meanwhile(*args):
        if change == "reopened":
            Case.objects.filter(pk=meera.pk).update(status=0, completed_at=None)
        else:
            Company.objects.update(retention_days=None)
        return [meera.pk]

    monkeypatch.setattr(retention, "_keys", meanwhile)
    assert retain(company, timezone.now()) == (0, 0)
    assert not Candidate.objects.get(pk=meera.pk).is_erased


def test_one_company_alone_can_be_asked_for(zoo, acme, globex):
    set_days(acme, 30)
    set_days(globex, 30)
    assert run(company="globex") == ["globex: erased 1."]
    assert erased(zoo) == []
    with pytest.raises(CommandError, match="no company nobody"):
        run(company="nobody")


# --- the tab ----------------------------------------------------------------------------------
def post(client, **form):
    return client.post(URL, form)


def test_an_admin_switches_it_on_changes_it_and_off_again(admin_client, acme):
    for form, days, said in [
        ({"on": "on", "number": "365"}, 365, "365 days after their case is finished"),
        ({"on": "on", "number": "30"}, 30, "30 days after their case is finished"),
        ({"number": "30"}, None, "erased by an Admin alone"),
    ]:
        response = admin_client.post(URL, form, follow=True)
        assert said in response.content.decode()
        acme.refresh_from_db()
        assert acme.retention_days == days
    events = SecurityEvent.objects.for_company(acme).filter(kind="retention").order_by("pk")
    assert [(e.data["before"], e.data["after"]) for e in events] == [
        (None, 365), (365, 30), (30, None),
    ]  # fmt: skip
    assert {event.actor_label for event in events} == {"Asha Rao"}


def test_the_same_again_leaves_no_line(admin_client, acme):
    for _ in range(2):
        post(admin_client, on="on", number="365")
    assert SecurityEvent.objects.filter(kind="retention").count() == 1


@pytest.mark.parametrize("number", ["29", "3651", "-30", "", "x", "30.5", "9" * 5000, "\x00"])
def test_another_number_is_refused_in_words(admin_client, acme, number):
    response = post(admin_client, on="on", number=number)
    assert response.status_code == 400
    assert "Enter 30 to 3650 days" in response.content.decode()
    acme.refresh_from_db()
    assert acme.retention_days is None


def test_whom_it_meets_is_shown_before_it_is_saved(admin_client, acme, zoo):
    response = post(admin_client, on="on", number="60", preview="yes")
    assert "1 candidate is erased at the next run" in response.content.decode()
    acme.refresh_from_db()
    assert acme.retention_days is None
    assert not SecurityEvent.objects.filter(kind="retention").exists()
    set_days(acme, 30)
    assert "2 candidates are erased" in admin_client.get(URL).content.decode()
    set_days(acme, 300)
    assert "Nobody yet" in admin_client.get(URL).content.decode()


@pytest.mark.parametrize("who", ["hr_client", "recruiter_client"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_an_admin_sees_or_sets_it(request, who, method, acme):
    client = request.getfixturevalue(who)
    assert getattr(client, method)(URL, {"on": "on", "number": "30"}).status_code == 403
    acme.refresh_from_db()
    assert acme.retention_days is None


def test_strangers_sign_in_and_a_forged_form_is_refused(client, admin, acme):
    assert client.get(URL)["Location"].startswith("/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert strict.post(URL, {"on": "on", "number": "30"}).status_code == 403
    acme.refresh_from_db()
    assert acme.retention_days is None


def test_an_admin_sets_their_own_companys_alone(other_admin_client, acme, globex):
    post(other_admin_client, on="on", number="30")
    acme.refresh_from_db()
    globex.refresh_from_db()
    assert (acme.retention_days, globex.retention_days) == (None, 30)


def test_staff_set_it_in_the_admin_and_the_history_says_so(acme):
    staff = StaffFactory(name="Ops")
    page = reverse("admin:accounts_company_change", args=[acme.pk])
    form = {"name": acme.name, "slug": acme.slug, "is_active": "on", "email_required": "on"}
    assert signed_in(staff).post(page, {**form, "retention_days": "29"}).status_code == 200
    assert signed_in(staff).post(page, {**form, "retention_days": "90"}).status_code == 302
    acme.refresh_from_db()
    assert acme.retention_days == 90
    event = SecurityEvent.objects.for_company(acme).get(kind="retention")
    assert (event.actor_label, event.data) == ("Ops", {"before": None, "after": 90})
