"""The services: all or nothing, one credit each, one unfinished case a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from apitokens.attribution import Actor
from candidates.demo.states import bring_to
from candidates.exceptions import CandidateError, DuplicateCandidate, NoCredits, NotAllowedNow
from candidates.models import (
    Candidate,
    Case,
    CaseStatus,
    CreditEntry,
    Decision,
    LogEntry,
    Package,
    Reason,
)
from candidates.models.case import FINISHED
from candidates.services.cases import decide
from tests.candidates.conftest import add
from tests.factories import StaffFactory, SubtypeFactory

UNFINISHED = [status for status in CaseStatus if status not in FINISHED]


def credits(subtype):
    return Package.objects.get(pk=subtype.package_id).credits


def test_adding_takes_one_credit_and_opens_a_case_in_state_3(admin, subtype):
    candidate = add(admin, subtype)
    assert credits(subtype) == 999
    assert (candidate.case.status, candidate.case.company) == (3, candidate.company)
    entry = candidate.log.get()
    assert (entry.kind, entry.added_by) == (LogEntry.Kind.ADDED, admin)


def test_what_a_token_adds_is_attributed_to_both(admin, token, subtype):
    candidate = add(Actor(admin, token), subtype)
    assert (candidate.added_by, candidate.added_through) == (admin, token)
    assert candidate.added_by_label == "API(Greenhouse sync)"
    assert candidate.log.get().added_by_label == "API(Greenhouse sync)"


def test_subtypes_of_a_package_share_its_credits(admin, subtype):
    add(admin, subtype)
    add(admin, SubtypeFactory(package=subtype.package))
    assert credits(subtype) == 998


def test_without_credits_nothing_is_added(admin, subtype):
    Package.objects.update(credits=1)
    add(admin, subtype)
    with pytest.raises(NoCredits):
        add(admin, subtype)
    assert Candidate.objects.count() == 1
    assert credits(subtype) == 0


@pytest.mark.parametrize(
    ("field", "first", "again"),
    [
        ("email", "a@example.in", "A@Example.in"),
        ("phone", "9845012345", "9845012345"),
        ("employee_id", "AC-ß", "ac-SS"),
    ],
)
def test_a_duplicate_takes_no_credit_and_names_the_field(admin, subtype, field, first, again):
    other = add(admin, subtype, **{field: first})
    with pytest.raises(DuplicateCandidate) as caught:
        add(admin, subtype, **{field: again})
    assert caught.value.fields == [field]
    assert caught.value.candidate == other
    assert credits(subtype) == 999
    assert Candidate.objects.count() == 1
    assert isinstance(caught.value, CandidateError)


def test_the_same_person_of_two_companies_is_no_duplicate(
    admin, other_admin, subtype, foreign_subtype
):
    add(admin, subtype, email="a@example.in", phone="9845012345")
    add(other_admin, foreign_subtype, email="a@example.in", phone="9845012345")
    assert Candidate.objects.count() == 2


def test_what_is_not_given_is_no_duplicate(admin, subtype):
    add(admin, subtype, email="", employee_id="")
    add(admin, subtype, email="", employee_id="")
    assert Candidate.objects.count() == 2


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_finishing_a_case_frees_the_person(admin, subtype, status):
    first = add(admin, subtype, email="a@example.in", phone="9845012345", employee_id="7")
    case = bring_to(case=first.case, status=status, actor=Actor(admin))
    assert case.completed_at is not None
    add(admin, subtype, email="a@example.in", phone="9845012345", employee_id="7")


@pytest.mark.parametrize("decision", [Decision.HELD, Decision.CLOSED, Decision.CANCELLED])
@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_case_is_opened_again_before_anything_else_is_decided(meera, status, decision):
    staff = Actor(StaffFactory())
    bring_to(case=meera.case, status=status, actor=staff)
    before, lines = Case.objects.filter(pk=meera.pk).values().get(), meera.log.count()
    until = timezone.now() + timedelta(days=1) if decision == Decision.HELD else None
    with pytest.raises(NotAllowedNow):
        decide(
            case=meera.case, decision=decision, reason=Reason.JOINING_LATER, until=until,
            actor=staff,
        )  # fmt: skip
    assert Case.objects.filter(pk=meera.pk).values().get() == before
    assert meera.log.count() == lines


@pytest.mark.parametrize("status", UNFINISHED)
def test_an_unfinished_case_keeps_the_person(admin, subtype, status):
    first = add(admin, subtype, email="a@example.in")
    bring_to(case=first.case, status=status, actor=Actor(admin))
    with pytest.raises(DuplicateCandidate):
        add(admin, subtype, email="a@example.in")


def test_opening_again_claims_the_person_again(admin, subtype):
    first = add(admin, subtype, email="a@example.in")
    bring_to(case=first.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    case = bring_to(case=first.case, status=CaseStatus.IN_PROGRESS, actor=Actor(admin))
    assert case.completed_at is None
    with pytest.raises(DuplicateCandidate):
        add(admin, subtype, email="a@example.in")


def test_opening_again_fails_whole_when_another_has_the_person_by_now(admin, subtype):
    first = add(admin, subtype, email="a@example.in")
    bring_to(case=first.case, status=CaseStatus.CLOSED, actor=Actor(admin))
    add(admin, subtype, email="a@example.in")
    lines = first.log.count()
    with pytest.raises(IntegrityError):
        bring_to(case=first.case, status=CaseStatus.IN_PROGRESS, actor=Actor(admin))
    assert Case.objects.get(pk=first.pk).status == CaseStatus.CLOSED
    assert first.log.count() == lines


def test_a_finished_case_that_moves_to_another_end_keeps_its_day(admin, meera):
    case = bring_to(case=meera.case, status=CaseStatus.COMPLETED, actor=Actor(admin))
    later = bring_to(case=case, status=CaseStatus.COMPLETED_WITH_EXCEPTION, actor=Actor(admin))
    assert later.completed_at == case.completed_at


def test_the_log_says_who_moved_the_case_and_how(meera):
    staff = StaffFactory(name="Operations")
    bring_to(case=meera.case, status=CaseStatus.ON_HOLD, actor=Actor(staff))
    entry = meera.log.first()
    assert entry.added_by_label == "Operations"
    assert entry.data == {"before": 3, "after": 9}
    assert entry.text == "changed the state from Awaiting input to On hold"


def test_the_same_state_again_is_no_change(admin, meera):
    bring_to(case=meera.case, status=CaseStatus.AWAITING_INPUT, actor=Actor(admin))
    assert meera.log.count() == 1


def try_to_add(who, subtype):
    """1 if it was added; each call may be in a thread with a connection of its own."""
    try:
        add(who, subtype)
    except NoCredits:
        return 0
    return 1


def in_a_thread(who, subtype):
    try:
        return try_to_add(who, subtype)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_take_more_credits_than_there_are(admin, subtype):
    """Really at once on PostgreSQL; SQLite's tests share one connection: one after the other."""
    Package.objects.update(credits=5)
    if connection.vendor == "sqlite":
        added = [try_to_add(admin, subtype) for _ in range(20)]
    else:
        with ThreadPoolExecutor(8) as threads:
            added = list(threads.map(in_a_thread, [admin] * 20, [subtype] * 20))
    assert sum(added) == Candidate.objects.count() == 5
    assert credits(subtype) == 0
    ledger = CreditEntry.objects.order_by("pk")
    assert [(e.change, e.balance) for e in ledger] == [(-1, n) for n in (4, 3, 2, 1, 0)]
