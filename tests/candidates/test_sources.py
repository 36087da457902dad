"""Candidates that came through a connection to another system: named as API(Token Name) is."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from apitokens.attribution import Actor, AddedByField, adder_of
from apitokens.exceptions import ActorInvalid
from candidates.models import Candidate, CreditEntry, LogEntry, Source
from candidates.visibility import visible_candidates
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import CategoryFactory

LABEL = "TalentLyft(Berlin office)"


@pytest.fixture
def source(acme):
    return Source.objects.create(company=acme, word="TalentLyft", name="Berlin office")


@pytest.fixture
def imported(source, subtype):
    return add(Actor(source=source), subtype, name="Ananya Krishnan")


def listed(client, **query):
    return [row.name for row in client.get(reverse("candidates:list"), query).context["rows"]]


def test_the_candidate_its_log_and_the_credit_it_took_name_the_connection(imported):
    assert imported.added_by_label == LABEL
    assert LogEntry.objects.get(candidate=imported).who == LABEL
    assert CreditEntry.objects.get(candidate=imported).added_by_label == LABEL


def test_the_api_says_so_too(imported):
    assert AddedByField().to_representation(imported) == LABEL


def test_list_and_page_show_it(imported, admin_client):
    assert LABEL in admin_client.get(reverse("candidates:list")).content.decode()
    page = admin_client.get(reverse("candidates:detail", args=[imported.pk])).content.decode()
    assert page.count(f"<bdi>{LABEL}</bdi>") >= 3  # head, log and summary


def test_the_label_follows_a_new_name_and_outlives_the_connection(imported, source, admin_client):
    source.name = "Berlin"
    source.save()
    imported.refresh_from_db()
    assert imported.added_by_label == "TalentLyft(Berlin)"
    source.deleted_at = timezone.now()
    source.save()
    page = admin_client.get(reverse("candidates:list")).content.decode()
    assert "<bdi>TalentLyft(Berlin)</bdi> (deleted)" in page


def test_admins_get_a_link_from_it_and_others_none(imported, source, hr, admin_client, acme):
    link = f'<a href="/candidates/?added_by=source-{source.pk}"><bdi>{LABEL}</bdi></a>'
    assert link in admin_client.get(reverse("candidates:list")).content.decode()
    category = CategoryFactory(company=acme)
    hr.categories.add(category)
    Candidate.objects.update(category=category)
    page = signed_in(hr).get(reverse("candidates:list")).content.decode()
    assert LABEL in page
    assert "source-" not in page


def test_a_list_of_them_joins_their_names(source, subtype, django_assert_num_queries):
    for _ in range(4):
        add(Actor(source=source), subtype)
    with django_assert_num_queries(1):
        labels = [candidate.added_by_label for candidate in Candidate.objects.for_list()]
    assert labels == [LABEL] * 4


def test_the_list_is_narrowed_by_who_added(
    imported, meera, through_token, source, token, admin, admin_client
):
    assert listed(admin_client, added_by="integrations") == ["Ananya Krishnan"]
    assert listed(admin_client, added_by=f"source-{source.pk}") == ["Ananya Krishnan"]
    assert listed(admin_client, added_by="people") == ["Meera Iyer"]
    assert listed(admin_client, added_by="api") == ["Rohan Gupta"]
    assert listed(admin_client, added_by=f"user-{admin.pk}") == ["Meera Iyer"]
    assert listed(admin_client, added_by=token.public_id) == ["Rohan Gupta"]


def test_the_menu_offers_the_connections_of_the_company_alone(source, globex, admin_client):
    Source.objects.create(company=globex, word="greytHR", name="Globex HR")
    page = admin_client.get(reverse("candidates:list"), {"added_by": "people"}).content.decode()
    assert LABEL in page
    assert "Globex HR" not in page


def test_another_companys_connection_narrows_to_nobody(imported, meera, globex, admin_client):
    foreign = Source.objects.create(company=globex, word="greytHR", name="Globex HR")
    assert listed(admin_client, added_by=f"source-{foreign.pk}") == []


def test_the_log_can_be_narrowed_to_it(imported, source, admin_client):
    page = reverse("candidates:detail", args=[imported.pk])
    log = admin_client.get(page, {"who": f"source-{source.pk}"}).context["log"]
    assert [entry.who for entry in log] == [LABEL]


def test_hr_and_recruiters_do_not_see_what_nobody_of_theirs_added(imported, hr, recruiter):
    assert not visible_candidates(hr).exists()
    assert not visible_candidates(recruiter).exists()


def test_a_source_cannot_be_queued(source):
    with pytest.raises(ActorInvalid):
        Actor(source=source).dump()


def test_names_are_unique_in_a_company_until_they_end(acme, globex, source):
    with pytest.raises(IntegrityError):
        Source.objects.create(company=acme, word="greytHR", name="BERLIN  office")


def test_a_name_is_free_again_once_its_connection_has_ended(acme, globex, source):
    Source.objects.create(company=globex, word="TalentLyft", name="Berlin office")
    source.deleted_at = timezone.now()
    source.save()
    Source.objects.create(company=acme, word="greytHR", name="Berlin office")


def test_control_and_direction_marks_are_refused_in_names(source):
    source.name = "Berlin\u202e"
    with pytest.raises(ValidationError):
        source.full_clean()


def test_the_company_goes_whole(imported, acme):
    acme.delete()
    assert not Candidate.objects.exists()
    assert not Source.objects.exists()


def test_a_row_without_the_column_has_no_source(token):
    from candidates.models import Document

    assert adder_of(Document()).source is None
