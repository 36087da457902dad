"""Invitations: mailed, signed, of one week, sent again, withdrawn, answered once."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, SecurityEvent, User
from accounts.security.models import SecurityPolicy
from accounts.team.models import LIFETIME

FORM = {"name": "Meghna Das", "email": "Meghna@ACME.test", "phone": "", "access_level": "hr"}
CHOSEN = "a very long passphrase 7"
JOIN = {"name": "Meghna D", "new_password1": CHOSEN, "new_password2": CHOSEN}


def invite(client, **changed):
    return client.post("/team/invite/", {**FORM, **changed})


def link(number=-1):
    return re.search(r"http://testserver(/join/\S+/)", mail.outbox[number].body)[1]


def act(client, what):
    return client.post(f"/team/invitations/{Invitation.objects.get().pk}/{what}/")


def test_an_invitation_is_mailed_answered_and_gone(admin_client, acme):
    assert invite(admin_client).url == "/team/"
    (sent,) = mail.outbox
    assert sent.to == ["meghna@acme.test"]
    assert "Acme Corp invites you" in sent.subject
    page = Client().get(link())
    assert "As meghna@acme.test" in page.content.decode()
    assert Client().post(link(), JOIN).url == "/login/"
    user = User.objects.get(email="meghna@acme.test")
    assert (user.name, user.company, user.access_level) == ("Meghna D", acme, "hr")
    assert user.check_password(CHOSEN)
    assert EmailAddress.objects.get(user=user).verified
    assert not Invitation.objects.exists()
    events = SecurityEvent.objects.exclude(kind="signed-in").order_by("pk")
    assert list(events.values_list("kind", "subject_label")) == [
        ("invited", "meghna@acme.test"), ("joined", "meghna@acme.test")
    ]  # fmt: skip
    assert Client().get(link()).status_code == 410


def test_the_newcomer_signs_in(admin_client):
    invite(admin_client)
    client = Client()
    client.post(link(), JOIN)
    answer = client.post("/login/", {"username": FORM["email"], "password": CHOSEN})
    assert answer.url == "/"


def test_the_answer_chooses_neither_company_nor_level_nor_address(admin_client, acme, globex):
    invite(admin_client)
    more = {"company": globex.pk, "access_level": "admin", "email": "x@y.test", "is_staff": "on"}
    Client().post(link(), {**JOIN, **more})
    user = User.objects.get(email="meghna@acme.test")
    assert (user.company, user.access_level, user.is_staff) == (acme, "hr", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "a\x00"), ("new_password1", "short"), ("new_password2", "other")],
)
def test_a_bad_answer_is_refused_and_the_link_stays(admin_client, field, value):
    invite(admin_client)
    answer = Client().post(link(), {**JOIN, field: value})
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not User.objects.filter(email="meghna@acme.test").exists()
    assert Client().get(link()).status_code == 200


@pytest.mark.parametrize("password", ["meghna@acme.test", "Meghna Das", "12345678901234"])
def test_djangos_validators_judge_the_password(admin_client, password):
    invite(admin_client)
    form = {"name": "Meghna Das", "new_password1": password, "new_password2": password}
    assert Client().post(link(), form).status_code == 400


def test_sent_again_the_earlier_link_is_void_and_the_week_begins_anew(admin_client, time_machine):
    invite(admin_client)
    time_machine.move_to(timezone.now() + LIFETIME - timedelta(minutes=1))
    assert act(admin_client, "again").url == "/team/"
    assert Client().get(link(0)).status_code == 410
    time_machine.move_to(timezone.now() + timedelta(days=6))
    assert Client().get(link(1)).status_code == 200


def test_it_ends_after_seven_days_to_the_second(admin_client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    invite(admin_client)
    end = Invitation.objects.get().expires_at
    time_machine.move_to(end - timedelta(seconds=1), tick=False)
    assert Client().get(link()).status_code == 200
    time_machine.move_to(end, tick=False)
    assert Client().post(link(), JOIN).status_code == 410
    assert not User.objects.filter(email="meghna@acme.test").exists()


def test_withdrawn_it_is_void(admin_client):
    invite(admin_client)
    act(admin_client, "withdraw")
    assert Client().post(link(), JOIN).status_code == 410
    assert SecurityEvent.objects.filter(kind="withdrawn").count() == 1


@pytest.mark.parametrize("change", ["x", "", "bm9uc2Vuc2U:1:2", "\u20ac"])
def test_a_forged_link_is_void(admin_client, change):
    invite(admin_client)
    text = link().split("/")[2]
    forged = change or text[:-1] + ("A" if text[-1] != "A" else "B")
    assert Client().get(f"/join/{forged}/").status_code == 410


def test_an_inactive_company_takes_nobody_in(admin_client, acme):
    invite(admin_client)
    acme.is_active = False
    acme.save()
    assert Client().post(link(), JOIN).status_code == 410


def test_a_domain_that_is_not_allowed_is_not_invited_and_does_not_answer(admin_client, acme):
    policy = SecurityPolicy.objects.create(
        company=acme, only_domains=True, domains=[{"name": "acme.test"}]
    )
    answer = invite(admin_client, email="meghna@evil-acme.test")
    assert answer.status_code == 400
    assert "email" in answer.context["form"].errors
    invite(admin_client)
    policy.domains = [{"name": "acme.example"}]
    policy.save()
    assert Client().post(link(), JOIN).status_code == 410
    act(admin_client, "again")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["hr@acme.test", "HR@Acme.test ", "meghna@acme.test"])
def test_one_of_the_team_or_invited_already_is_refused(admin_client, hr, email):
    invite(admin_client)
    assert invite(admin_client, email=email).status_code == 400
    assert Invitation.objects.count() == 1


def test_an_address_of_another_company_is_told_and_its_admin_is_not(admin_client, other_admin):
    answer = invite(admin_client, email=other_admin.email)
    assert answer.url == "/team/"
    assert "has an account with another company" in mail.outbox[0].body
    assert "/join/" not in mail.outbox[0].body
    link_text = Invitation.objects.get().link_text
    assert Client().post(f"/join/{link_text}/", JOIN).status_code == 410
    assert User.objects.get(pk=other_admin.pk).company == other_admin.company


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"), ("email", ""), ("email", "a\x00@acme.test"),
        ("email", f"{'a' * 250}@acme.test"), ("name", ""), ("access_level", "owner"),
        ("phone", "none"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_its_field(admin_client, field, value):
    answer = invite(admin_client, **{field: value})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not mail.outbox
    assert not Invitation.objects.exists()


def test_a_mail_server_that_fails_leaves_the_invitation_to_be_sent_again(admin_client, settings):
    settings.EMAIL_BACKEND = "tests.accounts.team.mail.Failing"
    assert invite(admin_client).url == "/team/"
    assert "could not be sent" in admin_client.get("/team/").content.decode()
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("what", ["again", "withdraw"])
def test_invitations_of_another_company_are_404(admin_client, other_admin_client, what):
    invite(other_admin_client, email="x@globex.test")
    assert act(admin_client, what).status_code == 404
    assert Invitation.objects.count() == 1
    assert len(mail.outbox) == 1


def test_only_admins_invite(hr_client, recruiter_client):
    assert invite(hr_client).status_code == invite(recruiter_client).status_code == 403
    assert not Invitation.objects.exists()


def test_the_page_of_the_link_is_kept_by_no_cache(admin_client):
    invite(admin_client)
    assert "no-store" in Client().get(link())["Cache-Control"]


def test_line_breaks_in_a_companys_name_forge_no_header(admin_client, acme):
    acme.name = "Acme\r\nBcc: spy@evil.test"
    acme.save()
    invite(admin_client)
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].bcc == []
