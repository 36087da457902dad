"""Every act on a token: what it writes, to the last column, and what it tells whoever listens."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.dispatch import Signal

from apitokens import exceptions, services, signals
from apitokens.models import APIToken, APITokenEvent, Credential
from tests.apitokens.conftest import as_presented, key
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "203.0.113.7"
ALL = "candidates:read candidates:write reports:read"
READ = ["candidates:read"]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW.replace(microsecond=250_000), tick=False)
    return time_machine


@pytest.fixture
def colleague(acme):
    """Who acts, so that nobody mistakes the person it acts as for the one who acts."""
    return UserFactory(company=acme, name="Vikram Shah")


def issue(token, who):
    return services.issue_token(
        owner=token.owner, user=who["actor"], name=" Lever ", lifetime=timedelta(seconds=600),
        scopes=READ, networks=["10.0.0.0/8"], address=who["address"],
    )[0]  # fmt: skip


def cut(token, who):
    services.rotate_token(token=token, overlap=HOUR, actor=None)
    services.cut_old_credentials(token=token, **who)


def resume(token, who):
    services.suspend_token(token=token, actor=None)
    services.resume_token(token=token, **who)


ACTS = {
    "created": issue,
    "renamed": lambda token, who: services.rename_token(token=token, name=" Lever ", **who),
    "copied": lambda token, who: services.copy_token(token=token, **who),
    "limited": lambda token, who: services.limit_token(
        token=token, scopes=READ, networks=["192.0.2.0/24"], **who
    ),
    "rotated": lambda token, who: services.rotate_token(token=token, overlap=HOUR, **who),
    "cut": cut,
    "suspended": lambda token, who: services.suspend_token(token=token, **who),
    "resumed": resume,
    "taken-over": lambda token, who: services.take_over_token(token=token, **who),
    "deleted": lambda token, who: services.delete_token(token=token, **who),
}
BEFORE, AFTER = {"scope": ALL, "networks": ""}, {"scope": READ[0], "networks": "192.0.2.0/24"}
DATA = {
    "created": {"lifetime": 600, "scope": READ[0], "networks": "10.0.0.0/8"},
    "renamed": {"before": "Greenhouse sync", "after": "Lever"},
    "copied": {},
    "limited": {"before": BEFORE, "after": AFTER},
    "rotated": {"overlap": 3600},
    "cut": {"credentials": 1},
    "suspended": {},
    "resumed": {},
    "deleted": {},
}


@pytest.mark.parametrize("kind", ACTS)
def test_an_act_is_kept_with_who_did_it_from_where_and_what_it_was(token, colleague, kind):
    ACTS[kind](token, {"actor": colleague, "address": ADDRESS})
    event = APITokenEvent.objects.filter(kind=kind).latest("pk")
    assert (event.actor_id, event.actor_label) == (str(colleague.pk), "Vikram Shah")
    assert (event.address, event.owner_id) == (ADDRESS, str(token.owner_id))
    assert event.token_public_id == APIToken.objects.latest("pk").public_id
    assert event.data == DATA.get(kind, event.data)


def test_taking_over_is_kept_with_both_people(token, admin, colleague):
    services.take_over_token(token=token, actor=colleague)
    assert APITokenEvent.objects.get(kind="taken-over").data == {
        "before": str(admin.pk), "before_label": "Asha Rao",
        "after": str(colleague.pk), "after_label": "Vikram Shah",
    }  # fmt: skip


def test_taking_over_from_nobody_is_kept_with_nobody(token, admin, colleague):
    admin.delete()
    services.take_over_token(token=token, actor=None, user=colleague)
    event = APITokenEvent.objects.get(kind="taken-over")
    assert (event.actor_id, event.actor_label, event.address) == ("", "", None)
    assert event.data == {
        "before": "", "before_label": "",
        "after": str(colleague.pk), "after_label": "Vikram Shah",
    }  # fmt: skip


def test_taking_all_over_is_kept_for_each_with_who_said_so(acme, admin, colleague):
    staff = UserFactory(company=None, access_level="", is_staff=True, name="Ops")
    tokens = [make_token(owner=acme, user=admin, name=name)[0] for name in ("a", "b")]
    services.take_over_token(token=tokens[0], actor=colleague)
    changed = services.take_over_all(
        tokens=tokens, user=colleague, actor=staff, address=ADDRESS
    )  # fmt: skip
    event = APITokenEvent.objects.filter(kind="taken-over").latest("pk")
    assert (changed, event.token_name, event.actor_label, event.address) == (1, "b", "Ops", ADDRESS)
    assert {token.user for token in APIToken.objects.all()} == {colleague}


def test_a_token_that_rotates_itself_is_named_as_the_one_who_did(token, admin):
    services.rotate_itself(token=as_presented(token), overlap=HOUR, address=ADDRESS)
    event = APITokenEvent.objects.get(kind="rotated")
    assert (event.actor_id, event.actor_label) == (str(admin.pk), "API(Greenhouse sync)")
    assert (event.address, event.data) == (ADDRESS, {"overlap": 3600})


def test_an_act_again_within_one_form_is_kept_as_a_copy_with_its_address(acme, colleague):
    request_id = uuid4()
    for address in ("203.0.113.1", ADDRESS):
        services.issue_token(owner=acme, user=colleague, name="CI", lifetime=None,
                             request_id=request_id, address=address)  # fmt: skip
    event = APITokenEvent.objects.get(kind="copied")
    assert (event.actor_label, event.address) == ("Vikram Shah", ADDRESS)
    assert not APITokenEvent.objects.get(kind="created").data["lifetime"]


def test_a_rotation_again_is_kept_as_a_copy_with_its_address(token, colleague):
    current = token.credential.pk
    for address in ("203.0.113.1", ADDRESS):
        services.rotate_token(
            token=token, overlap=HOUR, actor=colleague, address=address, replaces=current
        )
    assert APITokenEvent.objects.filter(kind="rotated").count() == 1
    event = APITokenEvent.objects.get(kind="copied")
    assert (event.actor_label, event.address) == ("Vikram Shah", ADDRESS)


# Columns -------------------------------------------------------------------------------------
def test_a_new_token_has_every_column_that_was_asked_for(acme, colleague):
    request_id = uuid4()
    token, _ = services.issue_token(
        owner=acme, user=colleague, name=" ＬＥＶＥＲ  Sync ", lifetime=timedelta(seconds=600),
        scopes=["reports:read", "candidates:read"], request_id=request_id,
        networks=["10.0.0.0/8", " 10.0.0.1", "10.0.0.1"],
    )  # fmt: skip
    row = APIToken.objects.get(pk=token.pk)
    assert (row.owner, row.user, row.created_by) == (acme, colleague, colleague)
    assert (row.name, row.live_name) == ("ＬＥＶＥＲ  Sync", "lever sync")
    assert (row.scope, row.allowed_networks) == (
        "candidates:read reports:read", "10.0.0.0/8 10.0.0.1/32",
    )  # fmt: skip
    assert (row.request_id, row.suspended_at, row.suspended_by) == (request_id, None, None)
    credential = Credential.objects.get()
    assert (credential.issued_at, credential.expires_at) == (NOW, NOW + timedelta(seconds=600))
    assert (credential.ends_at, credential.kid) == (None, key()["kid"])


def test_suspending_and_resuming_write_who_and_when_and_nothing_else(token, colleague, clock):
    APIToken.objects.filter(pk=token.pk).update(name="Renamed meanwhile")
    services.suspend_token(token=token, actor=colleague)
    row = APIToken.objects.get(pk=token.pk)
    assert (row.suspended_at, row.suspended_by) == (NOW.replace(microsecond=250_000), colleague)
    assert row.name == "Renamed meanwhile"
    services.resume_token(token=token, actor=colleague)
    row = APIToken.objects.get(pk=token.pk)
    assert (row.suspended_at, row.suspended_by) == (None, None)


def test_renaming_writes_both_names(token, colleague):
    services.rename_token(token=token, name="ＬＥＶＥＲ", actor=colleague)
    row = APIToken.objects.get(pk=token.pk)
    assert (row.name, row.live_name) == ("ＬＥＶＥＲ", "lever")


def test_taking_over_lets_the_admins_be_told_of_the_next_stop(token, colleague):
    APIToken.objects.filter(pk=token.pk).update(stop_noticed_at=NOW)
    services.take_over_token(token=token, actor=colleague)
    row = APIToken.objects.get(pk=token.pk)
    assert (row.user, row.stop_noticed_at) == (colleague, None)


# Answers -------------------------------------------------------------------------------------
def test_an_act_says_whether_it_changed_anything(token, colleague):
    who = {"token": token, "actor": colleague}
    assert [services.suspend_token(**who) for _ in range(2)] == [True, False]
    assert [services.resume_token(**who) for _ in range(2)] == [True, False]
    assert [services.take_over_token(**who) for _ in range(2)] == [True, False]
    services.rotate_token(overlap=HOUR, **who)
    assert [services.cut_old_credentials(**who) for _ in range(2)] == [1, 0]
    assert [services.delete_token(**who) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind not in {"created", "deleted"}])
def test_what_is_deleted_can_only_be_deleted(token, colleague, kind):
    services.delete_token(token=token, actor=colleague)
    with pytest.raises(exceptions.TokenDeleted):
        ACTS[kind](token, {"actor": colleague, "address": ADDRESS})
    assert APITokenEvent.objects.count() == 2


# Signals -------------------------------------------------------------------------------------
@pytest.fixture
def heard(django_capture_on_commit_callbacks):
    """heard(act) → (signal's name, arguments) of all that is sent once *act* has committed."""
    names = [name for name, value in vars(signals).items() if isinstance(value, Signal)]

    def heard(act):
        found = []
        receivers = {name: lambda name=name, **told: found.append((name, told)) for name in names}
        for name, receiver in receivers.items():
            getattr(signals, name).connect(receiver, weak=False)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                act()
        finally:
            for name, receiver in receivers.items():
                getattr(signals, name).disconnect(receiver)
        return found

    return heard


TOLD = {
    "token_issued": ("created", {}),
    "token_renamed": ("renamed", {"old_name": "Greenhouse sync"}),
    "token_copied": ("copied", {}),
    "token_limited": ("limited", {"before": BEFORE, "after": AFTER}),
    "token_rotated": ("rotated", {}),
    "token_cut": ("cut", {}),
    "token_suspended": ("suspended", {}),
    "token_resumed": ("resumed", {}),
    "token_deleted": ("deleted", {}),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_signal_names_the_token_and_who_acted(token, colleague, heard, name):
    kind, more = TOLD[name]
    sent = heard(lambda: ACTS[kind](token, {"actor": colleague, "address": ADDRESS}))
    last, arguments = sent[-1]
    assert last == name
    del arguments["signal"]
    about = APIToken.objects.latest("pk")
    assert arguments == {"sender": APIToken, "token": about, "actor": colleague, **more}


def test_the_signal_of_a_take_over_names_who_it_acted_as_before(token, admin, colleague, heard):
    staff = UserFactory(company=None, access_level="", is_staff=True)
    ((name, arguments),) = heard(
        lambda: services.take_over_token(token=token, user=colleague, actor=staff)
    )
    assert (name, arguments["actor"], arguments["before"]) == ("token_taken_over", staff, admin)
    assert arguments["token"].user == colleague
