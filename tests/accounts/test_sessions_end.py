"""A session that ended stays ended, whatever it rested on comes back."""

import pytest

from accounts.models import User
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
