"""``Idempotency-Key``: a repeat of ``candidate/add`` makes nothing twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection

from apitokens.services import delete_token, rotate_token
from candidates.external import views
from candidates.models import Candidate, IdempotencyKey, Package
from candidates.services import idempotency
from candidates.services.add import add_candidate
from tests.candidates.external import ADD, assert_nothing_written, assert_refused, body
from tests.conftest import bearer
from tests.factories import make_token

pytestmark = pytest.mark.django_db

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def add(api, subtype, key=KEY, **candidate):
    return api.post(ADD, body(subtype, **candidate), format="json", HTTP_IDEMPOTENCY_KEY=key)


def is_replay(response):
    return response.headers.get("Idempotent-Replayed") == "true"


def credits_left():
    return Package.objects.get().credits


def test_a_repeat_gets_the_same_answer_and_makes_nothing(api, subtype):
    first = add(api, subtype, meta_data={"z": 1.50, "a": ["ü", 10**18]})
    second = add(api, subtype, meta_data={"z": 1.50, "a": ["ü", 10**18]})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert (is_replay(first), is_replay(second)) == (False, True)
    assert second["Cache-Control"] == "no-store"
    assert Candidate.objects.count() == 1
    assert credits_left() == 999


def test_order_and_white_space_make_no_other_body(api, subtype):
    given = body(subtype)
    add(api, subtype)
    turned = {name: given[name] for name in reversed(given)}
    text = json.dumps(turned, indent=3)
    again = api.generic("POST", ADD, text, "application/json", HTTP_IDEMPOTENCY_KEY=KEY)
    assert is_replay(again)


def test_another_body_under_the_same_key_is_422_and_writes_nothing(api, subtype):
    first = add(api, subtype)
    other = add(api, subtype, name="Rohan", email="r@x.test", phone="9000000001")
    assert_refused(other, 422, "Idempotency-Key")
    assert other.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert not is_replay(other)
    assert Candidate.objects.count() == 1
    assert add(api, subtype).content == first.content


def test_keys_are_compared_by_their_characters(api, subtype):
    add(api, subtype, "abc")
    assert add(api, subtype, "ABC").status_code == 409  # the same person: a call of its own
    assert add(api, subtype, '"abc"').status_code == 409


def test_without_a_key_nothing_is_kept(api, subtype):
    assert api.post(ADD, body(subtype), format="json").status_code == 200
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb", "a\x7f", "k" * 60_000])
def test_an_impossible_key_is_400_naming_the_header(api, subtype, key):
    assert_refused(add(api, subtype, key), 400, "Idempotency-Key")
    assert_nothing_written()


@pytest.mark.parametrize("key", ["k", "k" * 255, "a b~!", '"8e03978e"', "' OR 1=1 --"])
def test_any_printable_ascii_is_a_key(api, subtype, key):
    assert add(api, subtype, key).status_code == 200
    assert is_replay(add(api, subtype, key))


# whose key it is -----------------------------------------------------------------------------
def test_a_key_belongs_to_one_token(api, acme, admin, subtype):
    add(api, subtype)
    _, jwt = make_token(owner=acme, user=admin, name="Another")
    other = add(bearer(jwt), subtype, name="Rohan", email="r@x.test", phone="9000000001")
    assert (other.status_code, is_replay(other)) == (200, False)
    assert Candidate.objects.count() == 2


def test_a_key_of_another_company_is_nobody_s_business(api, subtype, other_admin, foreign_subtype):
    add(api, subtype)
    _, jwt = make_token(owner=other_admin.company, user=other_admin)
    other = add(bearer(jwt), foreign_subtype)
    assert (other.status_code, is_replay(other)) == (200, False)


def test_a_rotated_token_keeps_its_keys(api, token, admin, subtype):
    first = add(api, subtype)
    _, new = rotate_token(token=token, overlap=timedelta(0), actor=admin)
    again = add(bearer(new), subtype)
    assert is_replay(again)
    assert again.content == first.content


def test_a_deleted_token_is_shown_nothing(api, token, admin, subtype):
    add(api, subtype)
    delete_token(token=token, actor=admin)
    assert_refused(add(api, subtype), 401)


# what is kept, and what isn't ----------------------------------------------------------------
def test_no_credits_is_final_for_its_key(api, subtype):
    Package.objects.update(credits=0)
    first = add(api, subtype)
    assert_refused(first, 422, "package.subtype_id")
    assert first.json()["errors"][0]["code"] == "insufficient_credits"
    Package.objects.update(credits=1000)
    again = add(api, subtype)
    assert (again.status_code, again.content, is_replay(again)) == (422, first.content, True)
    assert_nothing_written()
    assert add(api, subtype, "a new key").status_code == 200


def test_a_duplicate_is_final_for_its_key(api, subtype):
    made = add(api, subtype, "1").json()["data"]["candidate_id"]
    first = add(api, subtype, "2")
    assert_refused(first, 409, "candidate.email", "candidate.phone")
    assert {e["code"] for e in first.json()["errors"]} == {"duplicate_candidate"}
    Candidate.objects.get(pk=made).delete()
    again = add(api, subtype, "2")
    assert (again.status_code, again.content, is_replay(again)) == (409, first.content, True)


@pytest.mark.parametrize("wrong", ['{"candidate": ', "[]", "{}", '{"candidate": {}, "package": 1}'])
def test_an_invalid_call_leaves_its_key_free(api, subtype, wrong):
    bad = api.generic("POST", ADD, wrong, "application/json", HTTP_IDEMPOTENCY_KEY=KEY)
    assert bad.status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert add(api, subtype).status_code == 200


@pytest.mark.parametrize(("error", "status"), [(OperationalError, 503), (IntegrityError, 409)])
def test_what_may_be_otherwise_in_a_moment_leaves_the_key_free(
    api, subtype, monkeypatch, error, status
):
    def fail(**kwargs):
        add_candidate(**kwargs)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(views, "add_candidate", fail)
        assert add(api, subtype).status_code == status
    assert_nothing_written()
    assert not IdempotencyKey.objects.exists()
    assert add(api, subtype).status_code == 200


def test_candidate_and_answer_are_written_together(api, subtype, monkeypatch):
    def fail(self, *args, **kwargs):
        raise RuntimeError("the process died here")

    with monkeypatch.context() as broken:
        broken.setattr(IdempotencyKey, "save", fail)
        api.raise_request_exception = False
        assert add(api, subtype).status_code == 500
    assert_nothing_written()
    assert not IdempotencyKey.objects.exists()
    assert add(api, subtype).status_code == 200


def test_a_repeat_is_answered_though_the_package_is_offered_no_more(api, subtype):
    first = add(api, subtype)
    Package.objects.update(is_active=False)
    assert add(api, subtype).content == first.content


# how long ------------------------------------------------------------------------------------
def test_after_24_hours_the_key_is_free(api, subtype, time_machine):
    time_machine.move_to("2026-07-01T10:00:00Z", tick=False)
    add(api, subtype)
    time_machine.move_to("2026-07-02T09:59:59Z", tick=False)
    assert is_replay(add(api, subtype))
    time_machine.move_to("2026-07-02T10:00:00Z", tick=False)
    late = add(api, subtype)
    assert (late.status_code, is_replay(late)) == (409, False)  # a new call about the same person
    assert is_replay(add(api, subtype))


def test_old_answers_are_pruned_and_others_stay(api, subtype, time_machine, capsys):
    time_machine.move_to("2026-07-01T10:00:00Z", tick=False)
    add(api, subtype, "old")
    time_machine.move_to("2026-07-02T09:59:59Z", tick=False)
    add(api, subtype, "new")
    time_machine.move_to("2026-07-02T10:00:00Z", tick=False)
    call_command("candidates_prune", "--dry-run")
    assert IdempotencyKey.objects.count() == 2
    call_command("candidates_prune")
    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]
    said = capsys.readouterr().out.splitlines()
    assert {"Would delete 1 answers.", "Deleted 1 answers."} <= set(said)
    assert Candidate.objects.count() == 1


def test_an_answer_goes_with_its_candidate_and_with_its_company(api, acme, subtype):
    add(api, subtype)
    Candidate.objects.get().delete()
    assert not IdempotencyKey.objects.exists()
    add(api, subtype)
    acme.delete()
    assert not IdempotencyKey.objects.exists()


# at once -------------------------------------------------------------------------------------
def in_a_thread(jwt, given, key=KEY):
    try:
        return bearer(jwt).post(ADD, given, format="json", HTTP_IDEMPOTENCY_KEY=key)
    finally:
        connection.close()


@pytest.fixture
def slow(monkeypatch):
    """The first call stops when it has added, until told; (it got there, go on)."""
    reached, go_on = Event(), Event()

    def add_slowly(**kwargs):
        candidate = add_candidate(**kwargs)
        if not reached.is_set():
            reached.set()
            assert go_on.wait(20)
        return candidate

    monkeypatch.setattr(views, "add_candidate", add_slowly)
    return reached, go_on


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_adds_and_all_get_its_answer(jwt, subtype):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(in_a_thread, [jwt] * 16, [body(subtype)] * 16))
    assert {(a.status_code, a.content) for a in answers} == {(200, answers[0].content)}
    assert sum(map(is_replay, answers)) == 15
    assert Candidate.objects.count() == 1
    assert credits_left() == 999


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first(jwt, subtype, slow):
    reached, go_on = slow
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(in_a_thread, jwt, body(subtype))
        assert reached.wait(10)
        second = threads.submit(in_a_thread, jwt, body(subtype))
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)
        go_on.set()
        answers = first.result(10), second.result(10)
    assert answers[0].content == answers[1].content
    assert [is_replay(a) for a in answers] == [False, True]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_when_to_come_again(jwt, subtype, slow, monkeypatch):
    assert idempotency.PATIENCE.total_seconds() == 10
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(seconds=0.3))
    reached, go_on = slow
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(in_a_thread, jwt, body(subtype))
        assert reached.wait(10)
        second = in_a_thread(jwt, body(subtype))
        go_on.set()
        assert first.result(10).status_code == 200
    assert_refused(second, 409, "Idempotency-Key")
    assert second.json()["errors"][0]["code"] == "idempotency_key_in_use"
    assert int(second["Retry-After"]) > 0
    assert is_replay(in_a_thread(jwt, body(subtype)))
    assert Candidate.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_when_the_first_fails_the_one_that_waited_does_the_work(jwt, subtype, monkeypatch):
    reached, go_on = Event(), Event()

    def fail_first(**kwargs):
        if reached.is_set():
            return add_candidate(**kwargs)
        reached.set()
        assert go_on.wait(20)
        raise OperationalError

    monkeypatch.setattr(views, "add_candidate", fail_first)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(in_a_thread, jwt, body(subtype))
        assert reached.wait(10)
        second = threads.submit(in_a_thread, jwt, body(subtype))
        go_on.set()
        assert first.result(10).status_code == 503
        assert (second.result(10).status_code, is_replay(second.result())) == (200, False)
    assert Candidate.objects.count() == 1
