"""Issue, rename, copy, delete: row, history and signal together."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apitokens import services, signals
from apitokens.exceptions import LifetimeRefused, NameTaken, TokenLimitReached
from apitokens.models import APIToken, APITokenEvent, Credential, canonical_name
from apitokens.policy import TokenPolicy, get_policy
from tests.apitokens.conftest import claims_in
from tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db


def issue(acme, admin, name="Greenhouse sync", **kwargs):
    return services.issue_token(
        owner=acme, user=admin, name=name, lifetime=kwargs.pop("lifetime", None), **kwargs
    )


def test_issuing_makes_a_row_a_credential_and_an_event(acme, admin):
    token, jwt = issue(acme, admin, address="203.0.113.7")
    assert (token.owner, token.user, token.created_by) == (acme, admin, admin)
    assert token.credential.claims.jti.bytes
    assert claims_in(jwt)["iat"] == int(token.credential.issued_at.timestamp())
    event = APITokenEvent.objects.get()
    assert (event.kind, event.actor_label, event.address) == ("created", "Asha Rao", "203.0.113.7")
    assert event.data == {
        "lifetime": None, "scope": "candidates:read candidates:write reports:read", "networks": "",
    }  # fmt: skip


def test_nothing_from_which_the_token_could_be_rebuilt_is_stored(acme, admin):
    _, jwt = issue(acme, admin)
    stored = [
        str(value)
        for model in (APIToken, Credential, APITokenEvent)
        for row in model.objects.values()
        for value in row.values()
    ]
    for part in (jwt, jwt.split(".")[2]):
        assert not any(part in value for value in stored)


def test_copying_gives_the_same_bytes_whatever_happened_since(acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    token, jwt = issue(acme, admin, lifetime=timedelta(hours=8))
    time_machine.shift(3600)
    services.rename_token(token=token, name="Lever", actor=admin)
    assert services.copy_token(token=token, actor=admin) == jwt
    assert services.copy_token(token=APIToken.objects.get(), actor=admin) == jwt


def test_copying_is_in_the_history(token, admin):
    services.copy_token(token=token, actor=admin, address="203.0.113.9")
    assert APITokenEvent.objects.filter(kind="copied", address="203.0.113.9").count() == 1


def test_renaming_keeps_before_and_after(token, admin):
    services.rename_token(token=token, name="  Lever ", actor=admin)
    assert APIToken.objects.get().name == "Lever"
    assert APITokenEvent.objects.get(kind="renamed").data == {
        "before": "Greenhouse sync",
        "after": "Lever",
    }


def test_renaming_to_the_same_name_does_nothing(token, admin):
    services.rename_token(token=token, name=token.name, actor=admin)
    assert not APITokenEvent.objects.filter(kind="renamed").exists()


def test_a_change_of_case_alone_is_a_new_name(token, admin):
    services.rename_token(token=token, name="GREENHOUSE sync", actor=admin)
    assert APIToken.objects.get().name == "GREENHOUSE sync"


EQUAL = ["greenhouse SYNC", "Greenhouse  sync", "Ｇreenhouse sync", "  Greenhouse sync  "]


@pytest.mark.parametrize("name", EQUAL)
def test_a_name_is_unique_in_the_company_ignoring_case_and_width(token, acme, admin, name):
    with pytest.raises(NameTaken):
        issue(acme, admin, name=name)
    other, _ = issue(acme, admin, name="Other")
    with pytest.raises(NameTaken):
        services.rename_token(token=other, name=name, actor=admin)
    assert APIToken.objects.count() == 2
    assert APITokenEvent.objects.count() == 2


def test_the_database_itself_keeps_live_names_unique(token, acme):
    with pytest.raises(IntegrityError), transaction.atomic():
        APIToken.objects.create(owner=acme, name="x", live_name=canonical_name(token.name))


def test_another_company_may_use_the_same_name(token, other_admin, globex):
    assert issue(globex, other_admin, name=token.name)[0].name == token.name


def test_an_expired_token_keeps_its_name(acme, admin, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    issue(acme, admin, lifetime=timedelta(seconds=600))
    time_machine.shift(601)
    with pytest.raises(NameTaken):
        issue(acme, admin)


BAD_NAMES = {
    "empty": "",
    "white space": "   ",
    "65 characters": "x" * 65,
    "100 kB": "x" * 100_000,
    "NUL": "a\x00b",
    "newline": "a\nb",
    "CR": "a\rb",
    "escape": "a\x1b[31mb",
    "tab": "a\tb",
    "right-to-left override": "a\u202eb",
    "left-to-right mark": "a\u200eb",
    "isolate": "a\u2066b",
    "zero-width space": "a\u200bb",
    "byte order mark": "a\ufeffb",
    "line separator": "a\u2028b",
    "lone surrogate": "a\ud800b",
    "expands beyond the column": "\ufdfa" * 64,
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_name_that_is_empty_long_or_invisible_is_refused(token, acme, admin, name):
    with pytest.raises(ValidationError):
        issue(acme, admin, name=name)
    with pytest.raises(ValidationError):
        services.rename_token(token=token, name=name, actor=admin)
    assert APIToken.objects.get().name == "Greenhouse sync"


@pytest.mark.parametrize(
    "name", ["ग्रीनहाउस", "O’Brien & Söhne", "<script>alert(1)</script>", "{{ x }}", "🚀", "x" * 64]
)
def test_a_name_in_any_script_is_taken_as_it_is(acme, admin, name):
    assert issue(acme, admin, name=name)[0].name == name


def test_one_request_makes_one_token_however_often_it_arrives(acme, admin):
    request_id = uuid4()
    first, jwt = issue(acme, admin, request_id=request_id)
    again, same = issue(acme, admin, request_id=request_id)
    assert (again.pk, same) == (first.pk, jwt)
    assert APIToken.objects.count() == Credential.objects.count() == 1
    assert APITokenEvent.objects.filter(kind="created").count() == 1


def test_a_request_id_of_another_company_gives_nothing_away(acme, admin, globex, other_admin):
    request_id = uuid4()
    mine, jwt = issue(acme, admin, request_id=request_id)
    theirs, other = issue(globex, other_admin, request_id=request_id)
    assert theirs.pk != mine.pk
    assert other != jwt


def test_row_and_history_commit_together_or_not_at_all(acme, admin, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("between the two writes")

    monkeypatch.setattr("apitokens.audit.APITokenEvent.objects.append", fail)
    with pytest.raises(RuntimeError):
        issue(acme, admin)
    assert not APIToken.objects.exists()
    assert not Credential.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_signals_are_sent_after_the_commit_and_carry_no_secret(acme, admin):
    heard = []

    def hear(signal, sender, **kwargs):
        heard.append((kwargs["token"].name, {k: v for k, v in kwargs.items() if k != "token"}))
        assert sender is APIToken

    names = ["token_issued", "token_renamed", "token_copied", "token_deleted"]
    for name in names:
        getattr(signals, name).connect(hear, weak=False, dispatch_uid="test")
    try:
        with transaction.atomic():
            token, jwt = issue(acme, admin)
            assert heard == []
        services.rename_token(token=token, name="Lever", actor=admin)
        services.copy_token(token=token, actor=admin)
        services.delete_token(token=token, actor=admin)
    finally:
        for name in names:
            getattr(signals, name).disconnect(dispatch_uid="test")
    assert [name for name, _ in heard] == ["Greenhouse sync", "Lever", "Lever", "Lever"]
    assert all(details["actor"] == admin for _, details in heard)
    assert heard[1][1]["old_name"] == "Greenhouse sync"
    assert jwt not in str(heard)


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_harms_nobody(acme, admin):
    def fail(**kwargs):
        raise RuntimeError

    signals.token_issued.connect(fail, dispatch_uid="test")
    try:
        token, _ = issue(acme, admin)
    finally:
        signals.token_issued.disconnect(dispatch_uid="test")
    assert APIToken.objects.get() == token


class StrictPolicy(TokenPolicy):
    def can_manage(self, user, owner):
        return True

    def max_lifetime(self, owner):
        return timedelta(hours=1)

    def max_tokens(self, owner):
        return 1


def test_the_policy_bounds_lifetimes_and_numbers(acme, admin, settings):
    settings.APITOKENS_POLICY = f"{__name__}.StrictPolicy"
    assert isinstance(get_policy(), StrictPolicy)
    for lifetime in (None, timedelta(hours=2)):
        with pytest.raises(LifetimeRefused):
            issue(acme, admin, lifetime=lifetime)
    issue(acme, admin, lifetime=timedelta(hours=1))
    with pytest.raises(TokenLimitReached):
        issue(acme, admin, name="Second", lifetime=timedelta(hours=1))


def test_public_ids_are_unguessable_and_alike_in_form(acme, admin):
    ids = {make_token(owner=acme, user=admin, name=f"t{n}")[0].public_id for n in range(20)}
    assert len(ids) == 20
    assert all(len(i) == 16 and i.startswith("tok_") for i in ids)


def test_the_event_names_the_actor_even_when_they_are_gone(acme, admin):
    colleague = UserFactory(company=acme, name="Vikram Shah")
    issue(acme, colleague)
    colleague.delete()
    assert APITokenEvent.objects.get().actor_label == "Vikram Shah"
