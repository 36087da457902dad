"""A new password by mail: the link, its ends, and what nobody learns from asking."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.signin.second_factor import app_secret
from tests.accounts.test_log_in import EVIL, log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

RESET = "/password/reset/"
NEW = "a brand new passphrase"


def ask(email, client=None, **headers):
    return (client or Client()).post(RESET, {"email": email}, **headers)


def link_in(message):
    return re.search(r"http://testserver(/password/reset/\S+)", message.body)[1]


def opened(link):
    """(client, address of the form) of somebody who followed *link*."""
    client = Client()
    return client, client.get(link)["Location"]


def choose(client, form, new=NEW, again=None):
    return client.post(form, {"new_password1": new, "new_password2": again or new})


def test_the_mailed_link_sets_a_password_and_ends_every_session(admin, admin_client, mailoutbox):
    assert ask(admin.email)["Location"] == "/password/reset/sent/"
    assert mailoutbox[0].to == [admin.email]
    link = link_in(mailoutbox[0])
    client, form = opened(link)
    assert link.rsplit("-", 1)[1].strip("/") not in form  # the secret leaves the address
    assert choose(client, form)["Location"] == "/password/reset/done/"
    assert "_auth_user_id" not in client.session
    assert admin_client.get("/").status_code == 302
    assert log_in(Client(), admin.email, PASSWORD).status_code == 200
    assert log_in(Client(), admin.email, NEW)["Location"] == "/"
    assert "If that wasn’t you" in mailoutbox[1].body


def test_a_link_works_once(admin, mailoutbox):
    ask(admin.email)
    link = link_in(mailoutbox[0])
    choose(*opened(link))
    assert b"This link works no longer" in Client().get(link).content


def test_a_link_works_one_hour(admin, mailoutbox, time_machine):
    time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
    ask(admin.email)
    link = link_in(mailoutbox[0])
    time_machine.shift(3600)
    assert Client().get(link).status_code == 302
    time_machine.shift(2)
    assert b"This link works no longer" in Client().get(link).content


@pytest.mark.parametrize("change", ["log-in", "password", "e-mail"])
def test_a_link_ends_with_what_it_was_made_for(admin, mailoutbox, change):
    ask(admin.email)
    if change == "log-in":
        log_in(Client(), admin.email)
    elif change == "password":
        admin.set_password(NEW)
        admin.save()
    else:
        admin.email = "asha@acme.test"
        admin.save()
    assert b"This link works no longer" in Client().get(link_in(mailoutbox[0])).content


@pytest.mark.parametrize("key", ["1-x", "zzzz-abc-def", "1-" + "a" * 3000, "99999999999999-x-y"])
def test_a_made_up_link_opens_nothing(client, admin, key):
    answer = client.get(f"/password/reset/{key}/")
    assert answer.status_code in (200, 404)
    client.post(f"/password/reset/{key}/", {"new_password1": NEW, "new_password2": NEW})
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_the_link_goes_to_no_other_host_and_its_page_tells_nobody(admin, mailoutbox):
    ask(admin.email)
    page = Client().get(link_in(mailoutbox[0]))
    assert (page["Referrer-Policy"], page["Cache-Control"]) == ("no-referrer", "no-store")
    assert ask(admin.email, HTTP_HOST="evil.example").status_code == 400
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("target", EVIL)
def test_next_leads_nowhere_else_after_a_reset(admin, mailoutbox, target):
    ask(admin.email)
    client, form = opened(link_in(mailoutbox[0]))
    answer = client.post(form, {"new_password1": NEW, "new_password2": NEW, "next": target})
    assert answer["Location"] == "/password/reset/done/"


@pytest.mark.parametrize(
    "new", ["short", "12345678901", "password123", PASSWORD, "admin@acme.test"]
)
def test_a_poor_or_former_password_is_refused(admin, mailoutbox, new):
    ask(admin.email)
    page = choose(*opened(link_in(mailoutbox[0])), new)
    assert page.context["form"].errors["new_password2"]
    assert log_in(Client(), admin.email, PASSWORD).status_code == 302


def test_a_new_password_is_no_way_past_the_second_step(admin, mailoutbox):
    app_secret(admin)
    ask(admin.email)
    client, form = opened(link_in(mailoutbox[0]))
    choose(client, form)
    assert log_in(client, admin.email, NEW)["Location"] == "/login/code/"


def test_every_address_is_answered_alike(admin, acme, mailoutbox):
    UserFactory(company=acme, email="gone@acme.test", is_active=False)
    answers = [ask(email) for email in (admin.email, "nobody@acme.test", "gone@acme.test")]
    assert {(a.status_code, a["Location"], a.content) for a in answers} == {
        (302, "/password/reset/sent/", b"")
    }
    assert [m.to[0] for m in mailoutbox] == [admin.email, "nobody@acme.test", "gone@acme.test"]
    assert "link" not in mailoutbox[1].body
    assert mailoutbox[1].body.replace("nobody", "") == mailoutbox[2].body.replace("gone", "")


def test_people_of_a_suspended_company_get_the_mail_of_an_address_without_account(
    admin, acme, mailoutbox
):
    acme.is_active = False
    acme.save()
    ask(admin.email)
    ask("nobody@acme.test")
    assert [message.to for message in mailoutbox] == [[admin.email], ["nobody@acme.test"]]
    assert mailoutbox[0].body == mailoutbox[1].body


def test_an_address_in_other_letters_finds_nobody_elses_account(admin, mailoutbox):
    """Folding ı to i, or K to k, would mail the link to an address that is somebody else's."""
    for email in ("admın@acme.test", "admin@acme.test\u200b", "ａdmin@acme.test"):
        ask(email)
    assert not any("/password/reset/" in message.body for message in mailoutbox)


def test_a_mail_server_that_fails_is_told_to_nobody(admin, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", fail)
    assert {ask(email)["Location"] for email in (admin.email, "nobody@acme.test")} == {
        "/password/reset/sent/"
    }
    assert caplog.text.count("was not sent") == 2
    assert admin.email not in caplog.text


@pytest.fixture
def hashes(monkeypatch):
    """Every password hash that is computed."""
    computed = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        computed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return computed


def test_a_log_in_costs_one_hash_whoever_it_is_about(admin, hr, acme, hashes):
    User.objects.filter(pk=hr.pk).update(is_active=False)
    locked = UserFactory(company=acme, password="!")
    for email in (admin.email, hr.email, locked.email, "nobody@acme.test", "no address"):
        hashes.clear()
        log_in(Client(), email, "wrong")
        assert len(hashes) == 1, email


def test_asking_for_a_link_costs_no_hash(admin, hashes):
    for email in (admin.email, "nobody@acme.test"):
        ask(email)
    assert hashes == []


def test_somebody_without_a_password_asks_for_a_link_instead_of_changing_it(admin):
    admin.set_unusable_password()
    admin.save()
    client = signed_in(admin)
    assert client.get("/password/")["Location"] == RESET
    assert b"You have no password yet" in client.get(RESET).content
