"""What is particular about each system."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from werkzeug import Response

from integrations.inbound.contract import Incoming, Options
from integrations.inbound.exceptions import NotVerified, Refused, Unexpected
from integrations.inbound.pointers import found_at
from integrations.inbound.registry import CONNECTORS
from tests.integrations.inbound.stubs import (
    FreshteamStub,
    GreytHRStub,
    TalentLyftStub,
    answer,
    running,
)
from tests.integrations.inbound.test_contract import GOOD, SECRET, connector, people_of, proven

TODAY = timezone.localdate()


@pytest.fixture
def talentlyft():
    with running(TalentLyftStub()) as stub:
        yield stub


@pytest.fixture
def greythr():
    with running(GreytHRStub()) as stub:
        yield stub


@pytest.fixture
def freshteam():
    with running(FreshteamStub()) as stub:
        yield stub


def found(kind, cursor=None):
    return people_of(connector(kind).poll(cursor or {}))


# TalentLyft ---------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [{"application": {"Disqualified": True}}, {"Disqualified": True}])
def test_talentlyft_whoever_is_disqualified_is_no_record(talentlyft, where):
    talentlyft.people = [talentlyft.person(1, **where)]
    assert found("talentlyft") == []
    assert connector("talentlyft").fetch("1") is None


def test_talentlyft_stages_are_one_by_name_in_all_jobs_and_hired_by_its_type(talentlyft):
    stages = {choice.key: str(choice.note) for choice in connector("talentlyft").stages()}
    assert stages["name:offer"] == "2 jobs"
    assert "type:hired" in stages
    talentlyft.people = [talentlyft.person(1, "Offer", job=2)]
    assert found("talentlyft")[0].stages == ("name:offer",)


def test_talentlyft_departments_and_tags_are_categories(talentlyft):
    talentlyft.people = [talentlyft.person(1, job=1), talentlyft.person(2, job=2)]
    assert [choice.key for choice in connector("talentlyft").categories()] == [
        "department:engineering", "department:sales",
    ]  # fmt: skip
    first, second = found("talentlyft")
    assert first.categories == ("tag:fresher", "department:engineering")
    assert second.categories == ("tag:fresher", "department:sales")


def test_talentlyft_follows_no_link_of_an_answer(talentlyft):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 121)]
    assert len(found("talentlyft")) == 120
    pages = [path for path in talentlyft.asked if path.startswith("/v2/candidates")]
    assert [path.partition("page=")[2].split("&")[0] for path in pages] == ["1", "2", "3"]


def test_talentlyft_goes_on_at_the_page_where_it_was_cut_short(talentlyft):
    talentlyft.people = [talentlyft.person(key) for key in range(1, 121)]
    cursor = next(iter(connector("talentlyft").poll({}))).cursor
    assert found("talentlyft", cursor)[0].external_id == "51"


def test_talentlyft_a_page_past_the_end_is_the_end(talentlyft):
    talentlyft.people = [talentlyft.person(1)]
    batches = list(connector("talentlyft").poll({"page": 9}))
    assert people_of(batches) == []
    assert batches[-1].cursor == {}


def test_talentlyft_applications_of_another_shape_are_an_error_not_nobody(talentlyft):
    talentlyft.people = [talentlyft.person(1, Applications=[{"Phase": "Offer"}])]
    with pytest.raises(Unexpected):
        found("talentlyft")


def test_talentlyft_takes_a_stage_that_stands_inside_the_application(talentlyft):
    stage = {"Id": 99, "Name": "Background  check", "Type": "Custom"}
    talentlyft.people = [talentlyft.person(1, Applications=[{"Stage": stage}])]
    assert found("talentlyft")[0].stages == ("name:background check",)


def test_talentlyft_registers_a_webhook_and_takes_it_away(talentlyft):
    ours = connector("talentlyft")
    assert ours.subscribe("https://portal.test/integrations/in/x/", SECRET) == "guid-1"
    assert talentlyft.subscriptions["guid-1"]["HubSecret"] == SECRET
    assert talentlyft.subscriptions["guid-1"]["Topics"] == ["candidate.hired", "candidate.moved"]
    ours.unsubscribe("guid-1")
    assert talentlyft.subscriptions == {}


def test_talentlyft_a_validation_error_is_an_error(talentlyft):
    with pytest.raises(Unexpected) as error:
        connector("talentlyft").subscribe("http://portal.test/", SECRET)
    assert error.value.detail == "422 Validation Failed"


def test_talentlyft_messages_about_jobs_are_of_no_interest():
    body = json.dumps({"Uid": "u", "Payload": [{"Type": "Job", "Data": {"Id": 5}}]}).encode()
    event = connector("talentlyft").verify(Incoming(proven("talentlyft", body), body))
    assert event.external_id == ""


# greytHR ------------------------------------------------------------------------------------


def test_greythr_reads_from_page_zero(greythr):
    greythr.people = [greythr.person(1, f"{TODAY}")]
    assert len(found("greythr")) == 1
    assert "page=0" in next(path for path in greythr.asked if "employees" in path)


@pytest.mark.parametrize(
    ("fields", "is_new"),
    [
        ({"dateOfJoin": f"{TODAY}"}, True),
        ({"dateOfJoin": f"{TODAY + timedelta(days=30)}"}, True),
        ({"dateOfJoin": f"{TODAY - timedelta(days=1)}"}, False),
        ({"dateOfJoin": "0018-05-31"}, False),
        ({"dateOfJoin": "9999-99-99"}, False),
        ({"dateOfJoin": None}, False),
        ({"leftorg": True}, False),
    ],
)
def test_greythr_only_who_joins_from_now_on_and_stays(greythr, fields, is_new):
    greythr.people = [greythr.person(1, f"{TODAY}") | fields]
    assert bool(found("greythr")) is is_new


def test_greythr_signs_in_anew_once_when_the_token_has_run_out(greythr):
    ours = connector("greythr")
    list(ours.test())
    greythr.valid.clear()
    greythr.people = [greythr.person(1, f"{TODAY}")]
    assert len(people_of(ours.poll({}))) == 1
    assert greythr.tokens == 2


def test_greythr_a_refusal_that_lasts_is_told_after_one_more_sign_in(greythr):
    ours = connector("greythr")
    list(ours.test())
    greythr.break_next(answer({"message": "no"}, 401), None, answer({"message": "no"}, 401))
    with pytest.raises(Refused):
        people_of(ours.poll({}))


def test_greythr_a_refused_call_that_is_200_with_a_page_is_an_error(greythr):
    ours = connector("greythr")
    list(ours.test())
    greythr.break_next(Response("<html>Access denied</html>", 200, mimetype="text/html"))
    with pytest.raises(Unexpected) as error:
        people_of(ours.poll({}))
    assert "text/html" in error.value.detail


def test_greythr_signs_in_where_it_was_told_to(greythr):
    list(connector("greythr").test())
    list(connector("greythr", token_address="common").test())
    paths = [path for path in greythr.asked if "client-token" in path]
    assert paths == ["/uas/v1/oauth2/client-token", "/oauth2/v2/client-token"]


def test_greythr_the_next_run_begins_an_hour_before_this_one(greythr):
    cursor = list(connector("greythr").poll({}))[-1].cursor
    found("greythr", cursor)
    asked = [path for path in greythr.asked if "modifiedSince" in path]
    assert cursor["since"].replace(":", "%3A") in asked[0]
    moment = timezone.now() - timedelta(hours=1)
    assert abs(moment - timezone.datetime.fromisoformat(f"{cursor['since']}+00:00")) < timedelta(
        minutes=1
    )


def test_greythr_the_category_of_today_chooses(greythr):
    greythr.people = [greythr.person(1, f"{TODAY}")]
    new = f"{TODAY - timedelta(days=10)}"
    greythr.categories = {1: [
        {"categoryDesc": "Department", "valueDesc": "Sales", "effectiveTo": new},
        {"categoryDesc": "Department", "valueDesc": "Finance", "effectiveFrom": new},
    ]}  # fmt: skip
    options = Options(since=timezone.now(), with_categories=True)
    ours = CONNECTORS["greythr"](GOOD["greythr"], options)
    assert people_of(ours.poll({}))[0].categories == ("department:finance",)
    assert [choice.key for choice in ours.categories()] == ["department:finance"]


def test_greythr_reads_no_categories_that_choose_nothing(greythr):
    greythr.people = [greythr.person(1, f"{TODAY}")]
    found("greythr")
    assert {path.partition("?")[0] for path in greythr.asked} == {
        "/uas/v1/oauth2/client-token", "/employee/v2/employees",
    }  # fmt: skip


# Freshteam ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"deleted": True},
        *({"status": s} for s in ("rejected", "archived", "moved", "dropped", "on_hold")),
    ],
)
def test_freshteam_only_open_applications_are_records(freshteam, fields):
    freshteam.people = [freshteam.person(1, **fields)]
    assert found("freshteam") == []
    assert connector("freshteam").fetch("1") is None


def test_freshteam_every_job_is_read_with_all_its_pages(freshteam):
    freshteam.people = [freshteam.person(key, job=7 + key % 2) for key in range(1, 10)]
    assert {record.external_id for record in found("freshteam")} == set("123456789")


def test_freshteam_a_step_says_more_than_its_stage(freshteam):
    freshteam.people = [freshteam.person(1, sub_stage_id=31), freshteam.person(2, sub_stage_id=32)]
    first, second = found("freshteam")
    assert first.stages == ("step:verbal offer", "stage:offer")
    assert second.stages == ("stage:offer",)
    assert "step:verbal offer" in [choice.key for choice in connector("freshteam").stages()]


def test_freshteam_takes_the_other_number_where_there_is_no_mobile(freshteam):
    freshteam.people = [freshteam.person(1, candidate={"mobile": None, "phone": 9876543210})]
    assert found("freshteam")[0].phone == "9876543210"


def test_freshteam_asks_for_what_was_changed_since_the_day_before(freshteam):
    cursor = list(connector("freshteam").poll({}))[-1].cursor
    found("freshteam", cursor)
    day = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert any(f"updated_since={day}" in path for path in freshteam.asked)


def test_freshteam_gets_a_private_comment_and_its_field(freshteam):
    connector("freshteam").push_status("1", "Completed <b>")
    assert freshteam.fields == {}
    connector("freshteam", field="cf_check").push_status("1", "Completed <b>")
    assert freshteam.fields["1"] == {"custom_fields": {"cf_check": "Completed <b>"}}
    key, comment = freshteam.comments[-1]
    assert (key, comment["private"]) == ("1", True)
    assert comment["body"] == "<p>Completed &lt;b&gt;</p>"


# Greenhouse and Generic -----------------------------------------------------------------------


def test_greenhouse_a_signature_with_an_equals_sign_is_another_vendors():
    body = b'{"action": "candidate_hired"}'
    headers = {name: value.replace(" ", "=") for name, value in proven("greenhouse", body).items()}
    with pytest.raises(NotVerified):
        connector("greenhouse").verify(Incoming(headers, body))


def test_greenhouse_escapes_in_the_body_stay_as_they_are_signed():
    person = '{"id": 5, "first_name": "\\u00c5sa", "last_name": "\\u0939"}'
    body = f'{{"action":"candidate_hired","payload":{{"candidate":{person}}}}}'.encode()
    event = connector("greenhouse").verify(Incoming(proven("greenhouse", body), body))
    assert event.record.name == "Åsa ह"


def test_greenhouse_other_actions_are_of_no_interest():
    body = b'{"action": "ping", "payload": {}}'
    assert connector("greenhouse").verify(Incoming(proven("greenhouse", body), body)).record is None


def test_greenhouse_tells_repeats_by_its_own_id():
    body = b'{"action": "ping"}'
    headers = {**proven("greenhouse", body), "Greenhouse-Event-ID": "77"}
    assert connector("greenhouse").verify(Incoming(headers, body)).id == "77"


def test_generic_takes_a_sha256_in_a_header_of_any_name():
    import hashlib
    import hmac

    body = b'{"id": 1, "name": "A"}'
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    ours = connector("generic", scheme="header", header="X-Acme")
    assert ours.verify(Incoming({"X-Acme": f"sha256={digest}"}, body)).external_id == "1"
    with pytest.raises(NotVerified):
        ours.verify(Incoming({"X-Other": f"sha256={digest}"}, body))


def test_generic_an_old_message_is_refused():
    body = b'{"id": 1}'
    headers = proven("generic", body)
    headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) - 400)
    with pytest.raises(NotVerified):
        connector("generic").verify(Incoming(headers, body))


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/a/b", 1), ("/list/1", "y"), ("/list/2", None), ("/list/01", None), ("/list/-1", None),
        ("/a~1b", 2), ("/m~0n", 3), ("/", 4), ("/a/b/c", None), ("/nothing", None),
    ],
)  # fmt: skip
def test_pointers_lead_where_rfc_6901_says(pointer, value):
    document = {"a": {"b": 1}, "list": ["x", "y"], "a/b": 2, "m~n": 3, "": 4}
    assert found_at(pointer, document) == value
