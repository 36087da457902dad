"""Who sees and changes the security settings: Admins of the company, and nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.security.models import EventsAreKept, SecurityEvent, SecurityPolicy
from accounts.security.urls import urlpatterns
from tests.conftest import signed_in
from tests.factories import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db

PAGES = [reverse(f"security:{pattern.name}") for pattern in urlpatterns]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_403_for_others_on_every_tab_and_the_log_in_for_strangers(
    hr_client, recruiter_client, page, method
):
    for client in (hr_client, recruiter_client, signed_in(StaffFactory())):
        assert getattr(client, method)(page, {"on": "on", "number": "30"}).status_code == 403
    response = getattr(Client(), method)(page)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={page}")
    assert not SecurityPolicy.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_change_needs_a_csrf_token(admin, page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(page, {"on": "on", "number": "30"}).status_code == 403


def test_a_change_reaches_the_own_company_alone(admin_client, acme, globex):
    page = reverse("security:password-expiry")
    admin_client.post(page, {"on": "on", "number": "30", "company": globex.pk})
    assert list(SecurityPolicy.objects.values_list("company", flat=True)) == [acme.pk]


def test_the_settings_open_at_their_first_tab(admin_client):
    page = admin_client.get("/security-settings/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[0][0] == PAGES[0]


def test_log_ins_and_wrong_passwords_are_told_to_their_own_company_only(admin, acme, globex):
    client = Client()
    client.post("/login/", {"username": "nobody@acme.test", "password": "x"})
    client.post("/login/", {"username": "ADMIN@acme.test", "password": "x"})
    client.post("/login/", {"username": admin.email, "password": PASSWORD})
    kinds = (
        SecurityEvent.objects.for_company(acme).order_by("pk").values_list("kind", "actor_label")
    )
    assert list(kinds) == [("refused", ""), ("signed-in", "Asha Rao")]
    assert not SecurityEvent.objects.for_company(globex).exists()
    nobodys = SecurityEvent.objects.get(company_id=None)
    assert (nobodys.subject_label, nobodys.data) == ("", {"reason": "password"})


def test_history_is_append_only(admin_client, admin, acme):
    event = SecurityEvent.objects.append(acme.pk, "signed-in", actor=admin)
    for act in (
        event.save, event.delete, SecurityEvent.objects.all().delete,
        lambda: SecurityEvent.objects.update(kind="x"),
        lambda: SecurityEvent.objects.bulk_update([event], ["kind"]),
    ):  # fmt: skip
        with pytest.raises(EventsAreKept):
            act()


@pytest.mark.postgresql
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "UPDATE {} SET kind = 'x'"])
def test_postgresql_keeps_history_from_raw_sql_too(acme, sql):
    from django.db import Error, connection, transaction

    SecurityEvent.objects.append(acme.pk, "signed-in")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(SecurityEvent._meta.db_table))
    assert SecurityEvent.objects.count() == 1


def test_a_company_goes_whole_and_takes_its_history_and_nobody_elses(acme, globex, admin):
    SecurityEvent.objects.append(acme.pk, "signed-in", actor=admin)
    SecurityEvent.objects.append(globex.pk, "signed-in")
    SecurityPolicy.objects.create(company=acme)
    acme.delete()
    assert list(SecurityEvent.objects.values_list("company_id", flat=True)) == [globex.pk]
