"""Mails to admins: a token has stopped, or a replaced one that is in use will end. Each once."""

import logging
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import AccessLevel
from apitokens import notices, services
from apitokens.models import APIToken, Credential
from svportal.token_policy import PortalTokenPolicy
from tests.apitokens.conftest import claims_in
from tests.factories import CompanyFactory, UserFactory, make_token

pytestmark = pytest.mark.django_db

NOW = "2026-11-24T12:00:00Z"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def colleague(acme):
    return UserFactory(email="vikram@acme.test", name="Vikram Shah", company=acme)


@pytest.fixture
def stopped(acme, admin, colleague):
    """A token of Acme's that acts as a colleague who is disabled."""
    token, _ = make_token(owner=acme, user=colleague, name="Lever")
    disable(colleague)
    return token


def disable(person, active=False):
    person.is_active = active
    person.save()


def run():
    """The mails of one run."""
    mail.outbox.clear()
    notices.notify()
    return list(mail.outbox)


# A token that stopped --------------------------------------------------------------------------
def test_a_token_that_stopped_is_told_to_the_admins_once(stopped, admin):
    (letter,) = run()
    assert letter.to == ["admin@acme.test"]
    assert f"- Lever ({stopped.public_id}): Vikram Shah is disabled\n" in letter.body
    assert run() == []


def test_a_token_that_works_is_no_news(token):
    assert run() == []


@pytest.mark.parametrize(
    "how",
    ["disabled", "deleted", "demoted", "moved", "company suspended"],
)
def test_every_way_to_stop_is_told(acme, admin, globex, colleague, how):
    make_token(owner=acme, user=colleague, name="Lever")
    if how == "deleted":
        colleague.delete()
    elif how == "company suspended":
        acme.is_active = False
        acme.save()
    else:
        changes = {
            "disabled": {"is_active": False},
            "demoted": {"access_level": AccessLevel.HR},
            "moved": {"company": globex},
        }
        for name, value in changes[how].items():
            setattr(colleague, name, value)
        colleague.save()
    (letter,) = run()
    assert "admin@acme.test" in letter.to
    assert "Lever" in letter.body


@pytest.mark.parametrize("how", ["suspended", "expired", "deleted"])
def test_one_that_would_not_work_anyway_is_no_news(acme, admin, colleague, clock, how):
    lifetime = timedelta(seconds=600) if how == "expired" else None
    token, _ = make_token(owner=acme, user=colleague, lifetime=lifetime)
    if how == "suspended":
        services.suspend_token(token=token, actor=admin)
    if how == "deleted":
        token.delete()
    disable(colleague)
    clock.shift(600)
    assert run() == []


def test_a_later_stop_is_told_again(stopped, colleague):
    run()
    disable(colleague, active=True)
    assert run() == []
    disable(colleague)
    assert len(run()) == 1


def test_a_token_taken_over_and_stopped_anew_is_told_again(stopped, acme, admin):
    run()
    services.take_over_token(token=stopped, actor=admin)
    UserFactory(company=acme, email="third@acme.test")
    disable(admin)
    (letter,) = run()
    assert letter.to == ["third@acme.test"]


def test_an_owner_gets_one_mail_for_all_and_no_other_owners(stopped, acme, globex, other_admin):
    leaver = UserFactory(company=globex)
    make_token(owner=globex, user=leaver, name="Theirs")
    make_token(owner=acme, user=UserFactory(company=acme), name="Fine")
    disable(leaver)
    mine, theirs = sorted(run(), key=lambda letter: "Theirs" in letter.body)
    assert "Fine" not in mine.body
    assert "Theirs" not in mine.body
    assert "Lever" not in theirs.body
    assert theirs.to == ["admin@globex.test"]


def test_an_admin_without_an_address_is_left_out(stopped, admin, acme, settings):
    settings.APITOKENS_POLICY = f"{__name__}.NamelessPolicy"
    (letter,) = run()
    assert letter.to == ["admin@acme.test"]


class NamelessPolicy(PortalTokenPolicy):
    def admins(self, owner):
        return [*super().admins(owner), UserFactory.build(email="", company=None), owner]


def test_without_any_address_nobody_is_told_until_there_is_one(stopped, admin, colleague, acme):
    admin.delete()
    assert run() == []
    UserFactory(company=acme, email="new@acme.test")
    assert [letter.to for letter in run()] == [["new@acme.test"]]


