"""Where I am signed in: what the page shows, and signing out elsewhere."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import User
from accounts.signin import middleware
from accounts.signin.browsers import browser_of
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/account/sessions/"
CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
EDGE = CHROME + " Edg/142.0.0.0"


def browser(user, agent=CHROME, address="203.0.113.24"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    assert log_in(client, user.email).status_code == 302
    return client


def shown(client):
    return [
        (one.browser, one.system, one.address, one.method, one.is_current)
        for one in client.get(PAGE).context["sessions"]
    ]


def is_in(client):
    return client.get("/password/").status_code == 200


def test_the_heading_of_the_buttons_stands_above_them(admin):
    page = browser(admin).get(PAGE).content.decode()
    head = page[page.index("<thead") : page.index("</thead>")]
    assert head.count('<th role="columnheader" scope="col"') == 5
    assert '<th role="columnheader" scope="col" class="cell-end">Actions</th>' in head


def test_each_session_stands_with_browser_address_and_method_this_one_first(admin):
    browser(admin, FIREFOX, "198.51.100.7")
    here = browser(admin)
    assert shown(here) == [
        ("Chrome 142", "macOS", "203.0.113.24", "Password", True),
        ("Firefox 145", "Windows", "198.51.100.7", "Password", False),
    ]
    assert here.get(PAGE).content.decode().count("This one") == 1


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (CHROME, ("Chrome 142", "macOS", False)),
        (SAFARI, ("Safari 19", "iPhone", True)),
        (FIREFOX, ("Firefox 145", "Windows", False)),
        (EDGE, ("Edge 142", "macOS", False)),
        ("", ("Unknown browser", "", False)),
        ("curl/8.5", ("Unknown browser", "", False)),
        ("<script>alert(1)</script>" * 20, ("Unknown browser", "", False)),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent, expected):
    assert browser_of(agent) == expected


def test_one_session_is_signed_out_and_the_others_go_on(admin):
    there, third, here = browser(admin, SAFARI), browser(admin, FIREFOX), browser(admin)
    row = UserSession.objects.get(session_key=there.session.session_key)
    answer = here.post(PAGE, {"session": row.pk}, follow=True)
    assert "1 session is signed out." in answer.content.decode()
    assert [is_in(client) for client in (there, third, here)] == [False, True, True]


def test_all_others_are_signed_out_at_once(admin, hr):
    others, colleague, here = (
        [browser(admin, SAFARI) for _ in range(3)],
        browser(hr),
        browser(admin),
    )
    assert "3 sessions are signed out." in here.post(PAGE, follow=True).content.decode()
    assert not any(is_in(client) for client in others)
    assert is_in(here)
    assert is_in(colleague)
    assert "signed in nowhere else" in here.post(PAGE, follow=True).content.decode()


@pytest.mark.parametrize("session", ["0", "-1", "x", "9" * 5000, "1.5", "²", ""])
def test_a_session_that_is_nobodys_is_not_found(admin, session):
    there, here = browser(admin, SAFARI), browser(admin)
    assert here.post(PAGE, {"session": session}).status_code == 404
    assert is_in(there)


def test_nobody_signs_another_person_out(admin, hr, other_admin):
    here = browser(admin)
    for person in (hr, other_admin):
        theirs = browser(person)
        row = UserSession.objects.get(session_key=theirs.session.session_key)
        assert here.post(PAGE, {"session": row.pk}).status_code == 404
        assert is_in(theirs)
        assert len(shown(here)) == 1


def test_this_session_is_not_signed_out_by_its_number(admin):
    here = browser(admin)
    row = UserSession.objects.get(session_key=here.session.session_key)
    assert here.post(PAGE, {"session": row.pk}).status_code == 404
    assert is_in(here)


def test_signing_out_needs_a_csrf_token_and_a_session(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(PAGE).status_code == 403
    assert Client().post(PAGE)["Location"] == f"/login/?next={PAGE}"


def test_ended_sessions_are_not_shown_and_are_forgotten_at_the_next_log_in(admin):
    browser(admin, SAFARI).post("/logout/")
    User.objects.filter(pk=admin.pk).update(is_active=False)
    User.objects.filter(pk=admin.pk).update(is_active=True)
    here = browser(admin)
    assert len(shown(here)) == 1
    here.post("/logout/")
    browser(admin)
    assert UserSession.objects.count() == 1


def test_a_session_keeps_its_line_when_its_key_changes(admin):
    here = browser(admin)
    here.post("/account/confirm/", {"password": PASSWORD})
    new = "a brand new passphrase"
    assert len(shown(here)) == 1
    there = browser(admin)
    here.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert len(shown(here)) == 1
    assert not is_in(there)


def test_the_page_costs_the_same_however_many_sessions_there_are(admin, django_assert_num_queries):
    here = browser(admin)
    is_in(here)
    with django_assert_num_queries(4):
        here.get(PAGE)
    for _ in range(5):
        browser(admin, SAFARI)
    with django_assert_num_queries(4):
        here.get(PAGE)


def test_last_use_is_written_once_a_minute_and_never_at_a_requests_expense(
    admin, django_assert_num_queries, monkeypatch
):
    here = browser(admin)
    moved = {"REMOTE_ADDR": "203.0.113.99"}
    middleware._noted.clear()
    with django_assert_num_queries(3):
        here.get("/password/", **moved)
    assert UserSession.objects.get().ip == "203.0.113.99"
    with django_assert_num_queries(2):
        here.get("/password/", **moved)
    now = middleware.time.monotonic()
    monkeypatch.setattr(middleware.time, "monotonic", lambda: now + 61)
    with django_assert_num_queries(3):
        here.get("/password/", **moved)


def test_a_database_that_can_not_write_costs_the_page_nothing(admin, monkeypatch):
    from django.db import OperationalError

    def fail(*args, **kwargs):
        raise OperationalError("database is locked")

    here = browser(admin)
    middleware._noted.clear()
    monkeypatch.setattr("django.db.models.query.QuerySet.update", fail)
    assert is_in(here)


def test_what_a_process_remembers_of_sessions_is_bounded(monkeypatch):
    monkeypatch.setattr(middleware, "MEMORY", 3)
    middleware._noted.clear()
    assert [middleware._is_due(key) for key in "abcd"] == [True] * 4
    assert list(middleware._noted) == ["b", "c", "d"]


def test_everybody_has_their_own_page(recruiter):
    assert browser(recruiter).get(PAGE).status_code == 200
    assert signed_in(UserFactory()).get(PAGE).status_code == 200
