"""A session that ended stays ended, whatever it rested on comes back."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from accounts.signin.second_factor import app_secret
from tests.accounts.security.test_second_factor_history import add_app
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def is_in(client):
    return client.get("/password/").status_code == 200


def save(person):
    person.is_active = False
    person.save()
    person.is_active = True
    person.save()


def save_fields(person):
    for active in (False, True):
        person.is_active = active
        person.save(update_fields=["is_active"])


def update(person):
    for active in (False, True):
        User.objects.filter(pk=person.pk).update(is_active=active)


def suspend_the_company(person):
    for active in (False, True):
        person.company.is_active = active
        person.company.save()


@pytest.mark.parametrize("disable", [save, save_fields, update, suspend_the_company])
def test_who_is_disabled_and_enabled_again_signs_in_again(disable):
    person, colleague = UserFactory(), UserFactory()
    client, other = signed_in(person), signed_in(colleague)
    assert is_in(client)
    disable(person)
    person.refresh_from_db()
    assert person.may_sign_in
    assert not is_in(client)
    assert is_in(signed_in(person))
    assert is_in(other)


def test_people_can_be_signed_out_everywhere_in_one_statement(acme, django_assert_num_queries):
    people = UserFactory.create_batch(3, company=acme)
    clients = [signed_in(person) for person in people]
    with django_assert_num_queries(1):
        acme.users.end_sessions()
    assert not any(is_in(client) for client in clients)


def test_a_save_of_somebody_active_ends_nothing(admin, admin_client):
    admin.name = "Asha R."
    admin.save()
    assert is_in(admin_client)


def test_sessions_survive_a_new_secret_key_while_the_old_one_is_a_fallback(
    admin, admin_client, settings
):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" + "n" * 60, [settings.SECRET_KEY]
    assert is_in(admin_client)
    settings.SECRET_KEY_FALLBACKS = []
    settings.SECRET_KEY = "another-" + "n" * 60
    assert not is_in(admin_client)


def by_log_in(person):
    client = Client()
    assert log_in(client, person.email)["Location"] == "/"
    return client


@pytest.mark.django_db(transaction=True)  # allauth tells on commit
def test_a_first_second_factor_ends_every_session_that_began_without_one(hr, admin):
    elsewhere, bare, colleague, here = by_log_in(hr), signed_in(hr), by_log_in(admin), by_log_in(hr)
    before = here.session.session_key
    add_app(here)
    assert [is_in(client) for client in (elsewhere, bare, colleague, here)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert here.session.session_key != before
    assert [one.is_current for one in here.get("/account/sessions/").context["sessions"]] == [True]
    assert here.get("/account/two-step/codes/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_another_one_ends_nothing_for_every_session_took_the_first(hr):
    key = Authenticator.objects.create(user=hr, type="webauthn", data={"name": "Phone"})
    elsewhere, here = signed_in(hr), signed_in(hr)
    add_app(here)
    assert is_in(elsewhere)
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_end_nothing(hr):
    app_secret(hr)
    elsewhere, here = signed_in(hr), signed_in(hr)
    here.post("/account/two-step/codes/new/")
    assert is_in(elsewhere)
    assert is_in(here)
