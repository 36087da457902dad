"""The pages about connections: Admins only, each company its own."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SecurityEvent
from accounts.security.history import Line
from apitokens.wording import plain
from candidates.models import Candidate
from integrations.inbound import client
from integrations.inbound.forms import short
from integrations.inbound.importing import take
from integrations.inbound.registry import CONNECTORS
from integrations.inbound.worker import sweep
from integrations.models import Connection, ImportedRecord
from tests.conftest import signed_in
from tests.factories import CategoryFactory
from tests.integrations.inbound.conftest import CREDENTIALS, due_now, make_connection
from tests.integrations.inbound.stubs import TOKEN, FreshteamStub, GreytHRStub, answer, running
from tests.integrations.inbound.test_contract import BODIES
from tests.integrations.inbound.test_importing import somebody
from tests.integrations.inbound.test_receiving import post, signed

CARDS = "/integrations/"
OF_ALL = {
    CARDS, *(f"{CARDS}attention/{page}" for page in ("", "retry/", "ended/")),
}  # fmt: skip


def at(connection, name="detail"):
    return reverse(f"connections:{name}", args=[connection.public_id])


def text(response):
    return response.content.decode()


def history():
    events = SecurityEvent.objects.filter(kind="integration").order_by("pk")
    return [sentence for event in events for sentence in Line("s", event).sentences(plain)]


@pytest.fixture
def waiting(connection):
    return take(connection, somebody(phone="080-4123"))


# Who may ------------------------------------------------------------------------------------


@pytest.fixture
def addresses(connection, waiting):
    return [
        CARDS, reverse("connections:connect", args=["talentlyft"]), at(connection),
        at(connection, "mapping"), at(connection, "credentials"), at(connection, "disconnect"),
        reverse("connections:attention"), reverse("connections:edit", args=[waiting.pk]),
        reverse("connections:retry", args=[waiting.pk]),
        reverse("connections:dismiss", args=[waiting.pk]),
        reverse("connections:back", args=[waiting.pk]),
        reverse("connections:retry-all"), reverse("connections:ended"),
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_anybody_but_an_admin_gets_403_and_nobody_the_log_in(
    addresses, hr_client, recruiter_client, method
):
    for address in addresses:
        for visitor in (hr_client, recruiter_client):
            assert getattr(visitor, method)(address).status_code == 403, address
        response = getattr(Client(), method)(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_companys_are_not_there(addresses, other_admin_client, connection, method):
    for address in addresses:
        if "connect/" in address or address in OF_ALL:
            continue
        status = getattr(other_admin_client, method)(address).status_code
        assert status in (404, 405), address
    for address in OF_ALL - {reverse("connections:retry-all")}:
        assert "Berlin office" not in text(other_admin_client.get(address))
    connection.refresh_from_db()
    assert ImportedRecord.objects.get().waits


def test_ids_that_none_can_be_are_not_there(admin_client, addresses):
    for path in ("connections/con_%00/", "connections/x/mapping/", "connect/lever/"):
        assert admin_client.get(f"/integrations/{path}").status_code == 404, path


# Cards --------------------------------------------------------------------------------------


def test_every_system_has_its_card(admin_client):
    page = text(admin_client.get(CARDS))
    for connector in CONNECTORS.values():
        assert reverse("connections:connect", args=[connector.kind]) in page
        assert str(connector.needs) in page
    assert "Ends 2027" in page
    assert "Writes nothing back." in page


def test_a_card_says_how_its_connection_fares(admin_client, connection, talentlyft):
    assert "Waiting" in text(admin_client.get(CARDS))
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    page = text(admin_client.get(CARDS))
    assert "Working" in page
    assert "1 added, just now" in page
    talentlyft.break_next(answer({"Message": "Token <revoked>"}, 401))
    due_now()
    sweep()
    page = text(admin_client.get(CARDS))
    assert "It refused the credentials" in page
    assert "401 Token &lt;revoked&gt;" in page
    assert "401 Token &lt;revoked&gt;" in text(admin_client.get(at(connection)))


def test_the_cards_take_as_many_queries_for_ten_as_for_one(
    admin_client, admin, connection, django_assert_max_num_queries
):
    for n in range(9):
        make_connection(admin, name=f"Office {n}")
    with django_assert_max_num_queries(12):
        admin_client.get(CARDS)


# Connect ------------------------------------------------------------------------------------


def connect(client, kind, **fields):
    values = {**CREDENTIALS[kind], "name": "Berlin office", **fields}
    return client.post(reverse("connections:connect", args=[kind]), values)


def test_connected_after_a_test_then_to_the_mapping(admin_client, admin, talentlyft):
    response = connect(admin_client, "talentlyft")
    connection = Connection.objects.get()
    assert response["Location"] == at(connection, "mapping")
    assert connection.company == admin.company
    assert connection.started_at is None
    assert connection.credentials["token"] == TOKEN
    assert history() == ["TalentLyft(Berlin office): connected"]
    assert SecurityEvent.objects.get(kind="integration").actor_label == "Asha Rao"


def test_wrong_credentials_are_told_in_the_other_sides_words_and_not_kept(admin_client, talentlyft):
    response = connect(admin_client, "talentlyft", token="wrong-token")
    page = text(response)
    assert response.status_code == 400
    assert "It refused the credentials" in page
    assert "401 Authorization has been denied for this request." in page
    assert "wrong-token" not in page
    assert not Connection.objects.exists()


def test_a_test_alone_keeps_nothing(admin_client, talentlyft):
    response = connect(admin_client, "talentlyft", test="yes")
    page = text(response)
    assert response.status_code == 200
    assert "api.talentlyft.com takes the token" in page
    assert "2 jobs can be read" in page
    assert f'value="{TOKEN}"' not in page
    assert not Connection.objects.exists()


def test_greythr_wants_four_fields_and_takes_a_pasted_address(admin_client):
    with running(GreytHRStub()):
        page = text(admin_client.get(reverse("connections:connect", args=["greythr"])))
        for name in ("tenant", "user", "password", "token_address"):
            assert f'name="{name}"' in page
        assert ".greythr.com" in page
        connect(admin_client, "greythr", tenant="https://Acme.greythr.com/home")
    assert Connection.objects.get().credentials["tenant"] == "acme"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "acme.greythr.com.evil.test", "evil.test/", "a@b", "acme:8080", "-acme", "",
        "a" * 64, "acme.evil", "äcme", "acme\n", "acme?x=", "[::1]", "..", "ac me", "acme#",
    ],
)  # fmt: skip
def test_no_host_but_one_label_of_the_vendors_domain(admin_client, host, monkeypatch):
    asked, real = set(), client.address_of
    monkeypatch.setattr(client, "address_of", lambda name: asked.add(name) or real(name))
    with running(GreytHRStub()):
        response = connect(admin_client, "greythr", tenant=host)
    assert asked <= {"acme.greythr.com", "api.greythr.com"}
    assert response.status_code == (302 if asked else 400)


@pytest.mark.parametrize("token", ["a b", "a\r\nX: y", "tök", "x" * 501, ""])
def test_a_secret_is_one_line_of_ascii(admin_client, talentlyft, token):
    assert connect(admin_client, "talentlyft", token=token).status_code == 400
    assert talentlyft.asked == []


def test_names_are_unique_in_the_company(admin_client, connection, talentlyft):
    response = connect(admin_client, "talentlyft", name="BERLIN office")
    assert response.status_code == 400
    assert "Another connection has this name" in text(response)


def test_names_with_direction_marks_are_refused(admin_client, talentlyft):
    assert connect(admin_client, "talentlyft", name="Berlin\u202e").status_code == 400


def test_a_secret_of_ours_is_shown_once(admin_client):
    response = connect(admin_client, "greenhouse", hook_secret="")
    connection = Connection.objects.get()
    secret = connection.credentials["hook_secret"]
    page = text(response)
    assert secret in page
    assert f"/integrations/in/{connection.public_id}/" in page
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    for name in ("detail", "mapping", "credentials"):
        assert secret not in text(admin_client.get(at(connection, name)))


def test_a_secret_of_theirs_is_taken_and_not_shown(admin_client):
    response = connect(admin_client, "greenhouse", hook_secret="their-own-long-secret")
    assert response.status_code == 302
    assert Connection.objects.get().credentials["hook_secret"] == "their-own-long-secret"


def test_a_secret_of_theirs_is_not_short(admin_client):
    assert connect(admin_client, "greenhouse", hook_secret="short").status_code == 400


@pytest.mark.parametrize("secret", ["whsec_", "whsec_AAAA", "nothing-of-that-kind-here"])
def test_generic_by_standard_webhooks_wants_a_key_of_its_form(admin_client, secret):
    assert connect(admin_client, "generic", hook_secret=secret).status_code == 400


def test_generic_makes_one_of_the_form(admin_client):
    connect(admin_client, "generic", hook_secret="")
    assert Connection.objects.get().credentials["hook_secret"].startswith("whsec_")


def test_only_fifty(admin_client, admin, talentlyft, monkeypatch):
    monkeypatch.setattr("integrations.inbound.connecting.MOST", 1)
    make_connection(admin)
    response = connect(admin_client, "talentlyft", name="Pune")
    assert response.status_code == 400
    assert "50 connections" in text(response)


def test_credentials_are_replaced_and_never_shown(admin_client, connection, talentlyft):
    page = text(admin_client.get(at(connection, "credentials")))
    assert f'value="{TOKEN}"' not in page
    response = admin_client.post(at(connection, "credentials"), {"token": "wrong"})
    assert response.status_code == 400
    connection.refresh_from_db()
    assert connection.credentials["token"] == TOKEN
    Connection.objects.update(error_code="refused", failing_since=connection.created_at)
    response = admin_client.post(at(connection, "credentials"), {"token": TOKEN})
    assert response.status_code == 302
    connection.refresh_from_db()
    assert connection.error_code == ""
    assert history()[-1] == "TalentLyft(Berlin office): new credentials"


def test_freshteam_is_told_address_header_and_secret(admin_client):
    with running(FreshteamStub()):
        page = text(connect(admin_client, "freshteam", hook_secret="", field="cf_check"))
    connection = Connection.objects.get()
    for shown in (connection.credentials["hook_secret"], "X-Portal-Secret", connection.public_id):
        assert shown in page
    assert connection.public_id in text(admin_client.get(at(connection)))


# Mapping ------------------------------------------------------------------------------------


@pytest.fixture
def unmapped(admin):
    return make_connection(admin, name="Pune")


def test_stages_are_read_live_and_chosen_with_a_package(
    admin_client, unmapped, subtype, talentlyft, acme
):
    page = text(admin_client.get(at(unmapped, "mapping")))
    assert "Offer" in page
    assert "2 jobs" in page
    assert f"{subtype.package.name}, {subtype.name} (1000 left)" in page
    category = CategoryFactory(company=acme)
    response = admin_client.post(at(unmapped, "mapping"), {
        f"stage-{short('name:offer')}": subtype.pk, f"stage-{short('type:hired')}": "0",
        f"category-{short('department:sales')}": subtype.pk, "default": subtype.pk,
        "other_key": "Fresher", "other_package": subtype.pk,
        "category": category.pk, "filled_by": "hr", "start": "yes", "those_there": "yes",
    })  # fmt: skip
    assert response["Location"] == at(unmapped)
    unmapped.refresh_from_db()
    assert unmapped.mapping == {
        "stages": {"name:offer": subtype.pk, "type:hired": 0},
        "categories": {"department:sales": subtype.pk, "tag:fresher": subtype.pk},
        "default": subtype.pk, "category": category.pk, "filled_by": "hr",
    }  # fmt: skip
    assert unmapped.started_at
    assert not unmapped.skips_those_there
    assert history()[1:] == [
        "TalentLyft(Pune): what starts a check was changed", "TalentLyft(Pune): started",
    ]  # fmt: skip
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    assert Candidate.objects.get().category == category
    page = text(admin_client.get(at(unmapped, "mapping")))
    assert "fresher" in page  # what was typed is a row of its own now


def test_saved_for_later_does_not_start(admin_client, unmapped, subtype, talentlyft):
    admin_client.post(
        at(unmapped, "mapping"), {f"stage-{short('name:offer')}": subtype.pk, "filled_by": "hr"}
    )
    unmapped.refresh_from_db()
    assert unmapped.mapping["stages"] == {"name:offer": subtype.pk}
    assert unmapped.started_at is None


def test_whoever_is_there_is_left_alone_unless_ticked(admin_client, unmapped, subtype, talentlyft):
    admin_client.post(at(unmapped, "mapping"), {
        f"stage-{short('name:offer')}": subtype.pk, "filled_by": "hr", "start": "yes",
    })  # fmt: skip
    unmapped.refresh_from_db()
    assert unmapped.skips_those_there


def test_a_webhook_is_registered_at_the_start_over_https(
    admin, unmapped, subtype, talentlyft, settings
):
    client = signed_in(admin)
    client.post(at(unmapped, "mapping"), {
        f"stage-{short('name:offer')}": subtype.pk, "filled_by": "hr", "start": "yes",
    }, secure=True)  # fmt: skip
    unmapped.refresh_from_db()
    body = talentlyft.subscriptions["guid-1"]
    assert body["Url"] == f"https://testserver/integrations/in/{unmapped.public_id}/"
    assert unmapped.credentials["hook_secret"] == body["HubSecret"]
    client.post(at(unmapped, "disconnect"))
    assert talentlyft.subscriptions == {}


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"stage": "999999999"}, {"stage": "x"}, {"default": "-1"}, {"category": "999999"},
        {"filled_by": "nobody"}, {"other_key": "Exec"}, {"other_package": "77777"},
    ],
)  # fmt: skip
def test_a_mapping_that_is_none_is_refused(admin_client, unmapped, subtype, talentlyft, fields):
    values = {f"stage-{short('name:offer')}": subtype.pk, "filled_by": "hr"}
    if not fields:
        values = {"filled_by": "hr"}
    if "stage" in fields:
        values[f"stage-{short('name:offer')}"] = fields.pop("stage")
    response = admin_client.post(at(unmapped, "mapping"), {**values, **fields, "start": "yes"})
    assert response.status_code == 400
    unmapped.refresh_from_db()
    assert (unmapped.mapping, unmapped.started_at) == ({}, None)


def test_another_companys_package_and_category_are_no_choice(
    admin_client, unmapped, foreign_subtype, globex, talentlyft, subtype
):
    stage = f"stage-{short('name:offer')}"
    foreign = CategoryFactory(company=globex)
    for values in (
        {stage: foreign_subtype.pk}, {stage: subtype.pk, "default": foreign_subtype.pk},
        {stage: subtype.pk, "category": foreign.pk},
    ):  # fmt: skip
        response = admin_client.post(at(unmapped, "mapping"), {**values, "filled_by": "hr"})
        assert response.status_code == 400


def test_stages_that_cannot_be_read_are_said_so(admin_client, unmapped, talentlyft):
    talentlyft.break_next(answer({"Message": "down"}, 503))
    response = admin_client.get(at(unmapped, "mapping"))
    assert response.status_code == 502
    assert "503 down" in text(response)


def test_generic_previews_its_pointers_in_the_last_message(admin_client, admin, subtype):
    connection = make_connection(admin, "generic", "HR tool")
    assert "No message yet" in text(admin_client.get(at(connection, "mapping")))
    post(connection, BODIES["generic"], signed("generic"))
    values = {
        "pointer-external_id": "/id", "pointer-name": "/name", "pointer-phone": "/mobile",
        f"stage-{short('message')}": subtype.pk, "filled_by": "hr",
    }  # fmt: skip
    page = text(admin_client.post(at(connection, "mapping"), {**values, "preview": "yes"}))
    assert page.count("Sneha Pillai") == 2  # at its pointer, and as who would be added
    assert "Not found" in page
    assert "Needs you" in page
    connection.refresh_from_db()
    assert (connection.pointers, connection.mapping) == ({}, {})
    response = admin_client.post(at(connection, "mapping"), {**values, "pointer-name": "name"})
    assert response.status_code == 400


# One connection -----------------------------------------------------------------------------


def test_renamed_everything_follows(admin_client, connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    admin_client.post(at(connection), {"name": "Munich"})
    assert Candidate.objects.get().added_by_label == "TalentLyft(Munich)"
    assert history()[-2:] == ["TalentLyft(Munich): renamed", "TalentLyft(Berlin office)"]


def test_a_name_that_is_taken_is_refused(admin_client, connection, unmapped):
    response = admin_client.post(at(connection), {"name": "pune"})
    assert response.status_code == 400


def test_stopped_and_started_again(admin_client, connection):
    admin_client.post(at(connection), {"stop": "yes"})
    connection.refresh_from_db()
    assert connection.started_at is None
    admin_client.post(at(connection), {"resume": "yes"})
    connection.refresh_from_db()
    assert connection.started_at
    assert connection.skips_those_there
    assert history()[-2:] == [
        "TalentLyft(Berlin office): stopped", "TalentLyft(Berlin office): started",
    ]  # fmt: skip


def test_what_is_kept_can_be_tested(admin_client, connection, talentlyft, settings):
    page = text(admin_client.post(at(connection), {"test": "yes"}))
    assert "api.talentlyft.com takes the token" in page
    settings.MFA_SECRET_KEYS = ["another-" + "n" * 40]
    page = text(admin_client.post(at(connection), {"test": "yes"}))
    assert "can&#x27;t be read any more" in page


def test_disconnected(admin_client, connection, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    sweep()
    page = text(admin_client.get(at(connection, "disconnect")))
    assert "1 candidate was added through it and stays" in page
    assert admin_client.post(at(connection, "disconnect"))["Location"] == CARDS
    assert not Connection.objects.exists()
    assert history()[-1] == "TalentLyft(Berlin office): disconnected, credentials removed"
    assert "TalentLyft(Berlin office)" in text(admin_client.get("/candidates/"))


# Needs attention ----------------------------------------------------------------------------


def test_whoever_waits_is_listed_with_the_reason(admin_client, waiting):
    page = text(admin_client.get(reverse("connections:attention")))
    assert "Ananya Krishnan" in page
    assert "No valid mobile" in page
    assert "“080-4123” is not a ten-digit mobile" in page


def test_the_list_is_narrowed_and_unknown_values_narrow_nothing(
    admin_client, waiting, connection, globex
):
    def shown(**query):
        rows = admin_client.get(reverse("connections:attention"), query).context["rows"]
        return len(rows)

    assert shown(reason="phone", connection=connection.public_id) == 1
    assert shown(reason="credits") == 0
    for unknown in ("con_x", "\0", "con_" + "0" * 26):
        assert shown(reason="x", connection=unknown) == 1
    assert admin_client.get(reverse("connections:attention"), {"after": "x"}).status_code == 400


def test_many_who_wait_are_paged_without_a_query_each(
    admin_client, connection, django_assert_max_num_queries
):
    for n in range(30):
        take(connection, somebody(str(n), phone=""))
    with django_assert_max_num_queries(12):
        response = admin_client.get(reverse("connections:attention"))
    assert len(response.context["rows"]) == 25
    assert len(admin_client.get(response.context["next_url"]).context["rows"]) == 5


def test_put_right_by_hand_they_are_added(admin_client, waiting):
    address = reverse("connections:edit", args=[waiting.pk])
    page = text(admin_client.get(address))
    assert 'value="080-4123"' in page
    values = {"name": "Ananya Krishnan", "email": "a1@example.in", "phone": "98765 43210"}
    assert admin_client.post(address, {**values, "phone": "080"}).status_code == 400
    assert not Candidate.objects.exists()
    admin_client.post(address, values)
    assert Candidate.objects.get().phone == "9876543210"
    assert admin_client.get(address).status_code == 404


def test_a_package_is_chosen_for_one(admin_client, admin, acme, subtype, foreign_subtype):
    connection = make_connection(
        admin, name="Pune", mapping={"stages": {"name:offer": 0}, "default": 0}
    )
    row = take(connection, somebody())
    address = reverse("connections:edit", args=[row.pk])
    values = {"name": "Ananya", "email": "a1@example.in", "phone": "9876543210"}
    assert admin_client.post(address, {**values, "subtype": foreign_subtype.pk}).status_code == 400
    admin_client.post(address, {**values, "subtype": subtype.pk})
    assert Candidate.objects.get().case.subtype == subtype


def test_retry_reads_them_anew(admin_client, waiting, talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    response = admin_client.post(reverse("connections:retry", args=[waiting.pk]), follow=True)
    assert "Ananya Krishnan is added." in text(response)


def test_a_retry_that_gets_no_answer_says_so(admin_client, waiting, talentlyft):
    talentlyft.break_next(answer({}, 503))
    response = admin_client.post(reverse("connections:retry", args=[waiting.pk]), follow=True)
    assert "does not answer" in text(response)
    waiting.refresh_from_db()
    assert waiting.waits


def test_dismissed_they_are_gone(admin_client, waiting):
    admin_client.post(reverse("connections:dismiss", args=[waiting.pk]))
    assert "Nobody waits" in text(admin_client.get(reverse("connections:attention")))


def test_names_from_over_there_are_escaped(admin_client, connection):
    row = take(connection, somebody(name="<script>x</script>", stage_name="<b>", phone="<i>"))
    for address in (
        reverse("connections:attention"), reverse("connections:edit", args=[row.pk]),
    ):  # fmt: skip
        page = text(admin_client.get(address))
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page
