"""The log of a candidate: who, what, when and from where; narrowed, and page by page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.models import CaseStatus, LogEntry
from candidates.services.cases import consent, submit_form
from candidates.services.log import record
from candidates.templatetags.candidates import CHECK_CHANGED, DONE, LINES, log_icon
from tests.candidates.conftest import add
from tests.factories import StaffFactory, UserFactory


@pytest.fixture
def busy(admin, token, acme, subtype):
    """Added by a token; worked by staff, edited by Asha and by somebody who is gone."""
    candidate = add(Actor(admin, token, "203.0.113.9"), subtype, name="Meera Iyer")
    consent(case=candidate.case, actor=None, address="192.0.2.3")
    submit_form(case=candidate.case, actor=None, address="192.0.2.3")
    staff = Actor(StaffFactory(name="Ravi of ours"), address="198.51.100.4")
    bring_to(case=candidate.case, status=CaseStatus.DISCREPANCY, actor=staff)
    leaver = UserFactory(company=acme)
    for person in (leaver, admin):
        record(candidate, LogEntry.Kind.EDITED, Actor(person, None, "203.0.113.7"), fields="name")
    record(candidate, LogEntry.Kind.STATUS_CHANGED, Actor(), before=9, after=0)
    User.objects.get(pk=leaver.pk).delete()
    return candidate


def page(client, candidate, **query):
    response = client.get(reverse("candidates:detail", args=[candidate.pk]), query)
    assert response.status_code == 200
    return response.content.decode().split('id="log"')[1]


def lines(client, candidate, **query):
    found = re.findall(r'<span class="log-text">(.*?)</span>', page(client, candidate, **query))
    texts = [line.split('<span class="second">')[0] for line in found]
    return [re.sub(r"<[^>]*>", "", text) for text in texts]


def offered(client, candidate, name):
    select = page(client, candidate).split(f'name="{name}"')[1].split("</select>")[0]
    return re.findall(r'value="([^"]*)"', select)


def test_one_person_is_shown_alone(admin_client, admin, token, busy):
    assert lines(admin_client, busy, who=f"user-{admin.pk}") == ["Asha Rao changed name"]
    assert lines(admin_client, busy, who=token.public_id) == [
        "API(Greenhouse sync) added the candidate"
    ]
    by_candidate = lines(admin_client, busy, who="candidate")
    assert len(by_candidate) == 3
    assert all(line.startswith("Meera Iyer ") for line in by_candidate)
    assert lines(admin_client, busy, who="nobody") == ["Deleted user changed name"]


def test_our_staff_and_what_the_portal_does_by_itself_are_operations(admin_client, busy):
    shown = lines(admin_client, busy, who="operations")
    assert shown[0] == "Operations changed the state from On hold to In progress"
    assert len(shown) > 3
    assert all(line.startswith("Operations ") for line in shown)
    assert "Ravi" not in page(admin_client, busy)


def test_everyone_who_did_something_is_offered_once(admin_client, admin, token, busy):
    assert sorted(offered(admin_client, busy, "who")) == sorted(
        ["", "operations", "candidate", "nobody", f"user-{admin.pk}", token.public_id]
    )


def test_a_kind_has_in_the_filter_the_words_of_its_lines(admin_client, admin, busy):
    record(busy, LogEntry.Kind.INVITED, Actor(admin))
    words = "sent the link to the form"
    assert lines(admin_client, busy, kind="invited") == [f"Asha Rao {words}"]
    assert f'<option value="invited" selected>{words}</option>' in (
        admin_client.get(f"/candidates/{busy.pk}/", {"kind": "invited"}).content.decode()
    )


def test_one_kind_is_shown_alone_and_both_filters_together(admin_client, admin, busy):
    assert len(lines(admin_client, busy, kind="edited")) == 2
    assert lines(admin_client, busy, kind="edited", who=f"user-{admin.pk}") == [
        "Asha Rao changed name"
    ]
    assert "No line matches" in page(admin_client, busy, kind="edited", who="candidate")


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nonsense"}, {"who": "user-999999"}, {"who": "user-0 OR 1"}, {"kind": "\x00"},
        {"who": "operations'"}, {"who": "9" * 200}, {"kind": "erased' --"},
    ],
)  # fmt: skip
def test_what_is_not_offered_narrows_nothing(admin_client, busy, query):
    assert lines(admin_client, busy, **query) == lines(admin_client, busy)


def test_a_recruiter_neither_sees_nor_can_ask_how_the_case_stands(
    recruiter_client, recruiter, busy
):
    busy.added_by, busy.added_through = recruiter, None
    busy.save()
    told = {"status-changed", "check-changed", "check-assigned", "decided", "reported"}
    assert told.isdisjoint(offered(recruiter_client, busy, "kind"))
    everything = lines(recruiter_client, busy)
    assert everything
    assert not [line for line in everything if "state" in line or " set " in line]
    for kind in told:
        assert lines(recruiter_client, busy, kind=kind) == everything


@pytest.mark.parametrize(("who", "shown"), [("admin_client", True), ("hr_client", False)])
def test_addresses_are_for_admins(request, who, shown, busy, hr):
    busy.added_by, busy.added_through = hr, None
    busy.save()
    text = page(request.getfixturevalue(who), busy)
    for address in ("192.0.2.3", "198.51.100.4", "203.0.113.7"):
        assert (f"From {address}" in text) is shown
        assert (address in text) is shown


@pytest.fixture
def long(meera, admin):
    """Two hundred lines and one: the last says who added it."""
    LogEntry.objects.bulk_create(
        LogEntry(
            candidate=meera, kind="edited", added_by=admin, data={"fields": f"number {n}"}
        )
        for n in range(200)
    )  # fmt: skip
    return meera


def links(text):
    found = re.findall(r'href="(\?[^"]*)" rel="(prev|next)"', text)
    return {rel: url.replace("&amp;", "&") for url, rel in found}


def test_a_long_log_is_read_page_by_page_to_its_end_and_back(admin_client, long):
    address = reverse("candidates:detail", args=[long.pk])
    seen, url = [], "?"
    for _page in range(3):
        text = admin_client.get(address + url.split("#")[0]).content.decode()
        seen.append(re.findall(r"changed number (\d+)", text))
        last, url = text, links(text).get("next", "")
    assert [len(numbers) for numbers in seen] == [100, 100, 0]
    assert [n for numbers in seen for n in numbers] == [str(n) for n in range(199, -1, -1)]
    assert "added the candidate" in last
    before = admin_client.get(address + links(last)["prev"].split("#")[0]).content.decode()
    assert re.findall(r"changed number (\d+)", before) == seen[1]


def test_paging_keeps_the_filters(admin_client, admin, long):
    text = page(admin_client, long, kind="edited", who=f"user-{admin.pk}")
    url = links(text)["next"]
    assert url.startswith(f"?who=user-{admin.pk}&kind=edited&after=")
    assert url.endswith("#log")


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "1", "before": "2"}, {"after": -1}])
def test_a_cursor_that_no_page_links_to_is_400(admin_client, meera, query):
    url = reverse("candidates:detail", args=[meera.pk])
    assert admin_client.get(url, query).status_code == 400


def test_a_long_log_takes_no_more_queries(admin_client, long, django_assert_num_queries):
    with django_assert_num_queries(8):
        page(admin_client, long)


def test_every_line_has_an_icon_that_there_is():
    sheet = (Path(settings.BASE_DIR) / "static/icons.svg").read_text()
    for name in [*CHECK_CHANGED.values(), *DONE.values(), *LINES.values(), "code-slash"]:
        assert f'id="{name}"' in sheet
    marks = [log_icon(LogEntry(kind=kind)) for kind in LogEntry.Kind]
    assert len(set(marks)) >= len(LINES) - 1


def test_the_icon_follows_from_what_was_done(busy):
    marks = {(entry.kind, entry.data.get("check_status")): log_icon(entry) for entry in
             busy.log.with_adder()}  # fmt: skip
    assert marks["check-changed", "major"] == "exclamation-octagon"
    assert marks["added", None] == "code-slash"
    assert log_icon(LogEntry(kind="decided", data={"act": "close"})) == "lock"
