"""One candidate's page: for those who may see it, and 404 for everybody else."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from apitokens.attribution import Actor
from apitokens.services import delete_token, rename_token
from candidates.demo.states import bring_to
from candidates.models import CaseStatus
from tests.candidates.conftest import add
from tests.factories import CategoryFactory, StaffFactory, TagFactory


def url(candidate):
    return reverse("candidates:detail", args=[candidate.pk])


def text(client, candidate):
    response = client.get(url(candidate))
    assert response.status_code == 200
    return response.content.decode()


def log_of(page):
    return re.findall(r'<span class="log-text">(.*?)</span>', page.split('class="log"')[1], re.S)


def test_nobody_signed_in_is_sent_to_the_log_in(client, meera):
    response = client.get(url(meera))
    assert response["Location"] == f"{reverse('login')}?next={url(meera)}"


def test_the_summary_shows_what_is_known(admin_client, admin, acme, subtype):
    category = CategoryFactory(company=acme, name="Engineering")
    tag = TagFactory(company=acme, name="Bengaluru")
    candidate = add(
        admin, subtype, category=category, tags=[tag], employee_id="AC-2291",
        uan_number="100904231187", phone="9845012345", email="meera@example.in",
    )  # fmt: skip
    page = text(admin_client, candidate)
    for known in (
        "Engineering", "Bengaluru", "AC-2291", "100904231187", "9845012345",
        "meera@example.in", subtype.name, subtype.package.name, "Awaiting input",
    ):  # fmt: skip
        assert known in page


def test_documents_are_links_that_tell_nobody_where_they_were_clicked(admin_client, admin, subtype):
    candidate = add(
        admin, subtype,
        resume_url="https://files.example.in/cv.pdf?a=1&b=2",
        consent_url="https://files.example.in/consent.pdf",
    )  # fmt: skip
    links = re.findall(r'<a class="item-link"[^>]*>', text(admin_client, candidate))
    assert len(links) == 2
    assert 'href="https://files.example.in/cv.pdf?a=1&amp;b=2"' in links[0]
    assert 'href="https://files.example.in/consent.pdf"' in links[1]
    for link in links:
        assert 'rel="noreferrer noopener" target="_blank"' in link


def test_the_log_says_who_added_the_candidate(admin_client, meera):
    assert log_of(text(admin_client, meera)) == ["<b><bdi>Asha Rao</bdi></b> added the candidate"]


def test_the_log_names_the_token_and_follows_its_name_and_end(
    admin_client, admin, through_token, token
):
    entry = "<b><bdi>API({})</bdi></b> added the candidate"
    assert log_of(text(admin_client, through_token)) == [entry.format("Greenhouse sync")]
    rename_token(token=token, name="Greenhouse EU", actor=admin)
    assert log_of(text(admin_client, through_token)) == [entry.format("Greenhouse EU")]
    delete_token(token=token, actor=admin)
    assert log_of(text(admin_client, through_token)) == [entry.format("Greenhouse EU")]


def test_the_log_tells_a_change_of_state_in_words_newest_first(admin_client, meera):
    staff = Actor(StaffFactory(name="Operations"))
    bring_to(case=meera.case, status=CaseStatus.CLOSED, actor=staff)
    assert log_of(text(admin_client, meera))[:2] == [
        "<b><bdi>Operations</bdi></b> changed the state from Awaiting input to Closed",
        "<b><bdi>Operations</bdi></b> closed the case: Another reason",
    ]


def test_when_the_person_is_gone_the_candidate_and_the_log_stay(admin_client, acme, subtype):
    leaver = User.objects.create(
        email="l@acme.test", name="Leaver", company=acme, access_level="admin"
    )
    candidate = add(leaver, subtype)
    leaver.delete()
    page = text(admin_client, candidate)
    assert log_of(page) == ["<b><bdi>Deleted user</bdi></b> added the candidate"]


def test_markup_in_names_is_shown_and_not_run(admin_client, admin, acme, subtype):
    admin.name = "<b>Asha</b>"
    admin.save()
    candidate = add(
        admin, subtype, name="<script>alert(1)</script>", employee_id="{{ 7|add:7 }}",
        tags=[TagFactory(company=acme, name='"><svg onload=x>')],
    )  # fmt: skip
    page = text(admin_client, candidate)
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7|add:7 }}" in page
    assert "&lt;b&gt;Asha&lt;/b&gt;" in page
    for raw in ("<script>alert", "<svg onload", "<b>Asha"):
        assert raw not in page


@pytest.mark.parametrize("who", ["other_admin_client", "hr_client", "recruiter_client"])
def test_what_one_may_not_see_is_not_there(request, who, meera):
    client = request.getfixturevalue(who)
    refused, unknown = client.get(url(meera)), client.get("/candidates/987654/")
    assert refused.status_code == unknown.status_code == 404
    token = r'name="csrfmiddlewaretoken" value="\w+"'
    bodies = [re.sub(token, "", r.content.decode()) for r in (refused, unknown)]
    assert bodies[0] == bodies[1]
    assert "Meera" not in bodies[0]


@pytest.mark.parametrize("key", [0, 2**63, 10**30])
def test_a_key_that_no_row_can_have_is_404(admin_client, key):
    assert admin_client.get(f"/candidates/{key}/").status_code == 404


def test_hr_sees_the_state_of_what_they_added(hr_client, hr, subtype):
    page = text(hr_client, add(hr, subtype))
    assert "Awaiting input" in page
    assert "<time" in page


def test_a_recruiter_sees_no_state_and_no_date(recruiter_client, recruiter, subtype):
    candidate = add(recruiter, subtype, name="Of Kavya")
    staff = Actor(StaffFactory(name="Operations"))
    bring_to(case=candidate.case, status=CaseStatus.DISCREPANCY, actor=staff)
    page = text(recruiter_client, candidate)
    assert log_of(page) == [
        "<b><bdi>Operations</bdi></b> recorded the consent",
        "<b><bdi>Operations</bdi></b> submitted the form",
        "<b><bdi>Kavya</bdi></b> added the candidate",
    ]
    hidden = ("Awaiting input", "Discrepancy", "<time", "badge", str(candidate.created_at.year))
    for word in hidden:
        assert word not in page


def test_only_admins_get_the_link_to_all_that_a_token_added(admin_client, through_token, token):
    assert f"?added_by={token.public_id}" in text(admin_client, through_token)


def test_staff_without_a_company_get_403(client, meera):
    client.force_login(StaffFactory())
    assert client.get(url(meera)).status_code == 403


def test_the_page_takes_the_same_number_of_queries_however_long_the_log(
    admin_client, meera, django_assert_max_num_queries
):
    staff = Actor(StaffFactory())
    for status in [CaseStatus.PROCESSING, CaseStatus.IN_PROGRESS] * 5:
        bring_to(case=meera.case, status=status, actor=staff)
    with django_assert_max_num_queries(8):
        text(admin_client, meera)
