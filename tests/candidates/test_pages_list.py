"""The list: what it shows, what it is narrowed to, and by whom."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from apitokens.attribution import Actor
from apitokens.services import delete_token, rename_token
from candidates.demo.states import bring_to
from candidates.models import Candidate, CaseStatus
from candidates.pages import narrowing
from tests.candidates.conftest import add
from tests.factories import (
    CategoryFactory,
    PackageFactory,
    StaffFactory,
    SubtypeFactory,
    TagFactory,
    UserFactory,
    make_token,
)

LIST = reverse("candidates:list")


def names(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [candidate.name for candidate in response.context["rows"]]


def text(client, **query):
    """The page without what differs from one answer to the next by itself."""
    page = client.get(LIST, query).content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_nobody_signed_in_is_sent_to_the_log_in(client, db):
    response = client.get(LIST)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('login')}?next={LIST}"


def test_a_candidate_added_by_hand_shows_the_persons_name(admin_client, meera):
    page = text(admin_client)
    assert "<bdi>Meera Iyer</bdi>" in page
    assert '<td role="cell" data-label="Added by"><bdi>Asha Rao</bdi>' in page
    assert "API(" not in page.split("<tbody")[1]


def test_a_candidate_added_through_a_token_shows_its_label_linked(
    admin_client, through_token, token
):
    page = text(admin_client)
    link = f'<a href="{LIST}?added_by={token.public_id}"><bdi>API(Greenhouse sync)</bdi></a>'
    assert link in page
    assert "icons.svg#code-slash" in page


def test_the_label_follows_a_new_name(admin_client, admin, through_token, token):
    rename_token(token=token, name="Greenhouse EU", actor=admin)
    page = text(admin_client)
    assert "<bdi>API(Greenhouse EU)</bdi>" in page
    assert "Greenhouse sync" not in page


def test_a_deleted_token_keeps_its_label_muted_and_without_link(
    admin_client, admin, through_token, token
):
    delete_token(token=token, actor=admin)
    page = text(admin_client)
    assert "<bdi>API(Greenhouse sync)</bdi> (deleted)" in page
    assert 'class="added-by muted"' in page
    assert token.public_id not in page


@pytest.mark.parametrize("status", CaseStatus)
def test_a_state_is_shown_in_words_with_its_tone_and_icon(admin_client, admin, meera, status):
    bring_to(case=meera.case, status=status, actor=Actor(admin))
    badge = text(admin_client).split('class="badge ')[1].split("</span>")[0]
    assert str(status.label) in badge
    assert badge.startswith("tone-")
    assert "icons.svg#" in badge


def test_markup_in_a_name_is_shown_and_not_run(admin_client, admin, subtype):
    add(admin, subtype, name="<script>alert(1)</script>", employee_id='"><img src=x>')
    page = text(admin_client)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_without_candidates_the_page_says_what_to_do(admin_client):
    page = text(admin_client)
    assert "No candidates yet" in page
    assert reverse("apitokens:list") in page
    assert "<table" not in page


def test_when_nothing_matches_the_page_says_so_and_keeps_the_filters(admin_client, meera):
    page = text(admin_client, q="nobody of this name")
    assert "Nobody matches" in page
    assert 'value="nobody of this name"' in page


@pytest.mark.parametrize("words", ["rohan", "GUPTA", "r.gupta@", "98450", " rohan "])
def test_the_search_finds_name_mail_and_phone(admin_client, admin, subtype, words):
    add(admin, subtype, name="Meera Iyer")
    add(admin, subtype, name="Rohan Gupta", email="r.gupta@example.in", phone="9845012345")
    assert names(admin_client, q=words) == ["Rohan Gupta"]


@pytest.mark.parametrize(
    "words", ["upta", "ohan", "gmail", "45012", "gupta@", "%", "_ohan", "r%", "Rohan  Gupta x"]
)
def test_the_search_finds_beginnings_and_nothing_else(admin_client, admin, subtype, words):
    add(admin, subtype, name="Rohan Gupta", email="r.gupta@gmail.com", phone="9845012345")
    assert names(admin_client, q=words) == []


def test_a_mobile_is_found_in_the_groups_that_people_write(admin_client, admin, subtype):
    add(admin, subtype, name="Rohan Gupta", phone="9845012345")
    assert names(admin_client, q="98450 12345") == ["Rohan Gupta"]


@pytest.mark.parametrize("glanced", [2000, 3])
def test_the_search_is_paged_and_narrowed_like_the_list(
    admin_client, hr_client, hr, admin, token, subtype, monkeypatch, glanced
):
    """Whether they are found in the list itself, or by the indexes of texts."""
    monkeypatch.setattr(narrowing, "GLANCED", glanced)
    keys = [add(admin, subtype, name="Rohan Gupta").pk for _ in range(60)]
    add(admin, subtype, name="Meera Iyer")
    own = add(hr, subtype, name="Rohan Gupta").pk
    by_token = add(Actor(admin, token), subtype, name="Rohan Gupta").pk
    everyone = sorted([*keys, own, by_token], reverse=True)
    forth, url = [], f"{LIST}?q=gupta"
    while url:
        context = admin_client.get(url).context
        forth.append([row.pk for row in context["rows"]])
        last, url = context, context["next_url"]
    assert [key for page in forth for key in page] == everyone
    assert [len(page) for page in forth] == [25, 25, 12]
    back = admin_client.get(last["previous_url"]).context
    assert [row.pk for row in back["rows"]] == everyone[25:50]
    assert [row.pk for row in hr_client.get(f"{LIST}?q=gupta").context["rows"]] == [own]
    found = admin_client.get(LIST, {"q": "rohan", "added_by": token.public_id, "state": "3"})
    assert [row.pk for row in found.context["rows"]] == [by_token]
    assert names(admin_client, q="rohan", state="1") == []


def test_the_state_filter_shows_only_that_state(admin_client, admin, subtype):
    first, second = add(admin, subtype, name="One"), add(admin, subtype, name="Two")
    bring_to(case=first.case, status=CaseStatus.IN_PROGRESS, actor=Actor(admin))
    assert names(admin_client, state="0") == ["One"]
    assert names(admin_client, state="3") == ["Two"]
    assert second.pk > first.pk


def test_the_package_filter_shows_all_its_subtypes(admin_client, admin, subtype):
    sibling = SubtypeFactory(package=subtype.package)
    other = SubtypeFactory(package__company=subtype.package.company)
    for name, kind in (("One", subtype), ("Two", sibling), ("Three", other)):
        add(admin, kind, name=name)
    assert names(admin_client, package=subtype.package.pk) == ["Two", "One"]


@pytest.fixture
def four(admin, acme, token, subtype):
    """By two people and by two tokens of the first of them."""
    vikram = UserFactory(company=acme, name="Vikram Shah")
    other, _jwt = make_token(owner=acme, user=admin, name="Campus day")
    add(admin, subtype, name="By Asha")
    add(vikram, subtype, name="By Vikram")
    add(Actor(admin, token), subtype, name="By Greenhouse")
    add(Actor(admin, other), subtype, name="By Campus")
    return {"asha": f"user-{admin.pk}", "vikram": f"user-{vikram.pk}",
            "greenhouse": token.public_id, "campus": other.public_id}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("", ["By Campus", "By Greenhouse", "By Vikram", "By Asha"]),
        ("people", ["By Vikram", "By Asha"]),
        ("api", ["By Campus", "By Greenhouse"]),
        ("asha", ["By Asha"]),
        ("vikram", ["By Vikram"]),
        ("greenhouse", ["By Greenhouse"]),
        ("campus", ["By Campus"]),
    ],
)
def test_the_list_is_narrowed_by_who_added(admin_client, four, who, expected):
    assert names(admin_client, added_by=four.get(who, who)) == expected


def test_the_link_of_a_deleted_token_still_finds_what_it_added(
    admin_client, admin, through_token, meera, token
):
    delete_token(token=token, actor=admin)
    assert names(admin_client, added_by=token.public_id) == ["Rohan Gupta"]
    page = text(admin_client, added_by=token.public_id)
    assert f'<option value="{token.public_id}" selected>API(Greenhouse sync)</option>' in page


def test_filters_work_together(admin_client, admin, token, subtype):
    add(admin, subtype, name="Rohan Hand")
    wanted = add(Actor(admin, token), subtype, name="Rohan Token")
    add(Actor(admin, token), subtype, name="Meera Token")
    bring_to(case=wanted.case, status=CaseStatus.DISCREPANCY, actor=Actor(admin))
    query = {"q": "rohan", "state": "5", "added_by": "api", "package": subtype.package.pk}
    assert names(admin_client, **query) == ["Rohan Token"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "99"),
        ("state", "2"),
        ("state", "processing"),
        ("state", "0 OR 1=1"),
        ("package", "x"),
        ("package", "0"),
        ("package", "9" * 30),
        ("added_by", "someone"),
        ("added_by", "user-"),
        ("added_by", "user-0"),
        ("added_by", "user--1"),
        ("added_by", "tok_short"),
        ("added_by", "user-" + "9" * 30),
        ("added_by", "\x00"),
        ("category", "x"),
        ("category", "0"),
        ("category", "9" * 30),
        ("category", "1 OR 1=1"),
        ("tag", "x"),
        ("tag", "-1"),
        ("tag", "9" * 30),
        ("tag", "\x00"),
        ("since", "yesterday"),
        ("since", "2026-02-30"),
        ("since", "1999-12-31"),
        ("since", "3000-01-01"),
        ("until", "1999-12-31"),
        ("until", "0001-01-01"),
        ("until", "\x00"),
        ("until", "1" * 100_000),
        ("q", "\x00"),
        ("q", "x" * 100_000),
        ("q", "\x1b[31m"),
        ("order_by", "company"),
        ("company", "1"),
        ("live_email__isnull", "x"),
    ],
)
def test_unknown_values_narrow_nothing(admin_client, meera, name, value):
    assert names(admin_client, **{name: value}) == ["Meera Iyer"]


def test_undecodable_bytes_in_the_address_are_no_error(admin_client, meera):
    assert admin_client.get(f"{LIST}?q=%ff%fe&added_by=%ed%a0%80&state=%00").status_code == 200


def test_another_companys_candidates_are_never_listed(admin_client, meera, foreign):
    assert names(admin_client) == ["Meera Iyer"]
    assert names(admin_client, q="Foreign") == []


def test_ids_of_another_company_match_nothing_and_tell_nothing(
    admin_client, meera, foreign, globex, other_admin
):
    secret, _jwt = make_token(owner=globex, user=other_admin, name="Globex secret")
    unknown = text(admin_client, added_by="tok_000000000000")
    theirs = text(admin_client, added_by=secret.public_id)
    assert names(admin_client, added_by=secret.public_id) == []
    assert theirs == unknown
    assert names(admin_client, added_by=f"user-{other_admin.pk}") == []
    package = foreign.case.subtype.package
    unlike = text(admin_client, package=package.pk + 1000)
    assert text(admin_client, package=package.pk) == unlike


@pytest.mark.parametrize("kind", ["category", "tag"])
def test_a_category_or_tag_of_another_company_is_like_nobodys(
    admin_client, meera, foreign, globex, kind
):
    make = {"category": CategoryFactory, "tag": TagFactory}[kind]
    theirs = make(company=globex, name="Globex kind")
    if kind == "tag":
        foreign.tags.add(theirs)
    else:
        Candidate.objects.filter(pk=foreign.pk).update(category=theirs)
    page = text(admin_client, **{kind: theirs.pk})
    assert page == text(admin_client, **{kind: theirs.pk + 1000})
    assert "Globex kind" not in page
    assert names(admin_client, **{kind: theirs.pk}) == ["Meera Iyer"]


def test_the_category_and_the_tag_filter_show_only_theirs(admin_client, admin, acme, subtype):
    category, tag = CategoryFactory(company=acme), TagFactory(company=acme)
    add(admin, subtype, name="One", category=category)
    add(admin, subtype, name="Two", tags=[tag, TagFactory(company=acme)])
    add(admin, subtype, name="Three")
    assert names(admin_client, category=category.pk) == ["One"]
    assert names(admin_client, tag=tag.pk) == ["Two"]
    assert names(admin_client, category=category.pk, tag=tag.pk) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"since": "2026-03-10"}, ["Next", "Last", "First"]),
        ({"until": "2026-03-10"}, ["Last", "First", "Before"]),
        ({"since": "2026-03-10", "until": "2026-03-10"}, ["Last", "First"]),
        ({"since": "2026-03-12"}, []),
    ],
)
def test_days_are_the_portals_and_both_are_included(admin_client, admin, subtype, query, expected):
    """Midnight in Kolkata is 18:30 of the day before in UTC."""
    for name, instant in [
        ("Before", "2026-03-09T18:29:59.999999Z"),
        ("First", "2026-03-09T18:30:00Z"),
        ("Last", "2026-03-10T18:29:59.999999Z"),
        ("Next", "2026-03-10T18:30:00Z"),
    ]:
        row = add(admin, subtype, name=name)
        Candidate.objects.filter(pk=row.pk).update(created_at=datetime.fromisoformat(instant))
    assert names(admin_client, **query) == expected


@pytest.mark.parametrize(
    ("field", "query", "error"),
    [
        ("since", {"since": "10.3.2026"}, "Enter a day as year-month-day, like 2026-11-24"),
        ("until", {"until": "1999-12-31"}, "Choose a day from 2000 to 2999"),
        ("until", {"since": "2026-03-11", "until": "2026-03-10"}, "This day is before the first"),
    ],
)
def test_a_wrong_day_is_said_at_its_field_and_narrows_nothing(
    admin_client, meera, field, query, error
):
    response = admin_client.get(LIST, query)
    form = response.context["filters"]
    assert form.errors == {field: [error]}
    assert form.narrowing == {}
    page = response.content.decode()
    assert re.search(rf'<input type="date" name="{field}"[^>]* aria-invalid="true"', page)
    assert error in page.split(f'id="id_{field}_error"')[1].split("</div>")[0]
    assert '<details class="more-filters" open>' in page
    assert "Meera Iyer" in page


def test_more_filters_are_folded_until_one_of_them_is_in_force(admin_client, meera):
    folded, unfolded = '<details class="more-filters">', '<details class="more-filters" open>'
    category, tag = CategoryFactory(company=meera.company), TagFactory(company=meera.company)
    for query in ({}, {"state": "3"}, {"q": "nobody"}, {"category": "x"}, {"since": ""}):
        assert folded in text(admin_client, **query)
    for query in ({"category": category.pk}, {"tag": tag.pk}, {"since": "2026-01-01"}):
        assert unfolded in text(admin_client, **query)


def test_the_filters_stay_in_the_links_to_other_pages(admin_client, admin, subtype):
    for _ in range(26):
        add(admin, subtype)
    url = admin_client.get(f"{LIST}?since=2026-01-01&until=2999-01-01&tag=x").context["next_url"]
    assert url.startswith(f"{LIST}?since=2026-01-01&until=2999-01-01&after=")


def test_when_no_day_matches_the_page_says_so_and_keeps_the_days(admin_client, meera):
    page = text(admin_client, until="2001-01-01")
    assert "Nobody matches" in page
    assert 'value="2001-01-01"' in page


def test_the_menus_offer_nothing_of_another_company(admin_client, meera, foreign, globex):
    make_token(owner=globex, name="Globex secret")
    PackageFactory(company=globex, name="Globex package")
    CategoryFactory(company=globex, name="Globex category")
    TagFactory(company=globex, name="Globex tag")
    page = text(admin_client)
    for name in ("Globex secret", "Globex package", "Gita Globex", "Globex only", "Globex category",
                 "Globex tag"):  # fmt: skip
        assert name not in page
    assert "Asha Rao" in page


def test_hr_lists_what_they_added_by_hand_and_nothing_else(
    hr_client, hr, admin, token, subtype, meera
):
    add(hr, subtype, name="Of Joseph")
    add(Actor(hr, token), subtype, name="Of Josephs token")
    assert names(hr_client) == ["Of Joseph"]
    page = text(hr_client)
    assert "Awaiting input" in page
    assert "Asha Rao" not in page


@pytest.mark.parametrize("who", ["people", "api", "tok_000000000000", "user-1"])
def test_hr_cant_reach_others_by_the_adder_filter(hr_client, hr, subtype, through_token, who):
    add(hr, subtype, name="Of Joseph")
    assert names(hr_client, added_by=who) == ["Of Joseph"]
    assert "Greenhouse" not in text(hr_client, added_by=who)


def test_recruiters_see_neither_states_nor_dates(recruiter_client, recruiter, subtype, meera):
    candidate = add(recruiter, subtype, name="Of Kavya")
    page = text(recruiter_client)
    assert names(recruiter_client) == ["Of Kavya"]
    table = page.split("<table")[1]
    for hidden in ("Awaiting input", "State", "Added on", str(candidate.created_at.year)):
        assert hidden not in table
    assert 'name="state"' not in page


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("day", ["2001-01-01", "2900-01-01", "x"])
def test_a_recruiter_cant_learn_a_day_by_filtering(recruiter_client, recruiter, subtype, name, day):
    add(recruiter, subtype, name="Of Kavya")
    plain, asked = text(recruiter_client), text(recruiter_client, **{name: day})
    assert asked == plain
    assert 'type="date"' not in plain
    assert 'name="category"' in plain


def test_hr_is_narrowed_within_what_they_see(hr_client, hr, admin, acme, subtype):
    mine, other = CategoryFactory(company=acme), CategoryFactory(company=acme)
    tag = TagFactory(company=acme)
    hr.categories.add(mine)
    add(admin, subtype, name="Of a colleague", category=other, tags=[tag])
    add(admin, subtype, name="Of my category", category=mine, tags=[tag])
    add(hr, subtype, name="Of Joseph", category=other, tags=[tag])
    assert names(hr_client, category=other.pk) == ["Of Joseph"]
    assert names(hr_client, category=mine.pk) == ["Of my category"]
    assert names(hr_client, tag=tag.pk) == ["Of Joseph", "Of my category"]
    assert names(hr_client, since="2000-01-01") == ["Of Joseph", "Of my category"]


@pytest.mark.parametrize("state", ["0", "3"])
def test_a_recruiter_cant_learn_the_state_by_filtering(recruiter_client, recruiter, subtype, state):
    add(recruiter, subtype, name="Of Kavya")
    assert names(recruiter_client, state=state) == ["Of Kavya"]


def test_staff_without_a_company_get_403(client, db):
    client.force_login(StaffFactory())
    assert client.get(LIST).status_code == 403
