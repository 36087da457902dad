"""The dashboard: real numbers, of what one may see."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apitokens.attribution import Actor
from candidates.dashboard import figures
from candidates.dashboard.chart import NARROW, WIDE, chart_of, step_for, weeks_from
from candidates.dashboard.figures import WEEKS, month_start, week_starts
from candidates.demo.states import bring_to
from candidates.models import Candidate, Case, CaseStatus, Package, Source
from candidates.services.credits import change_credits
from svportal.cache import DispensableRedisCache
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import (
    CategoryFactory,
    PackageFactory,
    StaffFactory,
    UserFactory,
    make_token,
)

HOME = reverse("dashboard")


def counts(client):
    """The large figures, counted now."""
    cache.clear()
    return {c.label: c.number for c in client.get(HOME).context["counts"]}


def attention(client):
    """{text: more of it}, counted now."""
    cache.clear()
    return {item.text: item.second for item in client.get(HOME).context["attention"]}


def weeks(client):
    """(by people, by programs), oldest first, counted now."""
    cache.clear()
    return [(week.people, week.programs) for week in client.get(HOME).context["weeks"]]


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


def test_the_other_states_are_counted_too_and_lead_to_their_lists(admin_client, admin, subtype):
    for status in CaseStatus:
        move(add(admin, subtype), status, admin)
    others = admin_client.get(HOME).context["others"]
    assert [(status.label, number) for status, number, _url in others] == [
        (status.label, 1)
        for status in CaseStatus
        if status.label not in {"In progress", "Awaiting input", "Discrepancy"}
    ]
    for status, _number, url in others:
        rows = admin_client.get(url).context["rows"]
        assert [row.case.status for row in rows] == [status]


def test_a_case_that_waits_for_long_is_said_to(admin_client, admin, subtype, meera):
    add(admin, subtype)
    Case.objects.filter(pk=meera.pk).update(initiated_at=timezone.now() - timedelta(days=4))
    waiting = admin_client.get(HOME).context["counts"][1]
    assert (waiting.number, waiting.second) == (2, "1 for over 3 days")


def test_how_long_a_case_took_on_average(admin_client, admin, subtype):
    for days in (1, 4):
        one = add(admin, subtype)
        move(one, CaseStatus.COMPLETED, admin)
        now = timezone.now()
        Case.objects.filter(pk=one.pk).update(
            completed_at=now, initiated_at=now - timedelta(days=days)
        )
    assert admin_client.get(HOME).context["counts"][3].second == "2.5 days on average"


def queries(client):
    with CaptureQueriesContext(connection) as captured:
        client.get(HOME)
    return len(captured)


def test_the_same_queries_however_many_there_are(
    admin_client, hr_client, hr, admin, acme, token, subtype
):
    hr.categories.add(CategoryFactory(company=acme))

    def everything():
        for status in CaseStatus:
            move(add(admin, subtype), status, admin)
            move(add(hr, subtype), status, admin)
        add(Actor(admin, token), subtype)
        PackageFactory(company=acme, credits=3)
        leaver = UserFactory(company=acme)
        make_token(owner=acme, user=leaver, name=f"Of {leaver.pk}")
        leaver.access_level = "hr"
        leaver.save()

    everything()
    cache.clear()
    few = [queries(client) for client in (admin_client, hr_client)]
    for _ in range(3):
        everything()
    cache.clear()
    assert [queries(client) for client in (admin_client, hr_client)] == few


def test_for_a_minute_the_cache_answers_and_then_not(admin_client, admin, subtype, meera):
    first = queries(admin_client)
    add(admin, subtype)
    assert queries(admin_client) < first
    assert admin_client.get(HOME).context["counts"][1].number == 1
    assert figures.KEPT <= 60
    with time_machine.travel(timezone.now() + timedelta(seconds=figures.KEPT + 1)):
        assert admin_client.get(HOME).context["counts"][1].number == 2


def test_what_one_sees_is_cached_for_nobody_who_sees_something_else(
    admin_client, hr_client, other_admin_client, hr, acme, admin, subtype, meera, foreign
):
    def waiting(client):
        return client.get(HOME).context["counts"][1].number

    given = CategoryFactory(company=acme)
    add(admin, subtype, category=given)
    add(hr, subtype)
    assert [waiting(c) for c in (admin_client, hr_client, other_admin_client)] == [3, 1, 1]
    hr.categories.add(given)
    assert waiting(hr_client) == 2
    second = UserFactory(company=acme, access_level="hr")
    assert waiting(signed_in(second)) == 0
    type(hr).objects.filter(pk=hr.pk).update(access_level="admin")
    assert waiting(hr_client) == 3


@pytest.mark.parametrize("rubbish", ["x", None, 7, [], {}, {"states": {}}])
def test_rubbish_in_the_cache_is_not_believed(admin_client, meera, rubbish):
    counts(admin_client)
    for key in list(cache._cache):
        cache.set(key.partition(":1:")[2], rubbish)
    assert admin_client.get(HOME).context["counts"][1].number == 1


def test_a_cache_that_is_down_is_done_without(admin_client, meera, settings, monkeypatch):
    monkeypatch.setattr(DispensableRedisCache, "_paused_until", 0.0)
    down = DispensableRedisCache("redis://127.0.0.1:9/0", {})
    monkeypatch.setattr(figures, "cache", down)
    for _ in range(2):
        assert admin_client.get(HOME).context["counts"][1].number == 1


def test_the_cache_holds_no_name(admin_client, admin, meera):
    move(meera, CaseStatus.DISCREPANCY, admin)
    admin_client.get(HOME)
    assert "Meera" not in repr(list(map(cache.get, [k.partition(":1:")[2] for k in cache._cache])))


def added_at(candidate, moment):
    Candidate.objects.filter(pk=candidate.pk).update(created_at=moment)


def test_twelve_weeks_by_people_and_by_programs(admin_client, admin, token, subtype, meera):
    add(Actor(admin, token), subtype)
    add(Actor(admin, token), subtype)
    source = Source.objects.create(company=admin.company, word="TalentLyft", name="Berlin")
    Candidate.objects.filter(pk=add(admin, subtype).pk).update(added_from=source)
    assert weeks(admin_client) == [(0, 0)] * 11 + [(1, 3)]


def test_a_week_begins_and_ends_at_local_midnight(admin_client, meera):
    starts = week_starts()
    assert all(timezone.localtime(start).hour == 0 for start in starts)
    assert timezone.localdate(starts[-1]) == timezone.localdate() - timedelta(days=6)
    second = timedelta(seconds=1)
    for moment, week in {
        starts[0] - second: None, starts[0]: 0, starts[1] - second: 0, starts[1]: 1,
        starts[11] - second: 10, starts[11]: 11, timezone.now(): 11,
    }.items():  # fmt: skip
        added_at(meera, moment)
        expected = [(1, 0) if n == week else (0, 0) for n in range(WEEKS)]
        assert weeks(admin_client) == expected, moment


def test_hr_counts_the_weeks_of_what_they_see(hr_client, hr, admin, subtype, meera):
    add(hr, subtype)
    assert weeks(hr_client)[-1] == (1, 0)


@pytest.mark.parametrize(
    ("largest", "step"),
    [(0, 1), (4, 1), (5, 2), (9, 3), (13, 5), (21, 10), (80, 20), (81, 30), (10**6, 300_000)],
)
def test_the_axis_reaches_the_largest_week(largest, step):
    assert step_for(largest) == step
    assert 4 * step >= largest


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    "numbers", [[(0, 0)] * 12, [(n, 2 * n) for n in range(12)], [(10**6, 1)] * 12]
)
def test_every_bar_stands_inside_the_drawing_and_is_as_high_as_its_number(width, numbers):
    chart = chart_of(weeks_from(numbers), width)
    (zero, _), (top, most) = chart.lines[0], chart.lines[-1]
    for bar in chart.bars:
        assert 0 <= bar.x < bar.x + bar.width <= width
        assert bar.people[0] >= top - 0.2
        height = bar.people[1] + bar.programs[1]
        assert height == pytest.approx((zero - top) * bar.week.total / most, abs=1.2)
    assert chart.bars[-1].week.last == timezone.localdate()
    assert chart.bars[-1].label


def test_the_drawing_has_words_and_a_table_beside_it(admin_client, meera):
    page = admin_client.get(HOME).content.decode()
    assert page.count('role="img"') == 2
    for name in ("wide", "narrow"):
        assert f'<title id="chart-{name}-title">Candidates added a week</title>' in page
        assert f'<desc id="chart-{name}-text">' in page
    assert page.count('data-label="By people"') == WEEKS
    assert " style=" not in page


def test_what_waits_for_somebody_is_listed_and_leads_there(
    admin_client, admin, hr, acme, subtype, token, meera
):
    for status, name in (
        (CaseStatus.DISCREPANCY, "Rohan Gupta"), (CaseStatus.DISCREPANCY, "Sneha Pillai"),
        (CaseStatus.CONSENT_MISSING, "A"), (CaseStatus.INSUFFICIENT_FUNDS, "B"),
    ):  # fmt: skip
        move(add(admin, subtype, name=name), status, admin)
    add(admin, subtype, filled_by="hr")
    meera.case.checks.filter(kind__name="Address").update(status="insufficiency")
    Package.objects.filter(pk=subtype.package_id).update(credits=9, name="Standard")
    type(admin).objects.filter(pk=hr.pk).update(access_level="admin")
    make_token(owner=acme, user=type(admin).objects.get(pk=hr.pk), name="Night")
    type(admin).objects.filter(pk=hr.pk).update(access_level="hr")
    today = date_format(timezone.localdate(), "j M Y")
    assert attention(admin_client) == {
        "2 discrepancies": "Sneha Pillai, Rohan Gupta",
        "1 consent missing": f"Oldest since {today}",
        "1 insufficiency": "Address",
        "1 form to fill in": "You chose to do it for the candidate",
        "1 case without funds": "They go on when credits are there",
        "1 token has stopped": "Night",
        "1 package is nearly used up": "Standard",
    }
    for item in admin_client.get(HOME).context["attention"]:
        assert admin_client.get(item.url).status_code == 200


def test_hr_is_told_of_its_own_cases_and_neither_of_tokens_nor_of_credits(
    hr_client, hr, admin, subtype, acme, meera
):
    move(meera, CaseStatus.DISCREPANCY, admin)
    meera.case.checks.update(status="insufficiency")
    Package.objects.update(credits=1)
    leaver = UserFactory(company=acme)
    make_token(owner=acme, user=leaver, name="Night")
    leaver.is_active = False
    leaver.save()
    assert attention(hr_client) == {}
    assert "Nothing waits for you." in hr_client.get(HOME).content.decode()
    move(add(hr, subtype, name="Of Joseph"), CaseStatus.DISCREPANCY, admin)
    assert attention(hr_client) == {"1 discrepancy": "Of Joseph"}


def test_names_are_escaped(admin_client, admin, subtype):
    one = add(admin, subtype)
    move(one, CaseStatus.DISCREPANCY, admin)
    Candidate.objects.filter(pk=one.pk).update(name="<script>alert(1)</script>")
    assert "<script>alert" not in admin_client.get(HOME).content.decode()


def test_the_latest_five_are_shown_newest_first(admin_client, admin, subtype):
    keys = [add(admin, subtype).pk for _ in range(7)]
    latest = admin_client.get(HOME).context["latest"]
    assert [candidate.pk for candidate in latest] == keys[:1:-1]


def test_the_latest_say_who_added_them(admin_client, through_token):
    assert "<bdi>API(Greenhouse sync)</bdi>" in admin_client.get(HOME).content.decode()


def test_admins_see_the_credits_of_their_own_packages(
    admin_client, admin, acme, subtype, foreign_subtype
):
    package = PackageFactory(company=acme, name="Standard", credits=0)
    change_credits(package=package, change=250, reason="bought", actor=Actor(admin))
    Package.objects.filter(pk=package.pk).update(credits=9)
    page = admin_client.get(HOME).content.decode()
    assert "<span>9 of 250</span>" in page
    assert 'value="9" max="250"' in page
    assert 'class="meter low"' in page
    assert "Globex only" not in page


@pytest.mark.parametrize("who", ["hr_client", "recruiter_client"])
def test_others_see_no_credits(request, who, subtype):
    page = request.getfixturevalue(who).get(HOME).content.decode()
    assert "Credits left" not in page


def test_a_recruiter_sees_neither_counts_nor_states_nor_dates(recruiter_client, recruiter, subtype):
    candidate = add(recruiter, subtype, name="Of Kavya")
    page = recruiter_client.get(HOME).content.decode()
    assert "Of Kavya" in page
    for hidden in ("Awaiting input", "In progress", "<time", 'class="counts"', "<svg class=\"chart",
                   "attention"):  # fmt: skip
        assert hidden not in page
    assert str(candidate.created_at.year) not in page.split("<table")[1]


def test_the_counts_link_to_the_list_of_that_state(admin_client, admin, meera):
    links = [c.url for c in admin_client.get(HOME).context["counts"] if c.url]
    assert links[1] == f"{reverse('candidates:list')}?state=3"
    rows = admin_client.get(links[1]).context["rows"]
    assert [candidate.pk for candidate in rows] == [meera.pk]
