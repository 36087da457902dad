"""Staff change or delete a person for whom tokens act: they see which first, and choose."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import User
from apitokens import services
from apitokens.exceptions import NotAllowed
from apitokens.models import APIToken, APITokenEvent
from tests.apitokens.conftest import ME
from tests.conftest import bearer, signed_in
from tests.factories import CompanyFactory, StaffFactory, UserFactory, make_token

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"


@pytest.fixture
def ops():
    return StaffFactory(email="ops@svportal.test", name="Operations")


@pytest.fixture
def staff(ops):
    return signed_in(ops)


@pytest.fixture
def vikram(acme):
    return UserFactory(company=acme, name="Vikram Shah")


def form_of(user, **changes):
    data = {
        "email": user.email, "name": user.name, "phone": user.phone, "company": user.company_id,
        "access_level": user.access_level, "is_active": "on", "_save": "Save", **changes,
    }  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def leave(staff, user, how, **choice):
    """Disable, demote, move or delete *user* by the admin's own pages."""
    change = f"{USERS}{user.pk}/change/"
    match how:
        case "disabled":
            return staff.post(change, form_of(user, is_active=None, **choice))
        case "demoted":
            return staff.post(change, form_of(user, access_level="hr", **choice))
        case "moved":
            company = CompanyFactory.create(slug=f"new-{len(choice)}")
            return staff.post(change, form_of(user, company=company.pk, **choice))
        case "deleted":
            return staff.post(f"{USERS}{user.pk}/delete/", {"post": "yes", **choice})
        case _:
            data = {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"}
            return staff.post(USERS, {**data, **choice})


WAYS = pytest.mark.parametrize("how", ["disabled", "demoted", "moved", "deleted", "selected"])


@WAYS
def test_the_tokens_are_shown_and_nothing_is_saved_before_the_choice(
    how, staff, admin, token, vikram
):
    page = leave(staff, admin, how)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Nothing is saved yet" in text
    assert token.public_id in text
    first = re.search(r"<option value=\"(\d+)\">\s*Let (.*?) take", text)
    assert first.groups() == (str(vikram.pk), "Vikram Shah")
    same = User.objects.get(pk=admin.pk)
    assert (same.is_active, same.access_level, same.company) == (True, "admin", admin.company)
    assert APIToken.objects.get().user == admin
    assert not LogEntry.objects.exists()


@WAYS
def test_another_admin_takes_over_and_the_event_names_who_did_it(
    how, staff, ops, admin, token, jwt, vikram
):
    answer = leave(staff, admin, how, **{f"leaving-{token.owner_id}": vikram.pk})
    assert answer.status_code == 302, answer.content.decode()
    assert APIToken.objects.get().user == vikram
    assert bearer(jwt).get(ME).status_code == 200
    event = APITokenEvent.objects.get(kind="taken-over")
    assert (event.actor_id, event.actor_label) == (str(ops.pk), "Operations")
    assert (event.data["before_label"], event.data["after_label"]) == ("Asha Rao", "Vikram Shah")
    left = User.objects.filter(pk=admin.pk).first()
    assert left is None or not (
        left.is_active and left.is_company_admin and left.company == token.owner
    )


@WAYS
def test_the_tokens_stop_when_that_is_chosen(how, staff, admin, token, jwt, vikram):
    answer = leave(staff, admin, how, **{f"leaving-{token.owner_id}": "stop"})
    assert answer.status_code == 302
    assert bearer(jwt).get(ME).status_code == 401
    assert APIToken.objects.get().user != vikram
    assert not APITokenEvent.objects.filter(kind="taken-over").exists()


def test_the_page_sends_the_whole_form_once_more(staff, admin, token, vikram):
    text = leave(staff, admin, "demoted").content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))
    sent.pop("csrfmiddlewaretoken", None)
    answer = staff.post(
        f"{USERS}{admin.pk}/change/", {**sent, f"leaving-{token.owner_id}": vikram.pk}
    )
    assert answer.status_code == 302
    assert User.objects.get(pk=admin.pk).access_level == "hr"


@pytest.mark.parametrize("who", ["self", "hr", "disabled", "foreign", "nonsense"])
def test_nobody_who_may_not_manage_them_takes_tokens_over(
    who, staff, admin, token, hr, other_admin, vikram
):
    disabled = UserFactory(company=admin.company, is_active=False)
    people = {"self": admin.pk, "hr": hr.pk, "disabled": disabled.pk, "foreign": other_admin.pk}
    choice = {f"leaving-{token.owner_id}": people.get(who, "x")}
    page = leave(staff, admin, "disabled", **choice)
    assert page.status_code == 400
    assert "Choose another Admin" in page.content.decode()
    assert User.objects.get(pk=admin.pk).is_active
    assert APIToken.objects.get().user == admin


def test_nobody_is_asked_when_nothing_would_stop(staff, admin, token):
    assert (
        staff.post(f"{USERS}{admin.pk}/change/", form_of(admin, name="Asha R")).status_code == 302
    )
    token.delete()
    assert leave(staff, admin, "disabled").status_code == 302
    assert not User.objects.get(pk=admin.pk).is_active


def test_which_tokens_would_stop(acme, admin, token, vikram, time_machine):
    time_machine.move_to(timezone.now())
    make_token(owner=acme, user=vikram, name="Another person’s")
    suspended, _ = make_token(owner=acme, user=admin, name="Suspended")
    services.suspend_token(token=suspended, actor=admin)
    make_token(owner=acme, user=admin, name="Deleted")[0].delete()
    make_token(owner=acme, user=admin, name="Short", lifetime=timedelta(seconds=600))
    time_machine.shift(601)
    assert services.tokens_of(admin) == [suspended, token]
    admin.is_active = False
    admin.save()
    assert services.tokens_of(admin) == []


def test_taking_over_is_all_or_nothing(acme, admin, token, vikram, other_admin):
    foreign, _ = make_token(owner=other_admin.company, user=other_admin)
    with pytest.raises(NotAllowed):
        services.take_over_all(tokens=[token, foreign], user=vikram, actor=vikram)
    assert APIToken.objects.get(pk=token.pk).user == admin
    assert services.take_over_all(tokens=[token], user=vikram, actor=vikram) == 1