# A replaced credential that is in use -----------------------------------------------------------
def rotated(token, admin, overlap, used_after=timedelta(minutes=1)):
    """*token* rotated with *overlap*, its old credential used so long afterwards."""
    old = token.credential
    services.rotate_token(token=token, overlap=overlap, actor=admin)
    if used_after is not None:
        Credential.objects.filter(pk=old.pk).update(last_used_at=timezone.now() + used_after)
    return old


@pytest.mark.parametrize(
    ("overlap", "silent_until"),
    [(HOUR, HOUR / 2), (24 * HOUR, 12 * HOUR), (7 * 24 * HOUR, 6 * 24 * HOUR)],
    ids=str,
)
def test_the_end_of_an_overlap_is_told_in_time_and_once(token, admin, clock, overlap, silent_until):
    rotated(token, admin, overlap)
    clock.shift(silent_until - timedelta(seconds=1))
    assert run() == []
    clock.shift(timedelta(seconds=1))
    (letter,) = run()
    assert f"Greenhouse sync ({token.public_id}): the old one ends on" in letter.body
    assert run() == []


@pytest.mark.parametrize("used_after", [None, -timedelta(minutes=1)], ids=["never", "before"])
def test_one_that_was_not_used_since_ends_unsaid(token, admin, clock, used_after):
    rotated(token, admin, HOUR, used_after)
    clock.shift(HOUR * 0.9)
    assert run() == []


@pytest.mark.parametrize("what", ["cut", "ended", "suspended", "deleted"])
def test_an_end_that_is_over_or_without_effect_is_unsaid(token, admin, clock, what):
    rotated(token, admin, HOUR)
    clock.shift(HOUR if what == "ended" else HOUR * 0.9)
    if what == "cut":
        services.cut_old_credentials(token=token, actor=admin)
    if what == "suspended":
        services.suspend_token(token=token, actor=admin)
    if what == "deleted":
        token.delete()
    assert run() == []


def test_a_stopped_token_is_told_as_stopped_and_not_as_ending(acme, admin, colleague, clock):
    token, _ = make_token(owner=acme, user=colleague)
    rotated(token, admin, HOUR)
    disable(colleague)
    clock.shift(HOUR * 0.9)
    (letter,) = run()
    assert "is disabled" in letter.body
    assert "the old one ends" not in letter.body


# What the mail says -----------------------------------------------------------------------------
MARKUP = "<script>alert(1)</script>"


def everything_in(letter):
    return letter.message().as_string() + letter.body + letter.alternatives[0][0]


def test_no_mail_holds_a_secret(acme, admin, colleague, clock):
    ending, jwt = make_token(owner=acme, user=admin, name="Ending")
    _, second = services.rotate_token(token=ending, overlap=HOUR, actor=admin)
    Credential.objects.update(last_used_at=timezone.now())
    _, third = make_token(owner=acme, user=colleague, name="Stopped")
    disable(colleague)
    clock.shift(HOUR * 0.9)
    (letter,) = run()
    text = everything_in(letter)
    assert "Ending" in text
    assert "Stopped" in text
    for secret in (jwt, second, third):
        jti = claims_in(secret)["jti"]
        assert not any(part in text for part in (*secret.split("."), jti))
    assert not any(
        form in text for c in Credential.objects.all() for form in (str(c.jti), c.jti.hex)
    )


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("https://portal.example", "https://portal.example/security-settings/api/"),
        ("https://portal.example/", "https://portal.example/security-settings/api/"),
        (None, None),
    ],
)
def test_a_link_needs_the_address_of_the_site(stopped, settings, base, link):
    settings.APITOKENS_BASE_URL = base
    (letter,) = run()
    assert ("http" in everything_in(letter)) is bool(link)
    if link:
        assert f"{link}\n" in letter.body
        assert f'href="{link}"' in letter.alternatives[0][0]


def test_a_host_without_the_page_gets_mails_without_a_link(stopped, settings):
    settings.APITOKENS_BASE_URL = "https://portal.example"
    settings.ROOT_URLCONF = "rest_framework.urls"
    (letter,) = run()
    assert "portal.example" not in everything_in(letter)


