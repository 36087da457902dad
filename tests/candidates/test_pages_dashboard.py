"""The dashboard: real numbers, of what one may see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import Case, CaseStatus, Package
from candidates.pages.counts import month_start
from tests.candidates.conftest import add
from tests.factories import StaffFactory, UserFactory

HOME = reverse("dashboard")


def counts(client):
    return {c.label: c.number for c in client.get(HOME).context["counts"]}


def move(candidate, status, user):
    bring_to(case=candidate.case, status=status, actor=Actor(user))


def test_nobody_signed_in_is_sent_to_the_log_in(client, db):
    assert client.get(HOME)["Location"] == f"{reverse('login')}?next={HOME}"


def test_staff_go_to_the_admin(client, db):
    client.force_login(StaffFactory())
    assert client.get(HOME)["Location"] == reverse("admin:index")


def test_somebody_of_no_company_and_no_staff_gets_403(client, db):
    client.force_login(UserFactory(company=None, access_level=""))
    assert client.get(HOME).status_code == 403


def test_the_counts_are_those_of_the_company(admin_client, admin, subtype, foreign):
    for status in [CaseStatus.IN_PROGRESS] * 3 + [CaseStatus.DISCREPANCY] * 2:
        move(add(admin, subtype), status, admin)
    add(admin, subtype)
    move(add(admin, subtype), CaseStatus.COMPLETED, admin)
    move(add(admin, subtype), CaseStatus.COMPLETED_WITH_EXCEPTION, admin)
    move(add(admin, subtype), CaseStatus.CANCELLED, admin)
    assert counts(admin_client) == {
        "In progress": 3,
        "Awaiting input": 1,
        "Discrepancy": 2,
        "Completed this month": 2,
    }


def test_what_was_completed_before_this_month_is_not_of_this_month(admin_client, admin, meera):
    move(meera, CaseStatus.COMPLETED, admin)
    assert counts(admin_client)["Completed this month"] == 1
    Case.objects.update(completed_at=month_start() - timedelta(seconds=1))
    assert counts(admin_client)["Completed this month"] == 0


def test_the_month_begins_at_local_midnight():
    start = timezone.localtime(month_start())
    assert (start.day, start.hour, start.minute) == (1, 0, 0)


def test_hr_counts_only_what_they_added(hr_client, hr, admin, subtype):
    add(admin, subtype)
    add(hr, subtype)
    assert counts(hr_client)["Awaiting input"] == 1


def test_one_query_counts(admin_client, admin, subtype):
    for status in CaseStatus:
        move(add(admin, subtype), status, admin)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(HOME)
    assert len([q for q in captured.captured_queries if "COUNT(" in q["sql"]]) == 1


def test_the_latest_five_are_shown_newest_first(admin_client, admin, subtype):
    keys = [add(admin, subtype).pk for _ in range(7)]
    latest = admin_client.get(HOME).context["latest"]
    assert [candidate.pk for candidate in latest] == keys[:1:-1]


def test_the_latest_say_who_added_them(admin_client, through_token):
    assert "<bdi>API(Greenhouse sync)</bdi>" in admin_client.get(HOME).content.decode()


def test_admins_see_the_credits_of_their_own_packages(admin_client, subtype, foreign_subtype):
    Package.objects.filter(pk=subtype.package_id).update(name="Standard", credits=4321)
    page = admin_client.get(HOME).content.decode()
    assert "<dt>Standard</dt><dd>4321</dd>" in page
    assert "Globex only" not in page


@pytest.mark.parametrize("who", ["hr_client", "recruiter_client"])
def test_others_see_no_credits(request, who, subtype):
    page = request.getfixturevalue(who).get(HOME).content.decode()
    assert "Credits left" not in page


def test_a_recruiter_sees_neither_counts_nor_states_nor_dates(recruiter_client, recruiter, subtype):
    candidate = add(recruiter, subtype, name="Of Kavya")
    page = recruiter_client.get(HOME).content.decode()
    assert "Of Kavya" in page
    for hidden in ("Awaiting input", "In progress", "<time", 'class="counts"'):
        assert hidden not in page
    assert str(candidate.created_at.year) not in page.split("<table")[1]


def test_the_counts_link_to_the_list_of_that_state(admin_client, admin, meera):
    links = [c.url for c in admin_client.get(HOME).context["counts"] if c.url]
    assert links[1] == f"{reverse('candidates:list')}?state=3"
    rows = admin_client.get(links[1]).context["rows"]
    assert [candidate.pk for candidate in rows] == [meera.pk]
