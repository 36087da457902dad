"""The history page and its CSV: whose events, which of them, in what words."""

import csv
import io
from datetime import timedelta

import pytest

from apitokens import services
from apitokens.history import events_about
from apitokens.models import APITokenEvent
from apitokens.spreadsheets import csv_lines, safe_cell
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

HISTORY = "/security-settings/api/history/"
CSV = f"{HISTORY}csv/"


def text_of(response):
    return response.content.decode()


def rows_of(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def many(token, admin, count):
    for number in range(count):
        services.rename_token(token=token, name=f"Name {number:03}", actor=admin)


def test_every_kind_of_event_is_told_in_words(admin_client, acme, admin, settings):
    settings.APITOKENS_SCOPES = {"candidates:read": "Read"}
    act = {"actor": admin, "address": "203.0.113.24"}
    token, _ = make_token(owner=acme, user=admin, name="Greenhouse", lifetime=timedelta(hours=1))
    services.rename_token(token=token, name="Greenhouse sync", **act)
    services.rotate_token(token=token, overlap=timedelta(hours=1), **act)
    services.cut_old_credentials(token=token, **act)
    services.limit_token(token=token, scopes=[], networks=["203.0.113.0/28"], **act)
    services.suspend_token(token=token, **act)
    services.resume_token(token=token, **act)
    services.copy_token(token=token, **act)
    vikram = UserFactory(company=acme, name="Vikram Shah")
    services.take_over_token(token=token, actor=vikram)
    services.delete_token(token=token, **act)
    page = text_of(admin_client.get(HISTORY))
    for words in (
        "Ends after <bdi>1 h</bdi>", "May <bdi>candidates:read</bdi>",
        "From “<bdi>Greenhouse</bdi>”",
        "The old one works for <bdi>1 h</bdi>", "<bdi>1</bdi> old credential ended",
        "Scope <bdi>candidates:read</bdi> removed", "Address <bdi>203.0.113.0/28</bdi> added",
        "Worked as <bdi>Asha Rao</bdi> before", "Works as <bdi>Vikram Shah</bdi> from now on",
        "Suspended", "Resumed", "Copied", "Deleted", "203.0.113.24",
    ):  # fmt: skip
        assert words in page, words


def test_names_are_escaped_and_isolated(admin_client, acme, admin):
    token, _ = make_token(owner=acme, user=admin, name="<b>{x}</b>")
    services.rename_token(token=token, name="plain", actor=admin)
    assert "From “<bdi>&lt;b&gt;{x}&lt;/b&gt;</bdi>”" in text_of(admin_client.get(HISTORY))


def test_a_deleted_tokens_events_stay(admin_client, token, admin):
    services.delete_token(token=token, actor=admin)
    assert text_of(admin_client.get(HISTORY)).count(f"<code>{token.public_id}</code>") == 2


def test_another_owners_events_never_show(other_admin_client, token, jwt, present):
    for path in (HISTORY, f"{HISTORY}?token={token.public_id}", f"{HISTORY}?kind=created"):
        page = text_of(other_admin_client.get(path))
        assert token.name not in page
        assert "No event matches" in page
    assert len(rows_of(other_admin_client.get(f"{CSV}?token={token.public_id}"))) == 1


@pytest.mark.parametrize("path", [HISTORY, CSV])
def test_only_admins_see_it(path, token, client, hr_client, recruiter_client):
    assert client.get(path)["Location"].startswith("/login/?next=/security-settings/")
    assert hr_client.get(path).status_code == recruiter_client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=renamed", ["renamed"]),
        ("since=2026-11-25", ["copied"]),
        ("until=2026-11-24", ["renamed", "created"]),
        ("since=2026-11-24&until=2026-11-24", ["renamed", "created"]),
        ("kind=nonsense", ["copied", "renamed", "created"]),
        ("since=nonsense&until=0001-01-01", ["copied", "renamed", "created"]),
        ("until=9999-12-31", ["copied", "renamed", "created"]),
        ("token=tok_", ["copied", "renamed", "created"]),
        ("who=nobody", []),
        ("token=tok_000000000000", []),
    ],
)
def test_filters_narrow_and_forged_ones_do_no_harm(
    time_machine, admin_client, acme, admin, query, expected
):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    token, _ = make_token(owner=acme, user=admin)
    services.rename_token(token=token, name="Other", actor=admin)
    time_machine.move_to("2026-11-24T19:00:00Z", tick=False)  # the next day in India
    services.copy_token(token=token, actor=admin)
    admin_client.force_login(admin)
    lines = admin_client.get(f"{HISTORY}?{query}").context["events"]
    assert [line.event.kind for line in lines] == expected


