"""The security history: both sequences as one, its filters, its CSV, and what it never shows."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.security.history import History
from accounts.security.models import SecurityEvent
from apitokens import services as tokens
from apitokens.models import APITokenEvent
from apitokens.models.event import unlocked_events
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/history/"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def say(company, kind, at=NOON, **details):
    event = SecurityEvent(company_id=company.pk, kind=kind, at=at, **details)
    event.save()
    return event


def lines_of(client, query=""):
    return client.get(f"{PAGE}{query}").context["page"].lines


def told(client, query=""):
    return [
        "; ".join(line.sentences(lambda s, **v: s.format(**v))) for line in lines_of(client, query)
    ]


def test_settings_log_ins_and_tokens_stand_in_one_sequence(admin_client, acme, admin):
    token, _jwt = make_token(acme, admin, name="Greenhouse sync")
    admin_client.post("/security-settings/password-expiry/", {"on": "on", "number": "90"})
    tokens.suspend_token(token=token, actor=admin)
    admin_client.post("/security-settings/password-expiry/", {"number": "90"})
    shown = [(line.what, line.who) for line in lines_of(admin_client)]
    assert shown == [
        ("Password expiry", "Asha Rao"), ("API token", "Asha Rao"), ("Password expiry", "Asha Rao"),
        ("API token", "Asha Rao"), ("Sign-in", "Asha Rao"),
    ]  # fmt: skip
    assert told(admin_client)[:3] == ["90 days → off", "Greenhouse sync suspended", "off → 90 days"]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("password-expiry", {"before": 180, "after": 1}, "180 days → 1 day"),
        ("auto-logout", {"before": 60, "after": None}, "60 min → off"),
        ("domains", {"before": [], "after": ["xn--bcher-kva.example"]}, "bücher.example added"),
        ("domains", {"before": ["a.test", "b.test"], "after": ["b.test"]}, "a.test removed"),
        ("domains", {"before": {"on": False}, "after": {"on": True}}, "off → on"),
        (
            "networks",
            {"before": ["::/8"], "after": ["10.0.0.0/8"]},
            "10.0.0.0/8 added; ::/8 removed",
        ),
        ("login-methods", {"before": ["microsoft"], "after": []}, "Microsoft: off → on"),
        ("second-factor", {"before": None, "after": 7}, "off → needed after 7 days"),
        ("signed-in", {"method": "google"}, "By Google"),
        ("signed-in", {}, ""),
        ("signed-in", {"method": "password", "second": "totp"}, "By Password and code"),
        ("signed-in", {"method": "password", "second": "x"}, "By Password"),
        ("refused", {"reason": "code"}, "Somebody unknown: wrong code"),
        ("refused", {"reason": "inactive"}, "Somebody unknown: account is disabled"),
        ("duties", {"before": "", "after": "Sales"}, "; none → Sales"),
        ("factor-added", {"factor": "webauthn", "name": "{x}"}, ": passkey {x}"),
        ("factor-removed", {"factor": "unheard-of"}, ": "),
        ("new-codes", {}, ""),
        ("refused", {"reason": "domain"}, "Somebody unknown: outside the listed domains"),
        ("ended", {"reason": "idle"}, "Somebody unknown: no activity"),
        ("password", [], ""),
        ("unheard-of", {"x": 1}, ""),
    ],
)
def test_each_kind_has_its_words_and_odd_data_breaks_no_page(admin_client, acme, kind, data, text):
    say(acme, kind, at=timezone.now() + timedelta(hours=1), data=data)
    assert told(admin_client)[0] == text


def walk(client, start, step):
    """Ids of the lines from *start* on, following the links named *step*."""
    url, found = start, []
    while url:
        context = client.get(url).context
        found.append([line.cursor for line in context["page"].lines])
        url = context[step]
    return found


@pytest.fixture
def crowd(acme, admin, token):
    """120 events of both kinds, many in the same instant, whose ids don't follow time."""
    for n in range(60):
        at = NOON - timedelta(seconds=n * 7 % 5)
        say(acme, "signed-in", at=at)
        event = APITokenEvent.objects.append(token, "copied", actor=admin, address=None)
        with unlocked_events("default"):
            APITokenEvent.objects.filter(pk=event.pk).update(at=at)


def test_pages_forth_and_back_show_every_line_once_in_the_same_order(admin_client, acme, crowd):
    everything = [line.cursor for line in History.of(acme).merged(descending=True)]
    assert len(everything) > 120
    forth = walk(admin_client, PAGE, "older_url")
    assert [cursor for page in forth for cursor in page] == everything
    last = admin_client.get(f"{PAGE}?after={forth[-2][-1]}").context["newer_url"]
    back = walk(admin_client, last, "newer_url")
    assert [c for page in reversed(back) for c in page] == everything[: -len(forth[-1])]


