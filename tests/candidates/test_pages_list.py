"""The list: what it shows, what it is narrowed to, and by whom."""

import re

import pytest
from django.urls import reverse

from apitokens.attribution import Actor
from apitokens.services import delete_token, rename_token
from candidates.demo.states import bring_to
from candidates.models import CaseStatus
from candidates.pages import search
from tests.candidates.conftest import add
from tests.factories import PackageFactory, StaffFactory, SubtypeFactory, UserFactory, make_token

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


@pytest.mark.parametrize("few", [20_000, 3])
def test_the_search_is_paged_and_narrowed_like_the_list(
    admin_client, hr_client, hr, admin, token, subtype, monkeypatch, few
):
    """Whether those found are sorted, or too many and the list is walked."""
    monkeypatch.setattr(search, "FEW_FOUND", few)
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


def test_the_menus_offer_nothing_of_another_company(admin_client, meera, foreign, globex):
    make_token(owner=globex, name="Globex secret")
    PackageFactory(company=globex, name="Globex package")
    page = text(admin_client)
    for name in ("Globex secret", "Globex package", "Gita Globex", "Globex only"):
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


@pytest.mark.parametrize("state", ["0", "3"])
def test_a_recruiter_cant_learn_the_state_by_filtering(recruiter_client, recruiter, subtype, state):
    add(recruiter, subtype, name="Of Kavya")
    assert names(recruiter_client, state=state) == ["Of Kavya"]


def test_staff_without_a_company_get_403(client, db):
    client.force_login(StaffFactory())
    assert client.get(LIST).status_code == 403
