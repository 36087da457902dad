"""Signals: once, after the commit, as documented, never with a secret."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.dispatch import Signal

from apitokens import services, signals
from apitokens.models import APIToken, Credential
from tests.apitokens.conftest import as_presented, claims_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = sorted(name for name, value in vars(signals).items() if isinstance(value, Signal))
NONE = timedelta(0)


def issue(token, admin):
    services.issue_token(owner=token.owner, user=admin, name="Another", lifetime=None)


def take_over(token, admin):
    other = UserFactory(company=token.owner, name="Other")
    services.take_over_token(token=token, actor=other)


def cut(token, admin):
    services.rotate_token(token=token, overlap=timedelta(hours=1), actor=admin)
    services.cut_old_credentials(token=token, actor=admin)


def resume(token, admin):
    services.suspend_token(token=token, actor=admin)
    services.resume_token(token=token, actor=admin)


# Signal → how it comes about, and the arguments beside token and actor.
ACTS = {
    "token_issued": (issue, set()),
    "token_renamed": (
        lambda t, a: services.rename_token(token=t, name="Lever", actor=a), {"old_name"}
    ),
    "token_copied": (lambda t, a: services.copy_token(token=t, actor=a), set()),
    "token_limited": (
        lambda t, a: services.limit_token(
            token=t, scopes=[], networks=["192.0.2.0/24"], actor=a
        ),
        {"before", "after"},
    ),
    "token_rotated": (
        lambda t, a: services.rotate_token(token=t, overlap=NONE, actor=a), set()
    ),
    "token_cut": (cut, set()),
    "token_suspended": (lambda t, a: services.suspend_token(token=t, actor=a), set()),
    "token_resumed": (resume, set()),
    "token_taken_over": (take_over, {"before"}),
    "token_deleted": (lambda t, a: services.delete_token(token=t, actor=a), set()),
}  # fmt: skip


@pytest.fixture
def heard():
    """(name, arguments) of every signal that was sent."""
    found = []

    def listen(name):
        def receiver(signal, **arguments):
            found.append((name, arguments))

        return receiver

    for name in NAMES:
        getattr(signals, name).connect(listen(name), weak=False, dispatch_uid="test")
    yield found
    for name in NAMES:
        getattr(signals, name).disconnect(dispatch_uid="test")


def test_every_signal_is_tried_here():
    assert sorted(ACTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_sent_once_after_the_commit_with_its_arguments(token, admin, heard, name):
    act, more = ACTS[name]
    heard.clear()
    with transaction.atomic():
        act(token, admin)
        assert heard == []
    (arguments,) = [arguments for sent, arguments in heard if sent == name]
    assert set(arguments) == {"sender", "token", "actor"} | more
    assert arguments["sender"] is APIToken
    assert arguments["token"] == (APIToken.objects.last() if name == "token_issued" else token)
    assert arguments["actor"] in {admin, arguments["token"].user}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_sent_when_the_transaction_is_rolled_back(token, admin, heard, name):
    heard.clear()
    with transaction.atomic():
        ACTS[name][0](token, admin)
        transaction.set_rollback(True)
    assert heard == []


@pytest.mark.parametrize("name", NAMES)
def test_no_argument_holds_a_secret(token, jwt, admin, heard, name):
    """Nor does what a receiver's log would make of one."""
    ACTS[name][0](token, admin)
    shown = [
        repr(value) + str(value) + repr(getattr(value, "__dict__", ""))
        for _, arguments in heard
        for value in arguments.values()
    ]
    secrets = [*jwt.split("."), claims_in(jwt)["jti"]]
    for credential in Credential.objects.all():
        secrets += [str(credential.jti), credential.jti.hex]
    assert shown
    assert not [secret for secret in secrets for text in shown if secret in text]


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_that_fails_harms_nobody(token, admin, heard, name):
    def fail(**kwargs):
        raise RuntimeError

    signal = getattr(signals, name)
    signal.connect(fail, dispatch_uid="fails")
    try:
        ACTS[name][0](token, admin)
    finally:
        signal.disconnect(dispatch_uid="fails")
    assert name in [sent for sent, _ in heard]


@pytest.mark.parametrize(
    "again",
    [
        lambda t, a: services.rename_token(token=t, name=t.name, actor=a),
        lambda t, a: services.limit_token(token=t, scopes=[], networks=[], actor=a),
        lambda t, a: services.cut_old_credentials(token=t, actor=a),
        lambda t, a: services.resume_token(token=t, actor=a),
        lambda t, a: services.take_over_token(token=t, actor=a),
    ],
    ids=["rename", "limit", "cut", "resume", "take over"],
)
def test_what_changes_nothing_sends_nothing(token, admin, heard, again, settings):
    settings.APITOKENS_SCOPES = {}
    APIToken.objects.update(scope=None)
    heard.clear()
    again(token, admin)
    assert heard == []


def test_a_token_that_rotates_itself_says_so_too(token, heard):
    services.rotate_itself(token=as_presented(token), overlap=NONE)
    assert heard[-1][0] == "token_rotated"
    assert heard[-1][1]["actor"] == token.user
