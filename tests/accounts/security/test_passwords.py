"""Password expiry, and the last five passwords."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.security.models import FormerPassword, SecurityEvent, SecurityPolicy
from tests.accounts.security.conftest import set_policy
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/password-expiry/"


def aged(user, days):
    User.objects.filter(pk=user.pk).update(
        password_changed_at=timezone.now() - timedelta(days=days)
    )


def change(client, old, new):
    return client.post(
        "/password/", {"old_password": old, "new_password1": new, "new_password2": new}
    )


@pytest.mark.parametrize("days", ["1", "90", "365"])
def test_from_1_to_365_days_are_saved_and_in_the_history(admin_client, acme, days):
    assert admin_client.post(PAGE, {"on": "on", "number": days}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).password_days == int(days)
    event = SecurityEvent.objects.get(kind="password-expiry")
    assert event.data == {"before": None, "after": int(days)}
    assert (event.company_id, event.actor_label) == (acme.pk, "Asha Rao")


@pytest.mark.parametrize("days", ["0", "366", "-1", "1.5", "", "x", "1e2", "9" * 5000, "\x00", "²"])
def test_other_numbers_are_refused_by_name(admin_client, days):
    response = admin_client.post(PAGE, {"on": "on", "number": days})
    assert response.status_code == 400
    assert response.context["form"].errors["number"] == ["Enter 1 to 365 days"]
    assert not SecurityPolicy.objects.exists()


@pytest.mark.parametrize("days", [0, 366])
def test_the_database_keeps_the_range(acme, days):
    with pytest.raises(IntegrityError), transaction.atomic():
        set_policy(acme, password_days=days)


def test_off_is_off(admin_client, rules, acme, admin):
    aged(admin, 10)
    rules(password_days=90)
    assert admin_client.post(PAGE, {"number": "90"}).status_code == 302
    assert SecurityPolicy.objects.get(company=acme).password_days is None


def test_looking_at_whom_it_would_meet_saves_nothing(admin_client, admin, hr):
    aged(hr, 70)
    response = admin_client.post(PAGE, {"on": "on", "number": "60", "preview": "yes"})
    assert [(met.user.email, met.days_left) for met in response.context["met"]] == [
        ("hr@acme.test", None), ("admin@acme.test", 59),
    ]  # fmt: skip
    assert not SecurityPolicy.objects.exists()


def test_the_page_counts_who_comes_later_and_who_has_no_password(admin_client, acme, rules, admin):
    UserFactory.create_batch(6, company=acme)
    UserFactory(company=acme, password=make_password(None))
    rules(password_days=60)
    context = admin_client.get(PAGE).context
    assert (len(context["met"]), context["later"], context["without"]) == (5, 2, 1)
    assert len(admin_client.get(f"{PAGE}?all=yes").context["met"]) == 7


def test_an_expired_password_leads_to_its_change_and_then_everything_opens(hr, rules, hr_client):
    rules(password_days=30)
    aged(hr, 30)
    assert hr_client.get("/candidates/")["Location"] == "/password/"
    page = hr_client.get("/password/").content.decode()
    assert "Acme Corp asks for a new one every 30 days" in page
    assert "Dashboard" not in page
    new = "a brand new passphrase"
    assert change(hr_client, PASSWORD, new).status_code == 302
    assert hr_client.get("/candidates/").status_code == 200
    assert SecurityEvent.objects.filter(kind="password", subject_id=str(hr.pk)).count() == 1


def test_it_expires_at_that_second_and_not_before(hr, rules, hr_client):
    rules(password_days=1)
    hr.refresh_from_db()
    with time_machine.travel(
        hr.password_changed_at + timedelta(days=1, microseconds=-1), tick=False
    ):
        client = signed_in(hr)
        assert client.get("/candidates/").status_code == 200
    with time_machine.travel(hr.password_changed_at + timedelta(days=1), tick=False):
        assert client.get("/candidates/").status_code == 302


def test_who_logs_in_with_an_expired_password_may_change_it(hr, rules):
    rules(password_days=30)
    aged(hr, 31)
    client = Client()
    assert log_in(client, hr.email).status_code == 302
    assert client.get("/")["Location"] == "/password/"


def test_a_stronger_hash_at_the_log_in_is_no_new_password(hr, settings):
    aged(hr, 50)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert log_in(Client(), hr.email).status_code == 302
    hr.refresh_from_db()
    assert hr.password.startswith("pbkdf2")
    assert hr.password_changed_at < timezone.now() - timedelta(days=49)


def test_none_of_the_last_five_passwords_is_taken_again_but_the_sixth_is(hr, hr_client):
    used = [PASSWORD, *[f"another passphrase {n}" for n in range(5)]]
    for old, new in pairwise(used):
        assert change(hr_client, old, new).status_code == 302
    for again in used[1:]:
        page = change(hr_client, used[-1], again)
        assert page.status_code == 200
        assert "last 5" in str(page.context["form"].errors["new_password2"])
    assert change(hr_client, used[-1], PASSWORD).status_code == 302


def test_only_hashes_are_kept_and_no_more_than_needed(hr, hr_client):
    used = [PASSWORD, *[f"another passphrase {n}" for n in range(7)]]
    for old, new in pairwise(used):
        change(hr_client, old, new)
    kept = list(FormerPassword.objects.filter(user=hr).values_list("encoded", flat=True))
    assert len(kept) == 4
    assert all(encoded.startswith("md5$") for encoded in kept)


def test_one_persons_former_passwords_are_free_for_another(hr, hr_client, admin_client):
    change(hr_client, PASSWORD, "shared by chance 123")
    assert change(admin_client, PASSWORD, "shared by chance 123").status_code == 302


def test_staff_who_set_a_password_begin_its_age_anew(hr):
    aged(hr, 50)
    hr.refresh_from_db()
    hr.set_password("set by an operator 1")
    hr.save(update_fields=["password"])
    hr.refresh_from_db()
    assert hr.password_changed_at > timezone.now() - timedelta(minutes=1)
    assert FormerPassword.objects.filter(user=hr).count() == 1


def test_a_new_person_with_a_password_has_no_former_one(acme):
    user = User.objects.create_user(
        "new@acme.test", "a fine passphrase", company=acme, access_level="hr"
    )
    assert user.former_passwords.count() == 0


def test_history_says_who_set_a_password_and_from_where(admin, hr, acme, mailoutbox):
    new = {"new_password1": "a brand new passphrase", "new_password2": "a brand new passphrase"}
    signed_in(hr).post("/password/", {"old_password": PASSWORD, **new})
    staff = StaffFactory(name="Operations")
    page = f"/admin/accounts/user/{hr.pk}/password/"
    others = {"password1": "another passphrase 1", "password2": "another passphrase 1"}
    signed_in(staff).post(page, {"usable_password": "true", **others})
    Client().post("/password/reset/", {"email": hr.email})
    client = Client()
    link = re.search(r"http://testserver(\S+)", mailoutbox[-1].body)[1]
    client.post(client.get(link)["Location"], dict.fromkeys(new, "a third passphrase here"))
    hr.refresh_from_db()
    hr.set_password("by a command on the server")
    hr.save()
    events = SecurityEvent.objects.for_company(acme).filter(kind="password").order_by("pk")
    assert list(events.values_list("actor_label", "subject_label", "address")) == [
        ("Joseph D’Souza", "hr@acme.test", "127.0.0.1"),
        ("Operations", "hr@acme.test", "127.0.0.1"),
        ("Joseph D’Souza", "hr@acme.test", "127.0.0.1"),
        ("", "hr@acme.test", None),
    ]
