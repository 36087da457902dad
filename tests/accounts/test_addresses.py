"""allauth's e-mail addresses stay what User.email says, and a changed one is confirmed first."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from tests.accounts.test_log_in import log_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def addresses(user):
    return list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary"))


def change(user, email):
    user.email = email
    user.save()


def test_who_is_made_has_the_address_that_they_were_made_with():
    user = UserFactory(email=" Asha@Acme.Test ")
    assert addresses(user) == [("asha@acme.test", True, True)]


def test_a_changed_address_replaces_the_old_one_and_waits_for_its_owner(admin):
    change(admin, "asha@acme.test")
    assert addresses(admin) == [("asha@acme.test", False, True)]
    change(admin, "ASHA@acme.test")
    assert addresses(admin) == [("asha@acme.test", False, True)]


def test_a_save_that_leaves_the_address_alone_asks_nothing_about_it(
    admin, django_assert_num_queries
):
    with django_assert_num_queries(1):
        admin.save(update_fields=["name"])


def test_an_address_that_somebody_gave_up_is_free_for_the_next(admin, acme):
    change(admin, "asha@acme.test")
    assert addresses(UserFactory(email="admin@acme.test", company=acme))[0][1]


def test_nobody_is_saved_with_another_persons_address(admin, hr):
    with pytest.raises(IntegrityError), transaction.atomic():
        change(hr, admin.email)
    assert addresses(hr) == [("hr@acme.test", True, True)]


def test_a_changed_address_is_confirmed_by_a_link_before_the_next_log_in(admin, mailoutbox):
    change(admin, "asha@acme.test")
    client = Client()
    answer = log_in(client, "asha@acme.test")
    assert answer["Location"] == "/login/e-mail/"
    assert b"Confirm your e-mail" in client.get("/login/e-mail/").content
    assert client.get("/").status_code == 302
    (mail,) = mailoutbox
    assert mail.to == ["asha@acme.test"]
    link = re.search(r"http://testserver(/login/e-mail/\S+)", mail.body)[1]
    assert b"asha@acme.test" in Client().get(link).content
    assert addresses(admin) == [("asha@acme.test", False, True)]  # reading alone confirms nothing
    assert Client().post(link)["Location"] == "/login/"
    assert addresses(admin) == [("asha@acme.test", True, True)]
    assert log_in(Client(), "asha@acme.test")["Location"] == "/"
    assert b"works no longer" in Client().get(link).content


@pytest.mark.parametrize("key", ["x", "x:y:z", "%00", "a" * 3000])
def test_a_made_up_link_confirms_nothing(client, admin, key):
    change(admin, "asha@acme.test")
    assert b"works no longer" in client.get(f"/login/e-mail/{key}/").content
    assert client.post(f"/login/e-mail/{key}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_people_from_before_have_their_address_after_the_migration(acme):
    before = [("accounts", "0004_session_epoch")]
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    try:
        user = UserFactory(company=acme, email="old@acme.test")
        EmailAddress.objects.all().delete()
        executor.migrate(before)
        MigrationExecutor(connection).migrate([("accounts", "0005_email_addresses")])
        assert addresses(user) == [("old@acme.test", True, True)]
    finally:
        MigrationExecutor(connection).migrate(latest)