def test_a_page_costs_one_query_a_sequence(admin_client, crowd, django_assert_num_queries):
    with django_assert_num_queries(5):  # session, user, two sequences, the people to choose from
        admin_client.get(PAGE)


@pytest.mark.parametrize(
    "query",
    [
        "after=x", "after=1-s-0x1", "after=1-z-1", "before=-1-s-1", "after=", "before=%00",
        "after=1-s-1&before=1-s-1", "after=99999999999999999999-s-1", "after=١-s-1",
        "after=1-s-99999999999999999999",
    ],
)  # fmt: skip
def test_a_forged_cursor_is_400(admin_client, query):
    assert admin_client.get(f"{PAGE}?{query}").status_code == 400


@pytest.mark.parametrize("cursor", ["0-s-0", "9999999999999999-t-999999999999999999"])
def test_a_cursor_beyond_all_lines_is_an_empty_or_a_whole_page(admin_client, cursor):
    for side in ("after", "before"):
        assert admin_client.get(f"{PAGE}?{side}={cursor}").status_code == 200


def test_filters_by_kind_person_and_day(admin_client, acme, token, hr):
    APITokenEvent.objects.append(token, "copied", actor=hr, address=None)
    SecurityEvent.objects.append(acme.pk, "refused", subject=hr, reason="password")
    say(acme, "networks", at=datetime(2025, 1, 2, tzinfo=UTC))
    kinds = {line.kind for line in lines_of(admin_client, "?kind=token")}
    assert kinds == {"token"}
    assert [line.kind for line in lines_of(admin_client, "?kind=refused")] == ["refused"]
    theirs = lines_of(admin_client, f"?who={hr.pk}")
    assert sorted(line.kind for line in theirs) == ["refused", "token"]
    assert [line.kind for line in lines_of(admin_client, "?until=2025-12-31")] == ["networks"]
    assert "networks" not in [line.kind for line in lines_of(admin_client, "?since=2025-01-03")]
    assert lines_of(admin_client, "?kind=token&until=2025-12-31") == []


@pytest.mark.parametrize(
    "query", ["kind=x", "who=x", "who=%00", "since=x", "until=0000-99-99", "x=y"]
)
def test_filters_that_nothing_could_match_narrow_nothing(admin_client, query):
    assert len(lines_of(admin_client, f"?{query}")) == len(lines_of(admin_client)) == 1


def test_another_companys_events_and_people_are_never_there(admin_client, globex, other_admin):
    make_token(globex, other_admin, name="Secret of Globex")
    SecurityEvent.objects.append(globex.pk, "signed-in", actor=other_admin, subject=other_admin)
    SecurityEvent.objects.append(None, "refused", reason="password")
    for address in (PAGE, f"{PAGE}?who={other_admin.pk}", f"{PAGE}csv/?who={other_admin.pk}"):
        response = admin_client.get(address)
        text = b"".join(response) if response.streaming else response.content
        assert b"Globex" not in text
        assert b"Gita" not in text
    assert all(line.event.company_id for line in lines_of(admin_client))


def test_names_are_escaped_on_the_page_and_harmless_in_the_csv(admin_client, acme):
    bad = UserFactory(company=acme, email="x@acme.test", name="=1+1")
    for name in ("=1+1", "<script>alert(1)</script>"):
        User.objects.filter(pk=bad.pk).update(name=name)
        bad.refresh_from_db()
        SecurityEvent.objects.append(acme.pk, "signed-in", actor=bad, subject=bad)
    assert "<script>alert" not in admin_client.get(PAGE).content.decode()
    response = admin_client.get(f"{PAGE}csv/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(b"".join(response).decode())))
    assert rows[0] == ["When", "Setting", "Change", "Who", "From"]
    assert {row[3] for row in rows[1:]} == {"Asha Rao", "'=1+1", "<script>alert(1)</script>"}


def test_the_csv_has_every_line_under_the_same_filters(admin_client, acme, crowd):
    rows = b"".join(admin_client.get(f"{PAGE}csv/?kind=signed-in")).decode().splitlines()
    assert len(rows) == 1 + 60 + 1  # header, the crowd, the Admin's own log-in


def test_old_events_are_pruned_and_nothing_else(acme, capsys):
    say(acme, "signed-in", at=timezone.now() - timedelta(days=731))
    kept = say(acme, "signed-in", at=timezone.now() - timedelta(days=729))
    call_command("security_prune", "--dry-run")
    assert SecurityEvent.objects.count() == 2
    call_command("security_prune")
    assert list(SecurityEvent.objects.all()) == [kept]
    assert capsys.readouterr().out.split("\n")[:2] == [
        "Would delete 1 events.",
        "Deleted 1 events.",
    ]
    for days in ("29", "0", "-1", "99999"):
        with pytest.raises(CommandError):
            call_command("security_prune", f"--days={days}")
