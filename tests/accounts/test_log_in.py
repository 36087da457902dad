"""Log in by e-mail, log out, change the password; and what a stranger can't find out."""

import statistics
import time

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import AccessLevel, User
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, email, password=PASSWORD, **extra):
    return client.post("/login/", {"username": email, "password": password, **extra})


@pytest.mark.parametrize("email", ["admin@acme.test", "ADMIN@Acme.Test", " admin@acme.test "])
def test_people_log_in_by_e_mail_in_any_case(client, admin, email):
    response = log_in(client, email)
    assert (response.status_code, response["Location"]) == (302, "/")


def test_unknown_user_wrong_password_and_disabled_user_are_told_the_same(client, admin, hr):
    hr.is_active = False
    hr.save()
    attempts = [
        ("admin@acme.test", "wrong"),
        ("no@acme.test", PASSWORD),
        ("hr@acme.test", PASSWORD),
    ]
    pages = [log_in(client, *attempt) for attempt in attempts]
    errors = {str(page.context["form"].errors) for page in pages}
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len(errors) == 1


def test_unknown_user_and_wrong_password_take_equal_time(client, admin, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    admin.set_password(PASSWORD)
    admin.save()

    def seconds(email):
        start = time.perf_counter()
        log_in(client, email, "wrong")
        return time.perf_counter() - start

    rounds = [(seconds("admin@acme.test"), seconds("nobody@acme.test")) for _ in range(5)]
    known, unknown = (statistics.median(column) for column in zip(*rounds, strict=True))
    assert 0.6 < known / unknown < 1.6


def test_people_of_a_suspended_company_are_out_at_once(admin_client, acme, client):
    assert admin_client.get("/").status_code == 200
    acme.is_active = False
    acme.save()
    assert admin_client.get("/").status_code == 302
    assert log_in(client, "admin@acme.test").status_code == 200


def test_a_disabled_persons_session_ends_at_once(admin_client, admin):
    admin.is_active = False
    admin.save()
    assert admin_client.get("/").status_code == 302


def test_the_session_key_changes_at_log_in_and_dies_at_log_out(client, admin):
    client.get("/login/")
    client.cookies["sessionid"] = "chosenbyattacker00000000000000aa"
    log_in(client, admin.email)
    key = client.cookies["sessionid"].value
    assert key != "chosenbyattacker00000000000000aa"
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert not Session.objects.filter(session_key=key).exists()
    thief = Client()
    thief.cookies["sessionid"] = key
    assert thief.get("/").status_code == 302


def test_a_changed_password_ends_every_other_session(admin, admin_client):
    elsewhere = signed_in(admin)
    new = "a brand new passphrase"
    response = admin_client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert response.status_code == 302
    assert admin_client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert log_in(Client(), admin.email, new).status_code == 302


@pytest.mark.parametrize("new", ["short", "12345678901", "password123", "asha rao"])
def test_a_poor_password_is_refused(admin, admin_client, new):
    response = admin_client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert response.status_code == 200
    assert response.context["form"].errors


EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:///x",
]


@pytest.mark.parametrize("target", EVIL)
def test_next_leads_nowhere_else(client, admin, target):
    assert log_in(client, admin.email, next=target)["Location"] == "/"


def test_next_leads_back_into_the_portal(client, admin):
    response = log_in(client, admin.email, next="/candidates/")
    assert response["Location"] == "/candidates/"


@pytest.mark.parametrize("email", ["a\x00b", "x" * 100_000, "", "' OR 1=1 --"])
def test_odd_log_in_names_are_just_wrong(client, db, email):
    assert log_in(client, email).status_code == 200


def test_log_in_and_password_change_need_a_csrf_token(admin):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client, admin.email).status_code == 403
    client.force_login(admin)
    assert client.post("/password/").status_code == 403
    assert client.post("/logout/").status_code == 403


def test_an_address_belongs_to_one_person_whatever_its_case(admin):
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ADMIN@acme.test")


@pytest.mark.parametrize(
    ("company", "level"), [(True, ""), (True, "owner"), (False, "admin"), (False, "hr")]
)
def test_an_access_level_goes_with_a_company(acme, company, level):
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(company=acme if company else None, access_level=level)


def test_each_level_is_told_apart(admin, hr, recruiter):
    assert [u.is_company_admin for u in (admin, hr, recruiter)] == [True, False, False]
    assert set(User.objects.values_list("access_level", flat=True)) == set(AccessLevel.values)


def test_initials_come_from_first_and_last_name():
    names = {"Asha Rao": "AR", "Cher": "C", "Maria de la Cruz": "MC"}
    assert {name: User(name=name).initials for name in names} == names


def test_menu_shows_security_settings_to_admins_only(admin_client, hr_client, recruiter_client):
    assert "Security settings" in admin_client.get("/").content.decode()
    for client in (hr_client, recruiter_client):
        assert "Security settings" not in client.get("/").content.decode()


def test_the_session_costs_one_query_for_user_and_company(
    admin_client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(2):
        admin_client.get("/password/")
