"""Bulk add, what no other test would miss: each fails when one protection is taken away."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from apitokens.attribution import Actor
from candidates.exceptions import NotAllowedNow
from candidates.models import (
    BulkImport,
    BulkRow,
    Candidate,
)
from candidates.services import bulk as services
from candidates.services.erasure import erase
from tests.candidates.bulk import (
    ANANYA,
    HEADINGS,
    ROHAN,
    START,
    added,
    columns_of,
    csv_file,
    lines,
    person,
    reviewed,
    send,
    url,
    work,
)
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import TagFactory, UserFactory

pytestmark = pytest.mark.django_db

TAGGED = [*HEADINGS, "Tags"]


def confirmed_meanwhile(monkeypatch, module):
    """In the moment in which *module* is about to change a file, another window confirms it."""
    real = services.changing

    def changing(bulk):
        BulkImport.objects.filter(pk=bulk.pk).update(state="queued")
        return real(bulk)

    monkeypatch.setattr(f"candidates.pages.{module}.changing", changing)


# Whose it is ------------------------------------------------------------------------------------
def test_files_of_a_colleague_are_not_listed(admin_client, hr_client, acme, subtype):
    send(admin_client, csv_file([ANANYA]), "hers.csv")
    send(hr_client, csv_file([ROHAN]), "his.csv")
    text = hr_client.get(START).content.decode()
    assert "his.csv" in text
    assert "hers.csv" not in text


def test_names_of_another_companys_tags_match_no_column(admin_client, globex):
    TagFactory(company=globex, name="Paris")
    send(admin_client, csv_file([[*ANANYA, "Paris"]], headings=[*HEADINGS, "Where"]))
    assert BulkImport.objects.get().columns[-1] == ""


def test_a_tag_of_another_company_is_unknown(admin_client, globex, subtype):
    TagFactory(company=globex, name="Paris")
    bulk = reviewed(admin_client, subtype, [[*ANANYA, "Paris"]], headings=TAGGED)
    assert lines(bulk)[0].errors == {"tags": ["There is no tag Paris"]}


def test_a_worker_gives_no_tag_that_is_gone_or_another_companys(
    asleep, admin_client, acme, globex, subtype
):
    gone, kept = TagFactory(company=acme, name="Pune"), TagFactory(company=acme, name="Goa")
    bulk = reviewed(admin_client, subtype, [[*ANANYA, "Pune, Goa"]], headings=TAGGED)
    added(admin_client, bulk)
    keys = [gone.pk, kept.pk, TagFactory(company=globex).pk]
    row = bulk.rows.get()
    BulkRow.objects.update(cleaned={**row.cleaned, "tags": keys})
    gone.delete()
    work(bulk)
    assert list(Candidate.objects.get().tags.all()) == [kept]


def test_files_of_colleagues_and_confirmed_ones_stay_when_a_sixth_begins(
    asleep, admin_client, hr_client, subtype
):
    theirs = reviewed(hr_client, subtype, [ANANYA])
    confirmed = reviewed(admin_client, subtype, [ROHAN])
    added(admin_client, confirmed)
    for number in range(services.KEPT_OF_A_PERSON + 1):
        send(admin_client, csv_file([person(number)]))
    assert BulkImport.objects.filter(pk__in=[theirs.pk, confirmed.pk]).count() == 2
    assert theirs.rows.count() == confirmed.rows.count() == 1


# The file ---------------------------------------------------------------------------------------
def test_the_name_of_a_file_is_kept_without_what_nobody_sees_or_what_hides_it(admin_client):
    send(admin_client, csv_file([ANANYA]), ".joiners\u202evsc.\u200b\x07csv")
    assert BulkImport.objects.get().file_name == "joinersvsc.csv"


@pytest.mark.django_db(transaction=True)
def test_a_file_is_kept_with_all_of_its_rows_or_not_at_all(admin, acme):
    with pytest.raises(IntegrityError):
        services.start_bulk(user=admin, company=acme, rows=[(2, ["a"]), (2, ["b"])])
    assert not BulkImport.objects.exists()


def test_a_state_that_nobody_knows_is_refused_by_the_database(admin_client, subtype):
    reviewed(admin_client, subtype)
    with pytest.raises(IntegrityError):
        BulkImport.objects.update(state="added")


# Forms ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["columns", "review", "confirm", "progress", "discard"])
def test_every_step_needs_a_csrf_token(admin, admin_client, subtype, step):
    bulk = reviewed(admin_client, subtype)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert strict.post(url(step, bulk), columns_of(bulk, subtype)).status_code == 403
    assert lines(bulk) == [(2, "ready", {}), (3, "ready", {})]
    assert not Candidate.objects.exists()


def test_an_upload_needs_a_csrf_token(admin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert send(strict, csv_file([ANANYA])).status_code == 403
    assert not BulkImport.objects.exists()


def test_looking_at_a_file_changes_nothing(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    before = (BulkImport.objects.values().get(), list(BulkRow.objects.values()))
    asked = columns_of(bulk, subtype, leave_out="2", **{"r3-name": "x"})
    for step in ("columns", "review", "errors", "confirm", "progress", "status", "discard"):
        admin_client.get(url(step, bulk), asked)
    assert (BulkImport.objects.values().get(), list(BulkRow.objects.values())) == before
    assert not Candidate.objects.exists()


def test_what_an_error_repeats_is_escaped(admin_client, subtype):
    bulk = reviewed(admin_client, subtype, [[*ANANYA, "<script>t"]], headings=TAGGED)
    text = admin_client.get(url("review", bulk)).content.decode()
    assert "There is no tag &lt;script&gt;t" in text
    assert "<script>t" not in text


def test_control_characters_that_are_typed_are_not_kept(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    typed = {"r2-name": "Ana\x00nya\x07 K", "r2-employee_id": "\x1b[1m"}
    admin_client.post(url("review", bulk), typed)
    values = bulk.rows.get(number=2).values
    assert (values["name"], values["employee_id"]) == ("Ananya K", "[1m")


@pytest.mark.parametrize(
    ("after", "show", "query"),
    [("x", "ready", "?show=ready"), ("9" * 30, "all", "?show=all"), ("-1", "&x=1", ""),
     ("27", "nothing", "?after=27")],
)  # fmt: skip
def test_the_way_back_to_the_table_is_from_a_list_of_ways(
    admin_client, subtype, after, show, query
):
    bulk = reviewed(admin_client, subtype)
    response = admin_client.post(url("review", bulk), {"after": after, "show": show})
    assert response["Location"] == url("review", bulk) + query


def test_a_row_that_is_wrong_is_not_left_out_because_it_is_a_duplicate_too(
    admin_client, admin, subtype
):
    add(admin, subtype, email=ANANYA[2])
    bulk = reviewed(admin_client, subtype, [["R2D2", *ANANYA[1:]], ROHAN])
    assert [line.state for line in lines(bulk)] == ["error", "ready"]
    assert lines(bulk)[0].errors.keys() == {"name", "email"}


@pytest.mark.parametrize("step", ["columns", "review", "errors", "confirm"])
def test_whoever_asks_for_a_step_of_a_confirmed_file_sees_its_progress(admin_client, queued, step):
    assert admin_client.get(url(step, queued))["Location"] == url("progress", queued)


# Confirmed in another window --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "step"), [("bulk", "columns"), ("bulk", "confirm"), ("bulk_review", "review")]
)
def test_a_file_that_is_confirmed_in_the_same_moment_stays_as_it_was_confirmed(
    admin_client, subtype, monkeypatch, module, step
):
    bulk = reviewed(admin_client, subtype)
    confirmed_meanwhile(monkeypatch, module)
    data = columns_of(bulk, subtype, column3="-", leave_out="2")
    assert admin_client.post(url(step, bulk), data)["Location"] == url("progress", bulk)
    bulk.refresh_from_db()
    assert (bulk.state, bulk.confirmed_at, bulk.columns[3]) == ("queued", None, "employee_id")
    assert lines(bulk) == [(2, "ready", {}), (3, "ready", {})]


def test_a_file_that_is_confirmed_can_not_be_discarded_in_the_same_moment(queued):
    services.discard(queued)
    assert BulkImport.objects.get().rows.count() == 25


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_whoever_changes_a_file_has_it_alone(admin_client, subtype):
    """What another window read before the confirmation would open the file again."""
    bulk = reviewed(admin_client, subtype)

    def fix():
        try:
            with services.changing(bulk):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with services.changing(bulk) as (held, _rows):
            other = pool.submit(fix)
            with pytest.raises(TimeoutError):
                other.result(timeout=1)
            services.confirm(held, total=2, actor=Actor(held.user), base_url="")
        with pytest.raises(NotAllowedNow):
            other.result(timeout=10)
    assert BulkImport.objects.get().state == "queued"


# Erasure ----------------------------------------------------------------------------------------
def test_rows_of_another_company_stay_when_the_same_person_is_erased_here(
    admin, admin_client, other_admin_client, subtype, foreign_subtype
):
    mine, theirs = reviewed(admin_client, subtype), reviewed(other_admin_client, foreign_subtype)
    candidate = add(admin, subtype, email=ANANYA[2], phone=ROHAN[1])
    erase(candidate=candidate, actor=Actor(admin))
    assert (mine.rows.count(), theirs.rows.count()) == (0, 2)


def test_a_stranger_without_a_company_gets_no_template_and_no_step(admin_client, subtype):
    bulk = reviewed(admin_client, subtype)
    staff = signed_in(UserFactory(company=None, access_level="", is_staff=True))
    assert {staff.get(url(step, bulk)).status_code for step in ("columns", "review")} == {403}
