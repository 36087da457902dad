"""What every connector promises: the same tests over each of them."""

import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook
from werkzeug import Response

from integrations.inbound import client
from integrations.inbound.contract import Choice, Connector, Incoming, Options, Record
from integrations.inbound.exceptions import (
    ERRORS,
    NotReadable,
    NotSupported,
    NotVerified,
    RateLimited,
    Refused,
    RemoteError,
    Unexpected,
    Unreachable,
    words_of,
)
from integrations.inbound.registry import CONNECTORS
from tests.integrations.inbound.stubs import (
    TOKEN,
    FreshteamStub,
    GreytHRStub,
    TalentLyftStub,
    answer,
    running,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD = {
    "talentlyft": {"token": TOKEN, "hook_secret": SECRET},
    "greythr": {"tenant": "acme", "user": "api-user", "password": TOKEN, "token_address": "tenant"},
    "freshteam": {"domain": "acme", "key": TOKEN, "hook_secret": SECRET},
    "greenhouse": {"hook_secret": SECRET},
    "generic": {"scheme": "standard", "hook_secret": SECRET},
}
SECRET_FIELD = {"talentlyft": "token", "greythr": "password", "freshteam": "key"}
STUBS = {"talentlyft": TalentLyftStub, "greythr": GreytHRStub, "freshteam": FreshteamStub}
POINTERS = {"external_id": "/id", "name": "/name", "email": "/email", "phone": "/phone"}
TODAY = f"{timezone.localdate():%Y-%m-%d}"

polling = pytest.mark.parametrize("kind", STUBS)
every = pytest.mark.parametrize("kind", CONNECTORS)
receiving = pytest.mark.parametrize(
    "kind", [kind for kind, connector in CONNECTORS.items() if connector.receives]
)


def connector(kind, *, attempts=3, **credentials):
    options = Options(since=timezone.now(), pointers=POINTERS)
    return CONNECTORS[kind]({**GOOD[kind], **credentials}, options, attempts=attempts)


@pytest.fixture
def stub(request):
    kind = request.node.callspec.params["kind"]
    with running(STUBS[kind]()) as found:
        yield found


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits; for how long they would have, in order."""
    seconds = []
    monkeypatch.setattr(client, "pause", seconds.append)
    return seconds


def somebody(stub, key=1, **fields):
    if isinstance(stub, GreytHRStub):
        return stub.person(key, fields.pop("joined", TODAY), **fields)
    return stub.person(key, **fields)


def people_of(batches):
    return [record for batch in batches for record in batch.records]


@every
def test_it_says_all_that_a_card_and_a_form_show(kind):
    found = CONNECTORS[kind]
    assert found.kind == kind
    for words in (found.word, found.monogram, found.summary, found.needs, *found.steps):
        assert str(words)
    assert all(str(what) and str(why) for what, why in found.reads)
    names = [field.name for field in found.fields]
    assert names
    assert len(set(names)) == len(names)
    assert found.polls or found.receives


@every
def test_a_state_is_written_back_or_the_card_says_why_not(kind):
    found = CONNECTORS[kind]
    if found.push_status is Connector.push_status:
        assert str(found.no_status)
        with pytest.raises(NotSupported):
            connector(kind).push_status("1", "Completed")
    else:
        assert not found.no_status


@every
def test_what_is_secret_never_stands_in_an_address(kind):
    for field in CONNECTORS[kind].fields:
        if field.secret:
            assert not field.prefix
            assert not field.suffix


@polling
def test_the_test_says_what_works(kind, stub):
    stub.people = [somebody(stub, key) for key in (1, 2)]
    steps = [str(step) for step in connector(kind).test()]
    assert len(steps) >= 2
    assert any(character.isdigit() for character in " ".join(steps))


@polling
def test_wrong_credentials_are_refused_in_the_words_of_the_other_side(kind, stub):
    with pytest.raises(Refused) as refused:
        list(connector(kind, **{SECRET_FIELD[kind]: "wrong"}).test())
    assert refused.value.detail[:3] in ("401", "403")
    assert len(refused.value.detail) > 4


@polling
def test_stages_and_categories_are_read_live(kind, stub):
    stages, categories = connector(kind).stages(), connector(kind).categories()
    assert stages
    assert all(isinstance(choice, Choice) for choice in stages + categories)
    keys = [choice.key for choice in stages]
    assert len(set(keys)) == len(keys)


@polling
def test_everybody_is_found_on_all_pages_and_once(kind, stub):
    count = 230
    stub.people = [somebody(stub, key) for key in range(1, count + 1)]
    found = people_of(connector(kind).poll({}))
    assert [record.external_id for record in found] == [str(key) for key in range(1, count + 1)]
    assert all(isinstance(record, Record) for record in found)


@polling
def test_a_record_has_what_the_form_needs_and_a_stage_that_is_listed(kind, stub):
    stub.people = [somebody(stub, 1)]
    ours = connector(kind)
    (record,) = people_of(ours.poll({}))
    assert record.name
    assert "@example.in" in record.email
    assert record.phone.replace(" ", "")[-10:].isdigit()
    assert set(record.stages) <= {choice.key for choice in ours.stages()}
    assert record.stage_name


@polling
def test_nobody_there_is_no_error(kind, stub):
    assert people_of(connector(kind).poll({})) == []


@polling
def test_numbers_in_place_of_texts_are_texts_and_nulls_are_nothing(kind, stub):
    person = somebody(stub, 1)
    {
        "talentlyft": lambda: person.update(
            PhoneNumbers=[{"Value": 9876543210}], Emails=None, LastName=None, Tags=None
        ),
        "greythr": lambda: person.update(mobile=9876543210, personalEmail=None, email=None),
        "freshteam": lambda: person["candidate"].update(mobile=9876543210, email=None),
    }[kind]()
    stub.people = [person]
    (record,) = people_of(connector(kind).poll({}))
    assert record.phone == "9876543210"
    assert record.email == ""


@polling
@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_moment_of_trouble_is_waited_for(kind, stub, status, waits):
    stub.people = [somebody(stub, 1)]
    ours = connector(kind)
    list(ours.test())
    stub.break_next(answer({}, status, **{"Retry-After": "2"}))
    assert len(people_of(ours.poll({}))) == 1
    assert waits == [2]


@polling
def test_a_long_wait_is_left_to_the_worker(kind, stub, waits):
    ours = connector(kind)
    list(ours.test())
    stub.break_next(answer({}, 429, **{"Retry-After": "600"}))
    with pytest.raises(RateLimited) as limited:
        people_of(ours.poll({}))
    assert limited.value.seconds == 600
    assert waits == []


@polling
def test_a_wait_until_a_date_is_understood(kind, stub):
    ours = connector(kind)
    list(ours.test())
    moment = datetime.now(UTC) + timedelta(minutes=10)
    date = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    stub.break_next(answer({}, 503, **{"Retry-After": date}))
    with pytest.raises(RateLimited) as limited:
        people_of(ours.poll({}))
    assert 500 < limited.value.seconds <= 600


@polling
def test_trouble_that_lasts_ends_after_three_tries(kind, stub, waits):
    ours = connector(kind)
    list(ours.test())
    before = len(stub.asked)
    stub.break_next(*[answer({"Message": "down"}, 503)] * 3)
    with pytest.raises(Unreachable):
        people_of(ours.poll({}))
    assert len(stub.asked) - before == 3
    assert len(waits) == 2


@polling
def test_429_that_lasts_is_a_matter_for_later(kind, stub):
    ours = connector(kind)
    list(ours.test())
    stub.break_next(*[answer({}, 429)] * 3)
    with pytest.raises(RateLimited):
        people_of(ours.poll({}))


@polling
@pytest.mark.parametrize(
    "broken",
    [
        lambda: Response("<html>Please sign in</html>", 200, mimetype="text/html"),
        lambda: Response("not json", 200, mimetype="application/json"),
        lambda: Response("[" * 100_000, 200, mimetype="application/json"),
        lambda: Response("", 200, mimetype="application/json"),
        lambda: Response('"text"', 200, mimetype="application/json"),
        lambda: Response('{"data": 5, "Results": 5}', 200, mimetype="application/json"),
        lambda: Response("", 302, {"Location": "https://elsewhere.test/"}),
        lambda: Response("x" * 600_000, 200, mimetype="application/json"),
        lambda: answer({"Message": "bad request"}, 400),
    ],
)
def test_an_answer_that_is_none_is_an_error_and_never_an_empty_list(kind, stub, broken):
    ours = connector(kind)
    list(ours.test())
    stub.break_next(broken())
    with pytest.raises((Unexpected, Unreachable)):
        people_of(ours.poll({}))


@polling
def test_a_server_that_is_gone_is_unreachable(kind, stub):
    stub.server.stop()
    with pytest.raises(Unreachable):
        list(connector(kind, attempts=1).test())
    stub.server.start()


@polling
def test_the_cursor_is_given_only_where_one_can_go_on_from(kind, stub):
    stub.people = [somebody(stub, key) for key in range(1, 120)]
    batches = list(connector(kind).poll({}))
    assert batches[-1].records == []
    assert batches[-1].cursor is not None
    json.dumps(batches[-1].cursor)


@polling
def test_with_the_last_cursor_the_next_run_finds_whoever_is_new(kind, stub):
    stub.people = [somebody(stub, 1)]
    cursor = list(connector(kind).poll({}))[-1].cursor
    stub.people.append(somebody(stub, 2))
    assert "2" in [record.external_id for record in people_of(connector(kind).poll(cursor))]


@polling
def test_one_person_can_be_read_anew_where_the_connector_says_so(kind, stub):
    stub.people = [somebody(stub, 1)]
    if not CONNECTORS[kind].fetches:
        with pytest.raises(NotSupported):
            connector(kind).fetch("1")
        return
    assert connector(kind).fetch("1").external_id == "1"
    assert connector(kind).fetch("2") is None
    assert connector(kind).fetch("../jobs") is None


def proven(kind, body, secret=SECRET):
    """The headers with which *kind* proves *body*."""
    if kind == "generic":
        now = datetime.now(UTC)
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
        }
    if kind == "freshteam":
        return {"X-Portal-Secret": secret}
    name, digest, prefix = {
        "talentlyft": ("X-TL-Signature", "sha1", "sha1="),
        "greenhouse": ("Signature", "sha256", "sha256 "),
    }[kind]
    return {name: prefix + hmac.new(secret.encode(), body, digest).hexdigest()}


BODIES = {
    "talentlyft": {"Uid": "u1", "Payload": [{"Type": "Candidate", "Data": {"Id": 42}}]},
    "freshteam": {"applicant_id": 42},
    "greenhouse": {"action": "candidate_hired", "payload": {"application": {"candidate": {
        "id": 42, "first_name": "Sneha", "last_name": "Pillai",
        "email_addresses": [{"value": "sneha@example.in", "type": "personal"}],
        "phone_numbers": [{"value": "98765 43210", "type": "mobile"}], "tags": ["Exec"],
    }}}},
    "generic": {"id": 42, "name": "Sneha Pillai", "email": "sneha@example.in", "phone": 9876543210},
}  # fmt: skip


@receiving
def test_a_proven_message_says_of_whom_it_speaks(kind):
    body = json.dumps(BODIES[kind]).encode()
    event = connector(kind).verify(Incoming(proven(kind, body), body))
    assert event.id
    assert event.external_id == "42"
    if event.record is not None:
        assert (event.record.name, event.record.email) == ("Sneha Pillai", "sneha@example.in")
    assert (event.record is None) == CONNECTORS[kind].fetches


@receiving
@pytest.mark.parametrize(
    "tamper",
    [
        lambda headers: {},
        lambda headers: dict.fromkeys(headers, ""),
        lambda headers: {name: value[:-1] for name, value in headers.items()},
        lambda headers: {name: f"{value}x" for name, value in headers.items()},
        lambda headers: dict.fromkeys(headers, "sha256="),
        lambda headers: dict.fromkeys(headers, "ü�"),
    ],
)
def test_an_unproven_message_is_refused(kind, tamper):
    body = json.dumps(BODIES[kind]).encode()
    with pytest.raises(NotVerified):
        connector(kind).verify(Incoming(tamper(proven(kind, body)), body))


@receiving
def test_another_secret_proves_nothing_and_neither_does_none(kind):
    body = json.dumps(BODIES[kind]).encode()
    other = "whsec_" + "A" * 32
    with pytest.raises(NotVerified):
        connector(kind).verify(Incoming(proven(kind, body, other), body))
    with pytest.raises(NotVerified):
        connector(kind, hook_secret="").verify(Incoming(proven(kind, body), body))


@pytest.mark.parametrize("kind", ["talentlyft", "greenhouse", "generic"])
def test_a_signature_holds_for_its_body_alone(kind):
    body = json.dumps(BODIES[kind]).encode()
    with pytest.raises(NotVerified):
        connector(kind).verify(Incoming(proven(kind, body), body + b" "))


@receiving
@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b"\xff\xfe", b"[" * 50_000])
def test_a_proven_body_that_is_no_object_is_an_error(kind, body):
    is_text = not body.startswith(b"\xff")
    with pytest.raises(NotReadable if is_text or kind != "generic" else NotVerified):
        connector(kind).verify(
            Incoming(proven(kind, body) if is_text or kind != "generic" else {}, body)
        )


@receiving
@pytest.mark.parametrize("odd", [None, [], 5, {"Payload": 3, "payload": 5, "applicant": []}])
def test_odd_shapes_in_a_proven_message_are_no_crash(kind, odd):
    body = json.dumps({**(odd if isinstance(odd, dict) else {"id": odd}), "Uid": "u"}).encode()
    try:
        event = connector(kind).verify(Incoming(proven(kind, body), body))
    except NotReadable:
        return
    assert event.record is None or event.external_id


@every
def test_what_a_system_cannot_do_it_says_it_cannot(kind):
    ours = connector(kind)
    if not ours.fetches:
        with pytest.raises(NotSupported):
            ours.fetch("1")
    if not ours.polls:
        with pytest.raises(NotSupported):
            list(ours.poll({}))
        assert ours.stages()


def test_every_error_has_words():
    for error in ERRORS:
        assert issubclass(error, RemoteError)
        assert words_of(error.code) == error.message
