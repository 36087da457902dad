"""apitokens_import, with DRF's own authtoken; knox and api-key are moved in tests/hosts/."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import path
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.response import Response
from rest_framework.views import APIView

from apitokens import services
from apitokens.authentication import LegacyTokenAuthentication
from apitokens.models import APIToken, LegacyCredential
from tests.factories import CompanyFactory, StaffFactory, UserFactory, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class WhoAmI(APIView):
    authentication_classes = [LegacyTokenAuthentication]

    def get(self, request):
        return Response({"by": request.auth.label})


urlpatterns = [path("who", WhoAmI.as_view())]


@pytest.fixture
def old(admin):
    """The authtoken of Asha Rao."""
    return Token.objects.create(user=admin)


@pytest.fixture
def run(capsys):
    """run(*options) → each row's facts."""

    def run(*options, source="authtoken"):
        capsys.readouterr()
        try:
            call_command("apitokens_import", "--from", source, "--json", *options)
        finally:
            run.said = capsys.readouterr()
        return [json.loads(line) for line in run.said.out.splitlines()]

    return run


def test_a_secret_is_moved_and_works_as_its_token(old, run, client, admin):
    (facts,) = run()
    token = APIToken.objects.get()
    assert facts["outcome"] == "moved"
    assert (facts["id"], facts["name"]) == (token.public_id, token.name)
    assert (token.owner, token.user) == (admin.company, admin)
    assert token.name == "Imported from authtoken (admin@acme.test)"
    answer = client.get("/who", HTTP_AUTHORIZATION=f"Token {old.key}")
    assert answer.json() == {"by": f"API({token.name})"}


def test_it_goes_on_working_when_the_old_table_is_empty(old, run, client):
    run()
    Token.objects.all().delete()
    assert client.get("/who", HTTP_AUTHORIZATION=f"Token {old.key}").status_code == 200


def test_a_second_run_moves_only_what_is_new(old, run, acme):
    run()
    new = Token.objects.create(user=UserFactory(company=acme))
    facts = run()
    assert sorted(f["outcome"] for f in facts) == ["known", "moved"]
    assert [f["outcome"] for f in run()] == ["known", "known"]
    assert APIToken.objects.filter(user=new.user).count() == 1


def test_neither_output_nor_log_holds_a_secret(old, run, caplog, capsys):
    caplog.set_level("DEBUG")
    run("--check")
    run()
    said = run.said
    call_command("apitokens_import", "--from", "authtoken")
    for text in (said.out, said.err, caplog.text, capsys.readouterr().out):
        assert old.key[:8] not in text


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_asking_first_writes_nothing(old, run, option):
    (facts,) = run(option)
    assert (facts["outcome"], facts["id"]) == ("would move", None)
    assert not APIToken.objects.exists()
    assert not LegacyCredential.objects.exists()
    assert run()[0]["name"] == facts["name"]


def test_asking_first_numbers_names_as_moving_does(acme, run):
    for number in range(3):
        user = UserFactory(company=acme, email="x" * 60 + f"{number}@example.test")
        Token.objects.create(user=user)
    planned = [facts["name"] for facts in run("--check")]
    assert planned[1:] == [planned[0][:60] + " (2)", planned[0][:60] + " (3)"]
    assert [facts["name"] for facts in run()] == planned


def test_what_has_ended_is_told_and_is_no_failure(old, run, admin):
    admin.is_active = False
    admin.save()
    (facts,) = run()
    assert (facts["outcome"], facts["reason"]) == ("ended", "disabled")
    assert not APIToken.objects.exists()


def test_what_lives_and_cannot_be_moved_fails_the_command_and_the_rest_is_moved(old, run, hr):
    Token.objects.create(user=hr)
    for option in (["--check"], []):
        with pytest.raises(CommandError, match="1 can't be moved"):
            run(*option)
        facts = {f["outcome"]: f for f in map(json.loads, run.said.out.splitlines())}
        assert facts["refused"]["reason"].startswith("this person may not manage")
        assert set(facts) == {"refused", "would move" if option else "moved"}
    assert APIToken.objects.count() == 1


def test_somebody_without_an_owner_is_refused(run):
    Token.objects.create(user=StaffFactory())
    with pytest.raises(CommandError, match="1 can't be moved"):
        run()


def test_a_key_that_no_header_can_carry_is_refused(admin, run):
    Token.objects.create(user=admin, key="two words")
    with pytest.raises(CommandError, match="1 can't be moved"):
        run()
    assert "no header can carry it" in run.said.out


def test_a_known_secret_stays_known_when_its_person_may_no_longer(old, run, admin):
    run()
    admin.access_level = "hr"
    admin.save()
    assert run()[0]["outcome"] == "known"