def test_the_filter_by_person_and_by_token(admin_client, acme, admin, token):
    vikram = UserFactory(company=acme, name="Vikram Shah")
    services.rename_token(token=token, name="Other", actor=vikram)
    make_token(owner=acme, user=admin, name="Second")
    by_vikram = admin_client.get(f"{HISTORY}?who={vikram.pk}").context["events"]
    assert [line.event.kind for line in by_vikram] == ["renamed"]
    of_token = admin_client.get(f"{HISTORY}?token={token.public_id}").context["events"]
    assert [line.event.kind for line in of_token] == ["renamed", "created"]


def test_pages_follow_each_other_by_key_both_ways(admin_client, token, admin):
    many(token, admin, 60)
    seen, url = [], HISTORY
    while url:
        context = admin_client.get(url).context
        seen += [line.event.pk for line in context["events"]]
        last, url = url, context["older_url"]
    assert len(seen) == 61
    assert seen == sorted(seen, reverse=True)
    back = admin_client.get(admin_client.get(last).context["newer_url"]).context
    assert [line.event.pk for line in back["events"]] == seen[25:50]
    assert not admin_client.get(HISTORY).context["newer_url"]


@pytest.mark.parametrize(
    "query",
    ["after=0", "after=-1", "after=x", "after=", "before=1e3", "after=²", f"after={2**63}",
     "before=1&after=2", f"after={'9' * 40}", "after=%00"],
)  # fmt: skip
def test_a_forged_cursor_is_refused(admin_client, query):
    assert admin_client.get(f"{HISTORY}?{query}").status_code == 400


def test_a_page_is_one_query_without_count_or_offset(
    admin_client, token, admin, django_assert_max_num_queries
):
    many(token, admin, 60)
    newest = APITokenEvent.objects.latest("pk").pk
    with django_assert_max_num_queries(4) as queries:  # session, person, rows, filters
        admin_client.get(f"{HISTORY}?after={newest}")
    statements = " ".join(query["sql"] for query in queries)
    assert "COUNT(" not in statements
    assert "OFFSET" not in statements


def test_the_newest_events_of_one_token(token, admin, acme):
    many(token, admin, 30)
    make_token(owner=acme, user=admin, name="Second")
    lines = events_about(token)
    assert len(lines) == 25
    assert {line.event.token_public_id for line in lines} == {token.public_id}


def test_csv_has_a_header_iso_instants_and_the_filtered_rows(time_machine, acme, admin):
    from tests.conftest import signed_in

    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    token, jwt = make_token(
        owner=acme, user=admin, name="Greenhouse", scopes=[], address="203.0.113.24"
    )
    services.rename_token(token=token, name="=1+1", actor=admin)
    response = signed_in(admin).get(CSV)
    assert response["Content-Disposition"] == 'attachment; filename="api-token-history.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    header, renamed, created = rows_of(response)
    assert header == ["When", "Event", "Token", "Public id", "Who", "From", "Details"]
    at, name = "2026-11-24T10:00:00+00:00", "Asha Rao"
    assert renamed == [at, "Renamed", "'=1+1", token.public_id, name, "", "From “Greenhouse”"]
    assert created == [
        at, "Created", "Greenhouse", token.public_id, name, "203.0.113.24", "Never ends",
    ]  # fmt: skip
    assert len(rows_of(signed_in(admin).get(f"{CSV}?kind=renamed"))) == 2
    whole = b"".join(signed_in(admin).get(CSV).streaming_content).decode()
    assert jwt not in whole
    assert token.credential.jti.hex not in whole.replace("-", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_calculate_is_text(start):
    assert safe_cell(f"{start}1") == f"'{start}1"
    line = "".join(csv_lines([[f"{start}cmd", "a", None]]))
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{start}cmd", "a", ""]
