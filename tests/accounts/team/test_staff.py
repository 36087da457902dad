"""What staff change of a company's people in the Django admin stands in that company's history."""

import pytest

from accounts.models import SecurityEvent, User
from accounts.security.history import Line
from apitokens.wording import plain
from tests.conftest import signed_in
from tests.factories import PASSWORD, CompanyFactory, StaffFactory

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"


@pytest.fixture
def staff():
    return signed_in(StaffFactory(name="Operations"))


def change(staff, person, **changes):
    data = {
        "email": person.email, "name": person.name, "phone": "", "company": person.company_id,
        "access_level": person.access_level, "is_active": "on", **changes,
    }  # fmt: skip
    data = {name: value for name, value in data.items() if value is not None}
    assert staff.post(f"{USERS}{person.pk}/change/", data).status_code == 302


def told(company):
    events = SecurityEvent.objects.for_company(company).order_by("pk")
    assert {event.actor_label for event in events} <= {"Operations"}
    lines = [Line("s", event) for event in events]
    return [(line.what, "; ".join(line.sentences(plain))) for line in lines]


def test_level_address_disabling_and_enabling_are_told_from_and_to(staff, hr, acme):
    change(staff, hr, access_level="recruiter")
    change(staff, hr, access_level="recruiter", email="joseph@acme.test")
    hr.email, hr.access_level = "joseph@acme.test", "recruiter"
    change(staff, hr, is_active=None)
    change(staff, hr)
    assert told(acme) == [
        ("Access level", "hr@acme.test; HR → Recruiter"),
        ("E-mail address", "hr@acme.test → joseph@acme.test"),
        ("Person disabled", "joseph@acme.test"),
        ("Person enabled", "joseph@acme.test"),
    ]


def test_a_move_is_told_to_both_companies(staff, hr, acme, globex):
    change(staff, hr, company=globex.pk)
    assert told(acme) == [("Access level", "hr@acme.test; HR → none")]
    assert told(globex) == [("Joined", "hr@acme.test: HR")]


def test_a_new_person_is_told(staff, acme):
    data = {
        "email": "new@acme.test", "name": "New", "company": acme.pk, "access_level": "hr",
        "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    assert staff.post(f"{USERS}add/", data).status_code == 302
    assert told(acme) == [("Joined", "new@acme.test: HR")]


@pytest.mark.parametrize("by", ["page", "list"])
def test_a_deletion_is_told(staff, hr, acme, by):
    if by == "page":
        staff.post(f"{USERS}{hr.pk}/delete/", {"post": "yes"})
    else:
        staff.post(USERS, {"action": "delete_selected", "_selected_action": hr.pk, "post": "yes"})
    assert not User.objects.filter(pk=hr.pk).exists()
    assert told(acme) == [("Account closed", "hr@acme.test")]


def test_a_save_that_changes_nothing_of_it_tells_nothing_nor_do_staff_of_their_own(staff, hr, acme):
    change(staff, hr, name="Another name")
    change(staff, StaffFactory(), company=None, is_active=None, is_staff="on")
    assert told(acme) == []
    assert not SecurityEvent.objects.filter(kind__in=["disabled", "access-level"]).exists()
    assert told(CompanyFactory()) == []