def test_names_are_escaped_in_the_page_and_plain_in_the_text(acme, admin, colleague):
    make_token(owner=acme, user=colleague, name=MARKUP)
    colleague.name = f"Eve {MARKUP}\r\nBcc: all@example.test\n- Forged (tok_x): line"
    disable(colleague)
    acme.name = MARKUP
    acme.save()
    (letter,) = run()
    page = letter.alternatives[0][0]
    assert MARKUP not in page
    assert "&lt;script&gt;" in page
    assert MARKUP in letter.body
    assert "\n- Forged" not in letter.body
    assert letter.message()["Bcc"] is None
    assert letter.message()["Subject"] == "An API token needs attention"


def test_an_address_with_a_line_break_sends_nothing(stopped, settings, caplog):
    settings.APITOKENS_POLICY = f"{__name__}.BrokenAddressPolicy"
    assert run() == []
    assert "was not sent" in caplog.text


class BrokenAddressPolicy(PortalTokenPolicy):
    def admins(self, owner):
        return [UserFactory.build(email="a@b.test\nBcc: c@d.test", company=None)]


# When sending fails -----------------------------------------------------------------------------
@pytest.fixture
def broken_for_acme(monkeypatch):
    send = locmem.EmailBackend.send_messages

    def send_messages(self, messages):
        if any("@acme.test" in address for m in messages for address in m.to):
            raise ConnectionRefusedError("admin@acme.test: no such user here")
        return send(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", send_messages)
    return monkeypatch


def test_a_mail_that_fails_is_sent_next_time_and_keeps_no_other_back(
    stopped, globex, other_admin, broken_for_acme, caplog, capsys
):
    leaver = UserFactory(company=globex)
    make_token(owner=globex, user=leaver)
    disable(leaver)
    with caplog.at_level(logging.ERROR), pytest.raises(CommandError, match="not sent"):
        call_command("apitokens_notify")
    assert [letter.to for letter in mail.outbox] == [["admin@globex.test"]]
    assert APIToken.objects.get(pk=stopped.pk).stop_noticed_at is None
    owner = f"owner {stopped.owner_id} was not sent: ConnectionRefusedError"
    assert owner in caplog.text
    assert "@" not in caplog.text
    broken_for_acme.undo()
    assert [letter.to for letter in run()] == [["admin@acme.test"]]


def test_an_end_whose_mail_fails_is_told_next_time(token, admin, clock, broken_for_acme):
    rotated(token, admin, HOUR)
    clock.shift(HOUR * 0.9)
    assert run() == []
    broken_for_acme.undo()
    assert len(run()) == 1


def test_an_interrupted_run_takes_its_mark_back(stopped, monkeypatch):
    def interrupt(self, messages):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            notices.notify()
    assert len(run()) == 1


def test_what_another_run_told_meanwhile_is_not_told_again(stopped, monkeypatch):
    """The other run comes between this one's look and its mark."""
    letters = notices._letters
    other = list(letters())
    with monkeypatch.context() as patch:
        patch.setattr(notices, "_letters", lambda: other)
        assert len(run()) == 1
        assert run() == []


def test_what_was_taken_over_meanwhile_is_not_told(stopped, admin, monkeypatch):
    found = list(notices._letters())
    services.take_over_token(token=stopped, actor=admin)
    monkeypatch.setattr(notices, "_letters", lambda: found)
    assert run() == []


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail(stopped, monkeypatch):
    """On SQLite one after the other: its in-memory database lets one thread write."""
    letters, barrier = notices._letters, Barrier(2, timeout=20)

    def look_together():
        found = list(letters())
        barrier.wait()
        return found

    def work():
        try:
            notices.notify()
        finally:
            connection.close()

    mail.outbox.clear()
    if connection.vendor == "sqlite":
        notices.notify()
        notices.notify()
    else:
        monkeypatch.setattr(notices, "_letters", look_together)
        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert len(mail.outbox) == 1


def test_queries_do_not_grow_with_the_tokens_that_work(acme, admin, django_assert_max_num_queries):
    for number in range(12):
        make_token(owner=acme, user=admin, name=f"t{number}")
    with django_assert_max_num_queries(3):
        notices.notify()


def test_the_command_says_what_it_did(stopped, capsys):
    company = CompanyFactory()
    make_token(owner=company, user=UserFactory(company=company))
    company.users.update(is_active=False)
    call_command("apitokens_notify")
    said = "1 sent, 0 failed\n1 owners have no admin with an e-mail address\n"
    assert capsys.readouterr().out == said
