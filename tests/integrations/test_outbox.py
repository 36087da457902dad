"""Whatever changes a case's state is an event, written with it or not at all."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import NoCredits
from candidates.models import Case, CaseStatus, CheckStatus, Decision, LogEntry, Package, Reason
from candidates.services.add import announce_added
from candidates.services.cases import consent, decide, submit_form
from candidates.services.checks import close_check, hold_check, resume_check, set_check
from candidates.services.drafts import finish_draft, start_draft
from candidates.services.erasure import erase
from candidates.services.resuming import resume_due
from candidates.services.verification import sign_and_submit, submit_whole
from integrations.models import Delivery, Off, WebhookEvent
from integrations.outbound import outbox
from tests.candidates.answers import GOOD, fill
from tests.candidates.external import add as add_by_api
from tests.candidates.test_admin import change, change_check, decision, work
from tests.conftest import signed_in
from tests.factories import StaffFactory
from tests.integrations.conftest import add, make_endpoint

pytestmark = pytest.mark.django_db

CHANGED, COMPLETED, REPORT = "case.status_changed", "case.completed", "report.ready"
FINISHED = [CHANGED, COMPLETED, REPORT]


@pytest.fixture
def staff(db):
    return StaffFactory(name="Operations")


def told(since=0):
    return list(WebhookEvent.objects.order_by("pk").values_list("type", flat=True))[since:]


def bodies():
    return [json.loads(event.body) for event in WebhookEvent.objects.order_by("pk")]


def processing(meera, staff):
    return bring_to(case=meera.case, status=CaseStatus.PROCESSING, actor=Actor(staff))


def held(meera, staff, until=timedelta(days=1)):
    return decide(
        case=meera.case, decision=Decision.HELD, reason=Reason.OTHER,
        until=timezone.now() + until, actor=Actor(staff),
    )  # fmt: skip


def by_candidate(meera, staff):
    fill(meera)
    sign_and_submit(candidate=meera, name="Meera Iyer", address=None)


def by_api(meera, staff):
    submit_whole(
        candidate=meera, answers=GOOD, documents=[], consent_url="https://files.example/c.pdf",
        actor=Actor(staff),
    )  # fmt: skip


def first_check_to(status):
    def act(meera, staff):
        check = processing(meera, staff).checks.first()
        set_check(check=check, status=status, actor=Actor(staff))

    return act


def finished(meera, staff):
    for check in processing(meera, staff).checks.all():
        set_check(check=check, status=CheckStatus.VERIFIED, actor=Actor(staff))


def finished_otherwise(meera, staff):
    """One result is corrected after the end."""
    finished(meera, staff)
    set_check(check=meera.case.checks.first(), status=CheckStatus.MINOR, actor=Actor(staff))


def other_words(meera, staff):
    """What was found is put otherwise after the end, twice the same."""
    finished_otherwise(meera, staff)
    for found in ("Another name", "Another name", "Another name on the card"):
        check = meera.case.checks.first()
        set_check(check=check, status=CheckStatus.MINOR, actor=Actor(staff), found=found)


def other_words_in_the_admin(meera, staff):
    finished_otherwise(meera, staff)
    check = meera.case.checks.first()
    signed_in(staff).post(change_check(check), work("minor", "Another name"))


def other_words_before_the_end(meera, staff):
    check = processing(meera, staff).checks.first()
    for found in ("", "The letter is not legible"):
        set_check(check=check, status=CheckStatus.MAJOR, actor=Actor(staff), found=found)


def a_check_of_a_closed_case(meera, staff):
    processing(meera, staff)
    decided(Decision.CLOSED)(meera, staff)
    set_check(check=meera.case.checks.first(), status=CheckStatus.VERIFIED, actor=Actor(staff))


def held_checks(meera, staff, days=7):
    until = timezone.now() + timedelta(days=days)
    for check in processing(meera, staff).checks.all():
        hold_check(check=check, reason=Reason.OTHER, until=until, actor=Actor(staff))


def resumed_check(meera, staff):
    held_checks(meera, staff)
    resume_check(check=meera.case.checks.first(), actor=Actor(staff))


def holds_that_end(meera, staff):
    held(meera, staff, timedelta(0))
    resume_due(timezone.now())


def holds_of_checks_that_end(meera, staff):
    held_checks(meera, staff, days=0)
    resume_due(timezone.now())


def closed_checks(meera, staff):
    for check in processing(meera, staff).checks.all():
        close_check(check=check, reason=Reason.OTHER, actor=Actor(staff))


def decided(which):
    def act(meera, staff):
        decide(case=meera.case, decision=which, reason=Reason.OTHER, actor=Actor(staff))

    return act


def opened_again(meera, staff):
    decided(Decision.CLOSED)(meera, staff)
    decided(Decision.NONE)(meera, staff)


def in_the_admin(meera, staff):
    check = processing(meera, staff).checks.first()
    signed_in(staff).post(change_check(check), work("major", "Another name"))


def decided_in_the_admin(meera, staff):
    signed_in(staff).post(change(meera.case), decision("closed"))


def closed_by_hr(meera, staff):
    signed_in(meera.added_by).post(f"/candidates/{meera.pk}/close/", {"reason": "other"})


WAYS = {
    "the form, then the consent": (
        lambda meera, staff: [
            act(case=meera.case, actor=Actor(staff)) for act in (submit_form, consent)
        ],
        [CHANGED, CHANGED],
    ),
    "the consent first": (
        lambda meera, staff: [
            act(case=meera.case, actor=Actor(staff)) for act in (consent, submit_form)
        ],
        [CHANGED],
    ),
    "by the candidate": (by_candidate, [CHANGED, CHANGED]),
    "submit-bgv": (by_api, [CHANGED]),
    "work begins": (first_check_to(CheckStatus.IN_PROGRESS), [CHANGED] * 3),
    "a discrepancy": (first_check_to(CheckStatus.MAJOR), [CHANGED] * 3),
    "something is missing": (first_check_to(CheckStatus.INSUFFICIENCY), [CHANGED] * 3),
    "the last check ends": (finished, [CHANGED] * 3 + FINISHED),
    "another result": (finished_otherwise, [CHANGED] * 3 + FINISHED * 2),
    "other words": (other_words, [CHANGED] * 3 + FINISHED * 2 + [REPORT] * 2),
    "other words in the admin": (
        other_words_in_the_admin,
        [CHANGED] * 3 + FINISHED * 2 + [REPORT],
    ),
    "other words before the end": (other_words_before_the_end, [CHANGED] * 3),
    "a check of a closed case": (a_check_of_a_closed_case, [CHANGED] * 2 + FINISHED + [REPORT]),
    "all checks held": (held_checks, [CHANGED] * 3),
    "a check goes on": (resumed_check, [CHANGED] * 4),
    "a hold ends": (holds_that_end, [CHANGED] * 2),
    "holds of checks end": (holds_of_checks_that_end, [CHANGED] * 4),
    "all checks closed": (closed_checks, [CHANGED] * 3 + FINISHED),
    "held": (held, [CHANGED]),
    "without funds": (decided(Decision.UNFUNDED), [CHANGED]),
    "closed": (decided(Decision.CLOSED), FINISHED),
    "cancelled": (decided(Decision.CANCELLED), FINISHED),
    "opened again": (opened_again, [*FINISHED, CHANGED]),
    "a check in the admin": (in_the_admin, [CHANGED] * 3),
    "the case in the admin": (decided_in_the_admin, FINISHED),
    "by the company": (closed_by_hr, FINISHED),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_another_state_is_told(endpoint, meera, staff, way):
    act, expected = WAYS[way]
    before = len(told())
    act(meera, staff)
    assert told(before) == expected
    changes = LogEntry.objects.filter(kind=LogEntry.Kind.STATUS_CHANGED)
    assert changes.count() == expected.count(CHANGED)
    assert bodies()[-1]["overall_status_code"] == Case.objects.get().status
    assert Delivery.objects.filter(endpoint=endpoint).count() == WebhookEvent.objects.count()


def by_draft(admin, subtype, api):
    finish_draft(
        draft=start_draft(admin, admin.company), actor=Actor(admin), subtype=subtype,
        name="Meera Iyer", email="meera@example.in", phone="9876543210",
    )  # fmt: skip


ADDED = {
    "by hand": lambda admin, subtype, api: add(admin, subtype),
    "by its steps": by_draft,
    "by the API": lambda admin, subtype, api: add_by_api(api, subtype),
    "many at once": lambda admin, subtype, api: announce_added([add(admin, subtype)]),
}


@pytest.mark.parametrize("way", ADDED)
def test_every_way_to_add_a_candidate_is_told(endpoint, admin, subtype, api, way):
    ADDED[way](admin, subtype, api)
    assert set(told()) == {"candidate.added"}
    assert bodies()[0]["overall_status_code"] == CaseStatus.AWAITING_INPUT


CODE = [path for path in Path("candidates").rglob("*.py") if "migrations" not in path.parts]


def test_no_other_module_writes_a_state_or_makes_a_case():
    """So the ways above are all that there are; whoever makes cases past ``add`` announces them."""
    state = re.compile(r"\bcase\.status(?:,\s*\w+)* = |, case\.status = |cases?.*update\(.*status=")
    writers = {path.name for path in CODE if state.search(path.read_text())}
    assert writers == {"cases.py"}
    makers = [
        path for path in CODE if re.search(r"Case\.objects\.(bulk_)?create", path.read_text())
    ]
    assert makers
    assert all("announce_added" in path.read_text() for path in makers)


def test_whoever_is_erased_is_told_of_without_a_name_and_nothing_older_stays(
    endpoint, meera, staff
):
    processing(meera, staff)
    erase(candidate=meera, actor=Actor(staff))
    assert told() == [CHANGED, COMPLETED]  # what is left is no report
    assert "meera" not in str(bodies()).lower()
    assert [body["overall_status_code"] for body in bodies()] == [CaseStatus.CANCELLED] * 2
    assert Delivery.objects.count() == 2


def test_nothing_is_told_of_what_was_taken_back(endpoint, meera, staff):
    before = told()
    with transaction.atomic():
        decided(Decision.CLOSED)(meera, staff)
        assert told(len(before)) == FINISHED
        transaction.set_rollback(True)
    assert told() == before


def test_what_can_not_be_told_does_not_happen(endpoint, meera, staff, monkeypatch):
    def broken(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(outbox, "body_of", broken)
    with pytest.raises(ZeroDivisionError):
        decided(Decision.CLOSED)(meera, staff)
    assert Case.objects.get().status == CaseStatus.AWAITING_INPUT


def test_nobody_who_is_refused_is_told_of(endpoint, admin, subtype):
    Package.objects.update(credits=0)
    with pytest.raises(NoCredits):
        add(admin, subtype)
    assert told() == []


def test_the_numbers_of_a_case_rise_by_one_and_are_its_own(endpoint, meera, subtype, admin, staff):
    other = add(admin, subtype)
    finished(meera, staff)
    numbers = WebhookEvent.objects.order_by("pk").values_list("sequence", flat=True)
    assert list(numbers.filter(candidate=meera)) == [1, 2, 3, 4, 5, 6, 7]
    assert list(numbers.filter(candidate=other)) == [1]
    WebhookEvent.objects.all().delete()
    opened_again(other, staff)
    assert [body["sequence"] for body in bodies()] == [2, 3, 4, 5]


def test_each_endpoint_is_told_what_it_asked_for(acme, globex, meera, staff):
    ends = make_endpoint(acme, COMPLETED)
    all_of_it = make_endpoint(acme)
    off = make_endpoint(acme, REPORT, off_reason=Off.BY_ADMIN, off_since=timezone.now())
    foreign = make_endpoint(globex)
    finished(meera, staff)

    def sent(endpoint):
        return list(endpoint.deliveries.order_by("pk").values_list("event__type", flat=True))

    assert sent(ends) == [COMPLETED]
    assert sent(all_of_it) == [CHANGED] * 3 + FINISHED
    assert sent(off) == [REPORT]
    assert sent(foreign) == []


def test_what_nobody_asked_for_is_not_written(acme, meera, staff):
    make_endpoint(acme, REPORT)
    held(meera, staff)
    assert told() == []


def test_a_company_without_endpoints_costs_one_query(meera, django_assert_num_queries):
    with django_assert_num_queries(1):
        outbox.note_status(case=meera.case)


def test_many_candidates_cost_no_more_queries_than_one(
    endpoint, admin, subtype, django_assert_num_queries
):
    many = [add(admin, subtype) for _ in range(5)]
    with django_assert_num_queries(5):
        outbox.note_added(candidates=many)
