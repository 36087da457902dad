"""Who sees which candidates."""

import pytest

from apitokens.attribution import Actor
from candidates.models import Candidate
from candidates.visibility import sees_progress, visible_candidates, visible_cases
from tests.candidates.conftest import add
from tests.factories import StaffFactory, UserFactory


def seen_by(user):
    """The candidates; their cases are always the same ones."""
    seen = set(visible_candidates(user))
    assert {case.candidate for case in visible_cases(user)} == seen
    return seen


def test_an_admin_sees_all_of_the_company_and_none_of_another(
    admin, hr, subtype, through_token, foreign
):
    everyone = {through_token, add(hr, subtype), add(admin, subtype)}
    assert seen_by(admin) == everyone


@pytest.mark.parametrize("level", ["hr", "recruiter"])
def test_others_see_what_they_added_themselves(request, level, admin, token, subtype, meera):
    person = request.getfixturevalue(level)
    own = add(person, subtype)
    add(Actor(person, token), subtype)
    assert seen_by(person) == {own}


def test_somebody_who_is_demoted_keeps_only_their_own(admin, hr, subtype, through_token):
    own = add(admin, subtype)
    add(hr, subtype)
    admin.access_level = "hr"
    admin.save()
    assert seen_by(admin) == {own}


def test_somebody_who_moves_to_another_company_takes_nothing_along(admin, globex, meera, foreign):
    admin.company = globex
    admin.access_level = "hr"
    admin.save()
    assert seen_by(admin) == set()


def test_staff_see_none_here(meera):
    assert seen_by(StaffFactory()) == set()


def test_added_by_hand_is_neither_through_a_token_nor_by_somebody_else(
    admin, hr, token, subtype, meera
):
    own = add(hr, subtype)
    add(Actor(hr, token), subtype)
    assert set(Candidate.objects.added_by_person(hr)) == {own}


@pytest.mark.parametrize(
    ("level", "expected"), [("admin", True), ("hr", True), ("recruiter", False)]
)
def test_only_recruiters_are_not_shown_states_and_dates(acme, level, expected):
    assert sees_progress(UserFactory(company=acme, access_level=level)) is expected