def test_an_owner_that_is_named_is_theirs_only_if_they_may(old, run, acme, globex):
    with pytest.raises(CommandError, match="1 can't be moved"):
        run("--owner", str(globex.pk))
    run("--owner", str(acme.pk))
    assert APIToken.objects.get().owner == acme


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (None, datetime(2027, 2, 23, 10, tzinfo=UTC)),
        ("2027-03-01", datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-03-01T12:30:00+02:00", datetime(2027, 3, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_the_sunset_is_ninety_days_away_or_as_given(old, run, settings, given, ends):
    settings.TIME_ZONE = "UTC"
    with time_machine.travel("2026-11-25T10:00:00+00:00", tick=False):
        run(*(["--sunset", given] if given else []))
    assert LegacyCredential.objects.get().ends_at == ends


@pytest.mark.parametrize("given", ["", "soon", "2027-13-01", "2020-01-01", "1e9", "0", "2027-03"])
def test_a_sunset_that_is_none_or_past_is_refused(old, run, given):
    with pytest.raises(CommandError, match="--sunset"):
        run("--sunset", given)
    assert not APIToken.objects.exists()


def test_scopes_are_those_that_are_named(old, run):
    run("--scope", "candidates:read")
    assert APIToken.objects.get().scopes == ("candidates:read",)


def test_without_scopes_they_get_what_a_new_token_gets(old, run):
    run()
    assert set(APIToken.objects.get().scopes) == set(services.default_scopes())


@pytest.mark.parametrize("scope", ["tokens:rotate-self", "everything"])
def test_a_scope_that_cannot_be_given_is_refused(old, run, scope):
    with pytest.raises(CommandError, match="--scope"):
        run("--scope", "candidates:read", "--scope", scope)
    assert not APIToken.objects.exists()


@pytest.mark.parametrize(
    ("source", "options", "named"),
    [
        ("authtoken", ["--user", "admin@acme.test"], "--user"),
        ("knox", ["--user-field", "user"], "--user"),
        ("rest_framework_api_key", [], "--user"),
        ("rest_framework_api_key", ["--user", "nobody@acme.test"], "--user"),
        ("authtoken", ["--owner", "999999"], "--owner"),
        ("authtoken", ["--owner", "x"], "--owner"),
        ("authtoken", ["--model", "authtoken.Nothing"], "no model"),
        ("authtoken", ["--model", "nonsense"], "no model"),
        ("authtoken", ["--owner-field", "nothing"], "no field nothing"),
        ("rest_framework_api_key", ["--user", "admin@acme.test"], "INSTALLED_APPS"),
        ("knox", [], "knox is not installed"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(old, run, source, options, named):
    with pytest.raises(CommandError, match=named):
        run(*options, source=source)
    assert not APIToken.objects.exists()


def test_people_read_what_happened(old, acme, capsys):
    Token.objects.create(user=UserFactory(company=acme, email="e\x1b[2J@x.test", is_active=False))
    call_command("apitokens_import", "--from", "authtoken")
    lines = capsys.readouterr().out.splitlines()
    token = APIToken.objects.get()
    assert lines[0] == f"moved       of admin@acme.test  {token.public_id}  {token.name}"
    assert lines[1] == "ended       of e?[2j@x.test  disabled"
    assert lines[2] == "1 ended, 1 moved"
    Token.objects.all().delete()
    call_command("apitokens_import", "--from", "authtoken")
    assert capsys.readouterr().out == "there is nothing to move\n"


def test_many_are_moved_in_a_bounded_number_of_queries_each(
    acme, run, django_assert_max_num_queries
):
    for _ in range(10):
        Token.objects.create(user=UserFactory(company=acme))
    with django_assert_max_num_queries(10 * 14 + 5):
        assert len(run()) == 10
    with django_assert_max_num_queries(10 * 8 + 5):
        run()


def test_a_limit_of_the_policy_is_counted_when_asking_first(acme, run, monkeypatch):
    make_token(owner=acme, user=UserFactory(company=acme))
    monkeypatch.setattr(type(services.importing.get_policy()), "max_tokens", lambda self, owner: 2)
    for _ in range(3):
        Token.objects.create(user=UserFactory(company=acme))
    Token.objects.create(user=UserFactory(company=CompanyFactory()))
    for option in (["--check"], []):
        with pytest.raises(CommandError, match="2 can't be moved"):
            run(*option)
    assert APIToken.objects.for_owner(acme).count() == 2


def test_an_old_token_is_dated_as_its_package_dated_it(old, run):
    Token.objects.update(created=timezone.now() - timedelta(days=400))
    run()
    assert timezone.now() - LegacyCredential.objects.get().issued_at > timedelta(days=399)
