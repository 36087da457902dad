"""An old secret gets a token: named, attributed, ended as it was, and never widened."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from apitokens import exceptions, services, signals
from apitokens.models import APIToken, APITokenEvent, Credential, LegacyCredential
from apitokens.old_secrets import API_KEY, KNOX
from apitokens.services import importing
from apitokens.services.importing import tidy
from apitokens.testing import jwt_of
from tests.apitokens.old import SECRETS, SUNSET, imported, stored
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture(params=SECRETS)
def source(request):
    return request.param


def take_over(user, old, owner=None, **facts):
    wanted = {"ends_at": timezone.now() + SUNSET, **facts}
    return services.import_secret(old=old, owner=owner or user.company, user=user, **wanted)


def nothing_was_made():
    return not (APIToken.objects.exists() or LegacyCredential.objects.exists())


def test_it_makes_a_token_with_a_jwt_of_its_own(source, admin, present):
    token, _secret = imported(source, admin, name="Greenhouse sync")
    assert (token.owner, token.user, token.created_by) == (admin.company, admin, admin)
    assert (token.name, token.state) == ("Greenhouse sync", "unending")
    assert present(jwt_of(token)).status_code == 200
    assert services.copy_token(token=token, actor=admin) == jwt_of(token)


def test_the_history_says_whence_it_came_and_until_when(source, admin, caplog):
    caplog.set_level(logging.INFO)
    with time_machine.travel(NOW, tick=False):
        token, _secret = imported(source, admin)
    event = APITokenEvent.objects.about(token).get()
    assert (event.kind, event.actor_label) == ("imported", "")
    assert event.data["source"] == source
    assert event.data["secret_ends_at"] == "2026-12-25T10:00:00+00:00"
    assert f"token {token.public_id} imported by user -" in caplog.text


def test_it_is_announced_as_every_new_token_is(admin, django_capture_on_commit_callbacks):
    told = []
    signals.token_issued.connect(lambda **kwargs: told.append(kwargs["token"]), weak=False,
                                 dispatch_uid="test")  # fmt: skip
    try:
        with django_capture_on_commit_callbacks(execute=True):
            token, _secret = imported(KNOX, admin)
    finally:
        signals.token_issued.disconnect(dispatch_uid="test")
    assert told == [token]


def test_no_part_of_a_secret_is_kept_anywhere(source, admin, caplog):
    caplog.set_level(logging.DEBUG)
    _token, secret = imported(source, admin)
    models = (APIToken, Credential, LegacyCredential, APITokenEvent)
    rows = serializers.serialize("json", [row for m in models for row in m.objects.all()])
    for text in (rows, caplog.text, repr(stored(source, secret)).replace(secret[:8] + "'", "'")):
        assert not any(secret[i : i + 8] in text for i in range(len(secret) - 7)), source


def test_an_end_in_the_other_package_is_the_end_of_both(source, admin):
    with time_machine.travel(NOW, tick=False):
        end = NOW + timedelta(days=3, microseconds=400_000)
        token, _secret = imported(source, admin, expires_at=end)
        whole = end.replace(microsecond=0)
        assert token.credential.expires_at == whole
        assert LegacyCredential.objects.get().ends_at == whole


def test_an_end_after_the_sunset_is_the_end_of_the_jwt_alone(source, admin):
    with time_machine.travel(NOW, tick=False):
        token, _secret = imported(source, admin, expires_at=NOW + timedelta(days=300))
        assert token.credential.expires_at == (NOW + timedelta(days=300)).replace(microsecond=0)
        assert LegacyCredential.objects.get().ends_at == (NOW + SUNSET).replace(microsecond=0)


def test_an_imported_end_stays_when_the_token_is_rotated(admin):
    token, _secret = imported(KNOX, admin, expires_at=timezone.now() + timedelta(days=30))
    end = token.credential.expires_at
    rotated, _jwt = services.rotate_token(token=token, overlap=timedelta(0), actor=admin)
    assert APIToken.objects.get(pk=rotated.pk).credential.expires_at == end


@pytest.mark.parametrize(("longest", "allowed"), [(60, True), (7, False)])
def test_an_imported_end_is_rotated_as_far_as_the_policy_of_its_owner_lets_it(
    admin, bounded, longest, allowed
):
    token, _secret = imported(KNOX, admin, expires_at=timezone.now() + timedelta(days=30))
    asked = bounded(max_lifetime=timedelta(days=longest))
    rotate = partial(services.rotate_token, token=token, overlap=timedelta(0), actor=admin)
    if allowed:
        rotate()
    else:
        with pytest.raises(exceptions.LifetimeRefused):
            rotate()
    assert asked == [admin.company]


def test_the_same_secret_is_imported_once_even_under_another_name(source, admin):
    _token, secret = imported(source, admin)
    for name in ("Greenhouse sync", "Another"):
        with pytest.raises(exceptions.AlreadyImported):
            imported(source, admin, secret, name=name)
    assert APIToken.objects.count() == LegacyCredential.objects.count() == 1


@pytest.mark.parametrize("act", ["delete", "cut", "prune"])
def test_importing_again_revives_nothing(source, admin, act):
    token, secret = imported(source, admin)
    if act == "cut":
        services.cut_old_credentials(token=token, actor=admin)
    else:
        services.delete_token(token=token, actor=admin)
    if act == "prune":
        services.prune(deleted_before=timezone.now() + timedelta(days=1))
    with pytest.raises(exceptions.AlreadyImported):
        imported(source, admin, secret)


@pytest.fixture
def late(monkeypatch):
    """The first look is a moment too early: what another run made is not seen yet."""
    check, looks = importing.check_import, []

    def look(**kwargs):
        looks.append(kwargs)
        return "Greenhouse sync" if len(looks) == 1 else check(**kwargs)

    return lambda: monkeypatch.setattr(importing, "check_import", look)


def test_two_runs_at_once_make_one_token_of_a_secret(admin, late):
    _token, secret = imported(KNOX, admin)
    services.rename_token(token=_token, name="Another", actor=admin)
    late()
    with pytest.raises(exceptions.AlreadyImported):
        imported(KNOX, admin, secret)
    assert APIToken.objects.count() == 1


def test_a_name_that_another_run_took_meanwhile_is_chosen_anew(admin, late):
    imported(KNOX, admin)
    late()
    assert imported(KNOX, admin)[0].name == "Greenhouse sync (2)"


def test_the_database_keeps_a_secret_from_having_two_tokens(admin):
    imported(KNOX, admin)
    row = LegacyCredential.objects.get()
    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# Names ----------------------------------------------------------------------------------------


def test_names_that_are_taken_get_a_number(admin):
    make_token(owner=admin.company, user=admin, name="greenhouse SYNC")
    names = [imported(KNOX, admin)[0].name for _ in range(3)]
    assert names == ["Greenhouse sync (2)", "Greenhouse sync (3)", "Greenhouse sync (4)"]


def test_a_long_name_that_is_taken_keeps_its_length(admin):
    names = [imported(KNOX, admin, name="n" * 200)[0].name for _ in range(11)]
    assert names[0] == "n" * 64
    assert names[-1] == "n" * 59 + " (11)"
    assert all(len(name) <= 64 for name in names)


def test_names_are_free_again_in_another_company(admin, other_admin):
    assert imported(KNOX, admin)[0].name == imported(KNOX, other_admin)[0].name


@pytest.mark.parametrize(
    ("name", "tidied"),
    [
        ("  Nightly \n backup\t", "Nightly backup"),
        ("a\u202eb\0c\u2028d\u2029e\ud800f", "abcdef"),
        ("", "Imported"),
        ("\0\u200b", "Imported"),
        ("x" * 65, "x" * 64),
        ("ﷺ" * 64, "ﷺ" * 14),
    ],
)
def test_what_another_package_lets_people_call_it_becomes_a_name(name, tidied, admin):
    assert tidy(name) == tidied
    assert imported(API_KEY, admin, name=name)[0].name == tidied


# What is not moved ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dead": "revoked"}, "revoked"),
        ({"expires_at": NOW}, "expired"),
        ({"expires_at": NOW + timedelta(microseconds=499_999)}, "expired"),
        ({"expires_at": NOW - timedelta(days=900)}, "expired"),
    ],
)
def test_what_works_no_more_is_not_revived(source, admin, change, reason):
    with time_machine.travel(NOW, tick=False), pytest.raises(exceptions.SecretEnded) as refused:
        take_over(admin, stored(source, SECRETS[source](), **change))
    assert refused.value.reason == reason
    assert nothing_was_made()


def test_a_disabled_persons_secret_is_not_revived(source, admin):
    admin.is_active = False
    with pytest.raises(exceptions.SecretEnded, match="disabled"):
        imported(source, admin)
    assert nothing_was_made()


def test_nobodys_secret_is_not_moved(source, admin):
    with pytest.raises(exceptions.SecretEnded, match="gone"):
        services.import_secret(
            old=stored(source, SECRETS[source]()), owner=admin.company, user=None,
            ends_at=timezone.now() + SUNSET,
        )  # fmt: skip
    assert nothing_was_made()


def test_a_person_whom_the_policy_does_not_allow_gets_no_token(source, hr, acme):
    with pytest.raises(exceptions.NotAllowed):
        imported(source, hr)
    assert nothing_was_made()


def test_another_companys_tokens_are_not_theirs(source, admin, globex):
    with pytest.raises(exceptions.NotAllowed):
        take_over(admin, stored(source, SECRETS[source]()), owner=globex)
    assert nothing_was_made()


@pytest.mark.parametrize("hashed", ["", "plain", "md5$$" + "0" * 32, "scrypted$1$2"])
def test_a_hash_that_nobody_can_judge_is_not_moved(source, admin, hashed):
    with pytest.raises(exceptions.SecretUnusable):
        imported(source, admin, hashed=hashed)
    with pytest.raises(exceptions.SecretUnusable, match="odd"):
        imported(source, admin, fault="it is odd")
    assert nothing_was_made()


def test_rotating_itself_is_never_granted(source, admin):
    with pytest.raises(exceptions.ScopeUnknown):
        imported(source, admin, scopes=["candidates:read", "tokens:rotate-self"])
    assert nothing_was_made()
    token, _secret = imported(source, admin)
    assert set(token.scopes) == set(services.default_scopes())
    assert not token.has_scope("tokens:rotate-self")


def test_an_unknown_scope_is_refused_by_its_name(admin):
    with pytest.raises(exceptions.ScopeUnknown, match="everything"):
        imported(KNOX, admin, scopes=["everything"])
    assert nothing_was_made()


def test_a_sunset_that_is_past_is_refused(admin):
    with pytest.raises(exceptions.LifetimeRefused, match="sunset"):
        imported(KNOX, admin, ends_in=timedelta(0))
    assert nothing_was_made()


@pytest.fixture
def bounded(monkeypatch):
    """bounded(**limits) → the owners that it is asked about: the policy says so."""

    def bounded(**limits):
        policy, owners = services.importing.get_policy(), []
        for name, value in limits.items():

            def limit(self, owner, value=value):
                owners.append(owner)
                return value

            monkeypatch.setattr(type(policy), name, limit)
        return owners

    return bounded


def test_what_lives_longer_than_the_policy_allows_is_not_moved(admin, bounded):
    bounded(max_lifetime=timedelta(hours=8))
    now = timezone.now()
    for end in (None, now + timedelta(hours=9)):
        with pytest.raises(exceptions.LifetimeRefused):
            imported(KNOX, admin, expires_at=end)
    assert nothing_was_made()
    imported(KNOX, admin, expires_at=now + timedelta(hours=7))


def test_no_more_are_moved_than_the_policy_allows(admin, bounded):
    bounded(max_tokens=2)
    imported(KNOX, admin)
    imported(KNOX, admin)
    with pytest.raises(exceptions.TokenLimitReached):
        imported(KNOX, admin)
    assert APIToken.objects.count() == 2


def test_a_token_and_its_old_secret_are_made_together(admin, monkeypatch):
    def fail(*args, **kwargs):
        raise ImproperlyConfigured("in the middle")

    monkeypatch.setattr(importing.audit, "record", fail)
    with pytest.raises(ImproperlyConfigured):
        imported(KNOX, admin)
    assert nothing_was_made()
    assert not Credential.objects.exists()


# Asking first ---------------------------------------------------------------------------------


def test_asking_first_writes_nothing_and_says_the_name(source, admin):
    facts = {"old": stored(source, SECRETS[source]()), "owner": admin.company, "user": admin}
    facts["ends_at"] = timezone.now() + SUNSET
    assert services.check_import(**facts) == "Greenhouse sync"
    assert services.check_import(**facts, beside=["Greenhouse sync"]) == "Greenhouse sync (2)"
    assert nothing_was_made()
    with pytest.raises(exceptions.SecretEnded):
        services.check_import(**{**facts, "old": replace(facts["old"], dead="revoked")})


def test_asking_first_counts_what_was_asked_before(admin, bounded):
    bounded(max_tokens=2)
    facts = {"old": stored(KNOX, SECRETS[KNOX]()), "owner": admin.company, "user": admin}
    facts["ends_at"] = timezone.now() + SUNSET
    services.check_import(**facts, beside=["one"])
    with pytest.raises(exceptions.TokenLimitReached):
        services.check_import(**facts, beside=["one", "two"])


# Erasing --------------------------------------------------------------------------------------


def test_deleting_the_owner_deletes_the_old_secret(source, admin, acme):
    imported(source, admin)
    UserFactory(company=acme)
    acme.delete()
    assert nothing_was_made()


def test_prune_leaves_old_secrets_of_living_tokens(admin):
    token, _secret = imported(KNOX, admin)
    services.cut_old_credentials(token=token, actor=admin)
    services.prune(deleted_before=timezone.now() + timedelta(days=1))
    assert LegacyCredential.objects.count() == 1
    assert json.dumps(APITokenEvent.objects.get(kind="cut").data)


def test_the_history_tells_it_in_words(admin_client, admin):
    with time_machine.travel(NOW, tick=False):
        token, _secret = imported(
            KNOX, admin, expires_at=NOW + timedelta(days=300), scopes=["candidates:read"]
        )
        services.cut_old_credentials(token=token, actor=admin)
        page = admin_client.get(f"/security-settings/api/{token.public_id}/").content.decode()
    for words in (
        "Imported", "From <bdi>knox</bdi>", "The old secret works until <bdi>25 Dec 2026</bdi>",
        "Ends on <bdi>21 Sep 2027</bdi>", "May <bdi>candidates:read</bdi>",
        "<bdi>1</bdi> old secret ended",
    ):  # fmt: skip
        assert words in page, words


# To the letter -------------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [0, 1, 2, 3])
def test_whoever_was_quicker_costs_a_try_of_which_there_are_three(admin, monkeypatch, failures):
    real, left = importing._import, [failures]

    def beaten(*arguments):
        left[0] -= 1
        if left[0] >= 0:
            raise IntegrityError
        return real(*arguments)

    monkeypatch.setattr(importing, "_import", beaten)
    act = partial(take_over, admin, stored(KNOX, "s" * 64), address="203.0.113.7", scopes=[])
    if failures == 3:
        with pytest.raises(IntegrityError):
            act()
        assert nothing_was_made()
        return
    token = act()
    assert (token.owner, token.user, token.scope) == (admin.company, admin, "")
    assert APITokenEvent.objects.get(kind="imported").address == "203.0.113.7"
    assert LegacyCredential.objects.get().token == token


@time_machine.travel(NOW.replace(microsecond=0), tick=False)
def test_an_end_that_is_now_is_past(admin):
    old = stored(KNOX, "s" * 64)
    with pytest.raises(exceptions.LifetimeRefused, match=r"^the sunset is past$"):
        take_over(admin, old, ends_at=timezone.now())
    with pytest.raises(exceptions.SecretEnded, match=r"^expired$"):
        take_over(admin, replace(old, expires_at=timezone.now()))
    assert nothing_was_made()


def test_the_reasons_are_the_words_that_the_command_counts(admin, acme):
    old = stored(KNOX, "s" * 64)
    with pytest.raises(exceptions.SecretEnded, match=r"^gone$"):
        services.import_secret(old=old, owner=acme, user=None, ends_at=timezone.now() + SUNSET)
    with pytest.raises(exceptions.SecretUnusable, match=r"^its hash is of an unknown kind$"):
        take_over(admin, replace(old, hashed="md4$$00"))
    take_over(admin, old)
    with pytest.raises(exceptions.AlreadyImported, match=r"^Greenhouse sync$"):
        take_over(admin, old)


def test_a_check_refuses_the_scopes_that_an_import_would(admin):
    old, end = stored(KNOX, "s" * 64), timezone.now() + SUNSET
    wish = {"old": old, "owner": admin.company, "user": admin, "ends_at": end}
    with pytest.raises(exceptions.ScopeUnknown):
        services.check_import(**wish, scopes=["candidates:rule"])
    with pytest.raises(exceptions.ScopeUnknown, match=r"^tokens:rotate-self$"):
        services.check_import(**wish, scopes=["tokens:rotate-self"])


def test_the_policy_is_asked_about_the_owner(admin, bounded):
    asked = bounded(max_lifetime=timedelta(days=60))
    imported(KNOX, admin, expires_at=timezone.now() + timedelta(days=30))
    assert set(asked) == {admin.company}


def test_the_signal_says_that_nobody_signed_in_did_it(admin, request):
    heard = []

    def hear(**kwargs):
        heard.append(kwargs["actor"])

    signals.token_issued.connect(hear)
    request.addfinalizer(lambda: signals.token_issued.disconnect(hear))
    with TestCase.captureOnCommitCallbacks(execute=True):
        imported(KNOX, admin)
    assert heard == [None]
