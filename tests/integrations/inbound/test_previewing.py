"""With this mapping: who would be added of those who are there now, and nothing is written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Candidate, Package, Subtype
from integrations.inbound import editing
from integrations.inbound.forms import short
from integrations.inbound.importing import take
from integrations.inbound.previewing import previewed
from integrations.models import Connection, ImportedRecord, WebhookEvent
from tests.integrations.conftest import make_endpoint
from tests.integrations.inbound.conftest import make_connection
from tests.integrations.inbound.stubs import FreshteamStub, GreytHRStub, answer, running
from tests.integrations.inbound.test_importing import somebody
from tests.integrations.inbound.test_pages import at, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def unmapped(admin):
    return make_connection(admin, name="Pune")


def choose(client, connection, **chosen):
    """What the page shows after Preview, as lines and as text."""
    stages = {f"stage-{short(key)}": value for key, value in chosen.pop("stages").items()}
    values = {**stages, "filled_by": "hr", "preview": "yes", **chosen}
    return client.post(at(connection, "mapping"), values)


def lines(response):
    return [(line.name, line.state, line.words) for line in response.context["lines"]]


def test_each_is_shown_with_the_package_or_the_reason(
    admin_client, unmapped, subtype, talentlyft, acme
):
    empty = Subtype.objects.create(
        package=Package.objects.create(company=acme, name="Empty", credits=0), name="None left"
    )
    person = talentlyft.person
    talentlyft.people = [
        person(1, "Applied", FirstName="Early"), person(2, FirstName="Good"),
        person(3, FirstName="Landline", PhoneNumbers=[{"Value": "080-4123"}]),
        person(4, FirstName="Poor", Tags=["Exec"]), person(5, "Hired", FirstName="Unmapped"),
        person(6, FirstName="Rejected", Disqualified=True),
    ]  # fmt: skip
    response = choose(
        admin_client, unmapped, stages={"name:offer": subtype.pk, "type:hired": "0"},
        other_key="Exec", other_package=empty.pk,
    )  # fmt: skip
    package = f"{subtype.package.name}, {subtype.name}"
    assert lines(response) == [
        ("Good Krishnan", "ready", f"Offer → {package}"),
        ("Landline Krishnan", "waits", "“080-4123” is not a ten-digit mobile"),
        ("Poor Krishnan", "waits", "Empty has none"),
        ("Unmapped Krishnan", "waits", "No package for Hired (fresher, engineering)"),
        ("Early Krishnan", "not", "Applied: does nothing"),
    ]
    page = text(response)
    assert "5 of 5 who were read" in page
    assert "Rejected" not in page.replace("Rejected ones are never added", "")


def test_nothing_is_written_and_what_was_chosen_stays_on_the_page(
    admin_client, unmapped, subtype, talentlyft, acme
):
    make_endpoint(acme)
    talentlyft.people = [talentlyft.person(1)]
    before = Connection.objects.values("mapping", "pointers", "cursor", "next_poll_at").get()
    response = choose(admin_client, unmapped, stages={"name:offer": subtype.pk}, those_there="yes")
    assert "Ready" in text(response)
    assert f'<option value="{subtype.pk}" selected>' in text(response)
    assert 'name="those_there" value="yes" checked' in text(response)
    now = Connection.objects.values("mapping", "pointers", "cursor", "next_poll_at").get()
    assert now == before
    assert not ImportedRecord.objects.exists()
    assert not Candidate.objects.exists()
    assert not WebhookEvent.objects.exists()
    assert Package.objects.get().credits == 1000


def test_who_is_known_already_is_told_apart(admin_client, connection, subtype, talentlyft):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 6)]
    take(connection, somebody("1", email="a1@example.in", phone="+91 98765 00001"))
    [dismissed] = [take(connection, somebody("2", phone=""))]
    editing.dismiss(dismissed.pk)
    take(connection, somebody("3"), there_before=True)
    taken = Candidate.objects.get()
    Candidate.objects.filter(pk=taken.pk).update(phone="9876500004", live_phone="9876500004")
    response = choose(admin_client, connection, stages={"name:offer": subtype.pk})
    assert [(state, words) for _name, state, words in lines(response)] == [
        ("ready", f"Offer → {subtype.package.name}, {subtype.name}"),
        ("waits", f"Same mobile as candidate {taken.pk}, whose case is not finished"),
        ("not", "Is added already"),
        ("not", "Was dismissed"),
        ("not", "Was there before the start"),
    ]


def test_one_page_is_read_and_eight_are_shown_whatever_there_is(
    admin_client, unmapped, subtype, talentlyft
):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 301)]
    response = choose(admin_client, unmapped, stages={"name:offer": subtype.pk})
    assert len(lines(response)) == 8
    assert "8 of 50 who were read" in text(response)
    assert len([path for path in talentlyft.asked if path.startswith("/v2/candidates")]) == 1


def test_fifty_cost_as_many_queries_as_one(connection, django_assert_num_queries):
    for some in (1, 50):
        people = [
            somebody(str(key), email=f"x{key}@x.in", phone=f"98765{key:05}") for key in range(some)
        ]
        with django_assert_num_queries(4):
            assert len(previewed(connection, people)) == some


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (answer({"Message": "down"}, 503), "It does not answer (<bdi>503 down</bdi>)"),
        (answer({"Message": "no"}, 403), "It refused the credentials (<bdi>403 no</bdi>)"),
        (answer({}, 429, **{"Retry-After": "60"}), "It asks to wait"),
        (answer({"Results": 5}), "not expected"),
    ],
)
def test_what_goes_wrong_is_said_in_words_and_the_form_stays(
    admin_client, unmapped, subtype, talentlyft, broken, words
):
    talentlyft.break_next(None, broken)  # the stages are read, then the people
    response = choose(admin_client, unmapped, stages={"name:offer": subtype.pk})
    assert response.status_code == 200
    assert words in text(response)
    assert f'<option value="{subtype.pk}" selected>' in text(response)


def test_a_form_that_is_wrong_asks_nobody(admin_client, unmapped, talentlyft):
    assert choose(admin_client, unmapped, stages={"name:offer": "999999"}).status_code == 400
    assert not any(path.startswith("/v2/candidates") for path in talentlyft.asked)


def test_looking_is_limited(admin_client, unmapped, subtype, talentlyft, settings):
    settings.ACCOUNT_RATE_LIMITS = {"connection_test": "1/m/user"}
    chosen = {"stages": {"name:offer": subtype.pk}}
    codes = [choose(admin_client, unmapped, **dict(chosen)).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_nobody_there_is_said_so(admin_client, unmapped, subtype, talentlyft):
    response = choose(admin_client, unmapped, stages={"name:offer": subtype.pk})
    assert "Nobody is there" in text(response)


def test_of_greythr_the_latest_joiners_are_shown(admin_client, admin, subtype):
    with running(GreytHRStub()) as greythr:
        tomorrow = f"{timezone.localdate() + timedelta(days=1)}"
        greythr.people = [
            greythr.person(1, tomorrow), greythr.person(2, "2020-01-01"),
            greythr.person(3, tomorrow, lastModified="2020-01-01T00:00:00"),
        ]  # fmt: skip
        greythr.categories = {1: [{"categoryDesc": "Grade", "valueDesc": "M1"}]}
        connection = make_connection(admin, "greythr")
        response = choose(
            admin_client, connection, stages={"joiner": "0"},
            **{f"category-{short('grade:m1')}": subtype.pk},
        )  # fmt: skip
    package = f"{subtype.package.name}, {subtype.name}"
    assert lines(response) == [("Rohan Gupta", "ready", f"New joiner → {package}")]


def test_of_freshteam_those_of_the_newest_job_are_shown(admin_client, admin, subtype):
    with running(FreshteamStub()) as freshteam:
        freshteam.people = [freshteam.person(1, job=7), freshteam.person(2, job=8)]
        connection = make_connection(admin, "freshteam")
        response = choose(admin_client, connection, stages={"stage:offer": subtype.pk})
        asked = [path for path in freshteam.asked if "applicants" in path]
    assert len(lines(response)) == 1
    assert len(asked) == 1
    assert "/8/applicants" in asked[0]
    assert "sort_type=desc" in asked[0]


def test_a_system_that_can_be_asked_nothing_has_no_preview(admin_client, admin):
    connection = make_connection(admin, "greenhouse")
    assert "With this mapping" not in text(admin_client.get(at(connection, "mapping")))
