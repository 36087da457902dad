"""What no other test would miss: each test here fails when one protection is taken away."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_save
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from rest_framework.exceptions import AuthenticationFailed

from apitokens import services
from apitokens.attribution import Actor
from apitokens.authentication import APITokenAuthentication
from apitokens.exceptions import LifetimeRefused, TokenLimitReached
from apitokens.models import APIToken, APITokenEvent, Credential
from apitokens.policy import TokenPolicy
from apitokens.usage import note_use
from svportal.token_policy import PortalTokenPolicy
from tests.apitokens.conftest import (
    ME,
    as_presented,
    assert_bearer_failure,
    claims_in,
    forge,
    segment,
)
from tests.candidates.conftest import add
from tests.conftest import signed_in
from tests.factories import StaffFactory, UserFactory, make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
GENERATE = "/security-settings/api/generate/"
NOW = "2026-11-24T12:00:00Z"
MARKUP = "\"'><script>alert(1)</script>"


def page_of(token, action):
    return f"{LIST}{token.public_id}/{action}/"


def generate(client, **data):
    data = {"name": "New", "kind": "never-ending", "request_id": uuid4(), **data}
    return client.post(GENERATE, data)


# Signature and claims ------------------------------------------------------------------------
@pytest.mark.parametrize("raw", ["é", "\xff\xfe", "a.b.é", "€", "a.€.c", "\ud800"], ids=ascii)
def test_a_token_in_other_than_ascii_is_refused_and_no_error(client, raw):
    assert_bearer_failure(client.get(ME, HTTP_AUTHORIZATION=f"Bearer {raw}"))


def test_a_token_that_was_good_a_moment_ago_needs_its_signature_again(present, jwt):
    assert present(jwt).status_code == 200
    head, payload, _ = jwt.split(".")
    for signature in (segment(bytes(32)), "A" * 43, "x"):
        assert_bearer_failure(present(f"{head}.{payload}.{signature}"))


def test_a_token_signed_again_by_another_key_of_ours_is_refused(present, claims, settings):
    first = settings.APITOKENS_KEYS[0]
    second = {**first, "kid": "second", "state": "verify", "secret": "z" * 40}
    settings.APITOKENS_KEYS = [first, second]
    header = {"typ": "apitoken+jwt", "alg": "HS256", "kid": "second"}
    assert_bearer_failure(present(forge(header, claims, secret=second["secret"])))
    assert present(forge(payload=claims)).status_code == 200


def test_a_credential_that_was_replaced_works_until_its_end_and_not_at_it(
    present, jwt, token, time_machine
):
    time_machine.move_to(NOW, tick=False)
    now, old = timezone.now(), token.credential
    token.credentials.update(ends_at=now + timedelta(seconds=60))
    Credential.objects.create(token=token, kid=old.kid, issued_at=now)
    time_machine.shift(59)
    assert present(jwt).status_code == 200
    time_machine.shift(1)
    assert_bearer_failure(present(jwt))


def test_no_policy_lifts_a_lifetime_above_a_day(acme, admin, settings):
    settings.APITOKENS_POLICY = f"{__name__}.LavishPolicy"
    with pytest.raises(LifetimeRefused):
        services.issue_token(owner=acme, user=admin, name="x", lifetime=timedelta(seconds=86401))


class LavishPolicy(PortalTokenPolicy):
    def max_lifetime(self, owner):
        return timedelta(days=365)


@pytest.mark.parametrize("seconds", ["9" * 12, "9" * 5000, "6000000000", "0" * 5000])
def test_the_command_refuses_a_lifetime_of_any_length_in_words(admin, seconds):
    with pytest.raises(CommandError, match="--lifetime: give 600 to 86400 whole seconds"):
        call_command("apitokens_create", f"--lifetime={seconds}", user=admin.email, name="x")
    assert not APIToken.objects.exists()


# What a refusal tells ------------------------------------------------------------------------
def test_every_refusal_says_the_same_to_a_host_that_mounts_views_of_its_own(rf, jwt, token):
    said = set()
    for raw in ("x", "a.b.c", jwt[:-1], jwt):
        token.delete()
        request = rf.get("/", HTTP_AUTHORIZATION=f"Bearer {raw}")
        with pytest.raises(AuthenticationFailed) as refusal:
            APITokenAuthentication().authenticate(request)
        said.add((str(refusal.value.detail), refusal.value.get_codes()))
    assert len(said) == 1


def test_the_log_of_a_refusal_holds_no_part_of_what_was_sent(present, jwt, caplog):
    head, payload, signature = jwt.split(".")
    with caplog.at_level("DEBUG", logger="apitokens"):
        for raw in (jwt[:-2] + "AA", f"{head}.{payload}", f"{payload}.{signature}", jwt + "="):
            assert_bearer_failure(present(raw))
    assert "API token refused" in caplog.text
    for part in (head, payload, signature[:-2], claims_in(jwt)["jti"]):
        assert part not in caplog.text


# Who may -------------------------------------------------------------------------------------
def test_a_policy_that_overrides_nothing_lets_no_token_of_another_account_work(
    present, jwt, settings
):
    assert present(jwt).status_code == 200
    settings.APITOKENS_POLICY = "apitokens.policy.TokenPolicy"
    assert_bearer_failure(present(jwt))


class OpenPolicy(TokenPolicy):
    """The default policy of a host where everybody manages everything."""

    def can_manage(self, user, owner):
        return True


@pytest.mark.parametrize("change", ["disable", "delete"])
def test_by_the_default_policy_a_token_stops_with_its_person(present, jwt, admin, settings, change):
    settings.APITOKENS_POLICY = f"{__name__}.OpenPolicy"
    assert present(jwt).status_code == 200
    if change == "delete":
        admin.delete()
    else:
        admin.is_active = False
        admin.save()
    assert_bearer_failure(present(jwt))


def test_by_the_default_policy_everybody_manages_their_own_tokens_while_active(admin, hr):
    policy = TokenPolicy()
    assert policy.can_manage(admin, admin)
    assert not policy.can_manage(hr, admin)
    admin.is_active = False
    assert not policy.can_manage(admin, admin)


def test_the_portal_lets_active_admins_manage_their_own_companys_tokens_only(
    admin, hr, recruiter, acme, globex
):
    policy = PortalTokenPolicy()
    assert policy.can_manage(admin, acme)
    assert not policy.can_manage(admin, globex)
    assert not policy.can_manage(hr, acme)
    assert not policy.can_manage(recruiter, acme)
    admin.is_active = False
    assert not policy.can_manage(admin, acme)


def test_the_command_makes_no_token_for_somebody_disabled(admin):
    admin.is_active = False
    admin.save()
    with pytest.raises(CommandError, match="may not manage"):
        call_command("apitokens_create", user=admin.email, name="x")
    assert not APIToken.objects.exists()


class TightPolicy(PortalTokenPolicy):
    def max_lifetime(self, owner):
        return timedelta(hours=1)

    def max_tokens(self, owner):
        return 1


def test_the_page_says_what_the_policy_forbids(admin_client, settings):
    settings.APITOKENS_POLICY = f"{__name__}.TightPolicy"
    too_long = [{"kind": "never-ending"}, {"kind": "short-lived", "lifetime": "7200"}]
    for data in too_long:
        response = generate(admin_client, **data)
        assert response.status_code == 400
        assert list(response.context["form"].errors) == ["lifetime"]
    hour = {"kind": "short-lived", "lifetime": "3600"}
    assert generate(admin_client, **hour).status_code == 200
    response = generate(admin_client, name="Second", **hour)
    assert response.status_code == 400
    assert response.context["form"].non_field_errors()
    assert APIToken.objects.count() == 1


def test_the_limit_counts_neither_deleted_tokens_nor_other_owners(
    acme, admin, globex, other_admin, settings
):
    settings.APITOKENS_POLICY = f"{__name__}.TightPolicy"
    hour = timedelta(hours=1)
    make_token(owner=globex, user=other_admin, name="Theirs", lifetime=hour)
    first, _ = make_token(owner=acme, user=admin, name="First", lifetime=hour)
    with pytest.raises(TokenLimitReached):
        make_token(owner=acme, user=admin, name="Second", lifetime=hour)
    first.delete()
    assert make_token(owner=acme, user=admin, name="Second", lifetime=hour)


# Life cycle ----------------------------------------------------------------------------------
@pytest.fixture
def failing_for():
    """failing_for(name) lets the history's entry of the token *name* fail."""
    names = set()

    def fail(instance, **kwargs):
        if instance.token_name in names:
            raise RuntimeError("the history can't be written")

    post_save.connect(fail, sender=APITokenEvent, dispatch_uid="test")
    yield names.add
    post_save.disconnect(sender=APITokenEvent, dispatch_uid="test")


def test_tokens_deleted_together_go_together_or_not_at_all(acme, admin, failing_for):
    tokens = [make_token(owner=acme, user=admin, name=name)[0] for name in ("One", "Two")]
    failing_for("Two")
    with pytest.raises(RuntimeError):
        APIToken.objects.filter(owner=acme).delete()
    assert APIToken.objects.existing().count() == len(tokens)
    assert not APITokenEvent.objects.filter(kind="deleted").exists()


def test_a_name_changes_together_with_its_history_or_not_at_all(token, admin, failing_for):
    failing_for("Lever")
    with pytest.raises(RuntimeError):
        services.rename_token(token=token, name="Lever", actor=admin)
    assert APIToken.objects.get().name == "Greenhouse sync"


@pytest.mark.parametrize("way", ["button", "action"])
def test_a_deletion_in_the_django_admin_is_in_the_history_under_its_actor(token, way):
    staff = StaffFactory(name="Operations")
    if way == "button":
        path, data = f"/admin/apitokens/apitoken/{token.pk}/delete/", {}
    else:
        path = "/admin/apitokens/apitoken/"
        data = {"action": "delete_selected", "_selected_action": [token.pk]}
    assert signed_in(staff).post(path, {**data, "post": "yes"}).status_code == 302
    event = APITokenEvent.objects.get(kind="deleted")
    assert (event.actor_id, event.actor_label) == (str(staff.pk), "Operations")


@pytest.mark.parametrize("way", ["button", "action"])
def test_the_django_admin_deletes_a_token_that_rows_were_added_through(
    token, jwt, admin, subtype, present, way
):
    add(Actor(admin, token), subtype)
    if way == "button":
        path, data = f"/admin/apitokens/apitoken/{token.pk}/delete/", {}
    else:
        path = "/admin/apitokens/apitoken/"
        data = {"action": "delete_selected", "_selected_action": [token.pk]}
    signed_in(StaffFactory()).post(path, {**data, "post": "yes"})
    assert_bearer_failure(present(jwt))
    assert APIToken.objects.get().is_deleted


def test_the_history_cannot_be_deleted_in_the_django_admin(token):
    staff, event = signed_in(StaffFactory()), APITokenEvent.objects.get()
    page = "/admin/apitokens/apitokenevent/"
    assert staff.post(f"{page}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    staff.post(page, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert APITokenEvent.objects.filter(pk=event.pk).exists()


def test_two_submits_at_once_make_one_token_and_the_same_jwt(acme, admin):
    """The second is served between the first's question and its answer."""
    form = {"owner": acme, "user": admin, "name": "New", "lifetime": None, "request_id": uuid4()}
    others = []

    def overtake(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not others and sql.startswith("SELECT") and "request_id" in sql.partition("WHERE")[2]:
            others.append(None)
            others[0] = services.issue_token(**form)
        return result

    with connection.execute_wrapper(overtake):
        token, jwt = services.issue_token(**form)
    assert [(token, jwt)] == others
    assert APIToken.objects.count() == 1


def test_a_use_that_meets_the_deletion_leaves_the_tombstone_alone(token):
    in_hand = as_presented(token)
    token.delete()
    assert note_use(in_hand, "203.0.113.7") is False
    assert APIToken.objects.get(pk=token.pk).last_used_at is None


def test_a_form_of_a_token_that_has_expired_meanwhile_shows_nothing(admin, time_machine):
    time_machine.move_to(NOW, tick=False)
    client, request_id = signed_in(admin), uuid4()
    form = {"request_id": request_id, "kind": "short-lived", "lifetime": "600"}
    assert generate(client, **form).status_code == 200
    time_machine.shift(600)
    response = generate(client, **form)
    assert response.status_code == 400
    assert "jwt" not in response.context


LOCKED = """
import os, sqlite3, sys, time
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from apitokens.models import APIToken
from apitokens.usage import note_use
from tests.factories import make_token

call_command("migrate", verbosity=0)
token, _ = make_token()
token.presented = token.credential
before = connection.cursor().execute("PRAGMA busy_timeout").fetchone()[0]
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
start = time.monotonic()
written = note_use(token, "203.0.113.7")
seconds = time.monotonic() - start
other.execute("ROLLBACK")
after = connection.cursor().execute("PRAGMA busy_timeout").fetchone()[0]
print(written, seconds < 0.25, before == after > 0, note_use(token, "203.0.113.7"))
"""


def test_a_use_does_not_wait_for_a_writer_of_another_process(tmp_path):
    """In a process of its own: only a database in a file waits for locks."""
    file = tmp_path / "db.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{file}",
    }
    result = subprocess.run(
        [sys.executable, "-c", LOCKED, str(file)],
        cwd=Path(__file__).resolve().parents[2], env=environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert result.stdout.split() == ["False", "True", "True", "True"], result.stderr


# Names and pages -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "character",
    ["\x00", "\x7f", "\x85", "\u00ad", "\u061c", "\u200d", "\u2028", "\u2029", "\u202d", "\ud800",
     "\ufff9", "\U000e0041"],
    ids=ascii,
)  # fmt: skip
def test_a_name_holds_nothing_that_cannot_be_seen(acme, admin, character):
    with pytest.raises(ValidationError):
        services.issue_token(owner=acme, user=admin, name=f"a{character}b", lifetime=None)


@pytest.mark.parametrize("words", ["x" * 65, "x" * 100_000, "%" * 60_000])
def test_a_search_of_any_length_is_no_error(admin_client, token, words):
    assert admin_client.get(LIST, {"q": words}).status_code == 200


def test_markup_is_escaped_in_all_that_the_page_repeats(
    admin_client, acme, admin, subtype, present
):
    token, jwt = make_token(owner=acme, user=admin, name=MARKUP)
    leaver = UserFactory(company=acme, name=f"Leaver {MARKUP}")
    make_token(owner=acme, user=leaver, name="Stopped")
    leaver.access_level = "hr"
    leaver.save()
    for owner_or_person in (acme, admin):
        owner_or_person.name = MARKUP
        owner_or_person.save()
    add(Actor(admin, token), subtype)
    assert present(jwt).status_code == 200
    bad_form = {"name": MARKUP, "kind": "short-lived", "lifetime": MARKUP}
    answers = {
        "list": (200, admin_client.get(LIST)),
        "search": (200, admin_client.get(LIST, {"q": MARKUP})),
        "form": (400, generate(admin_client, **bad_form)),
        "dialog": (400, generate(admin_client, from_dialog="True", **bad_form)),
        "edit": (400, admin_client.post(page_of(token, "edit"), {"name": MARKUP + "\x00"})),
        "delete": (200, admin_client.get(page_of(token, "delete"))),
        "mistyped": (
            400, admin_client.post(page_of(token, "delete"), {"confirm_name": f"{MARKUP}!"})
        ),
        "reveal": (200, admin_client.post(page_of(token, "copy"))),
        "deleted": (
            200,
            admin_client.post(page_of(token, "delete"), {"confirm_name": MARKUP}, follow=True),
        ),
    }  # fmt: skip
    for what, (status, response) in answers.items():
        page = response.content.decode()
        assert response.status_code == status, what
        assert "<script>alert" not in page, what
        assert "\"'>" not in page, what
        assert escape(MARKUP) in page, what


@pytest.mark.parametrize("name", ["list", "search"])
def test_a_token_name_stands_apart_from_the_text_around_it(admin_client, token, name):
    page = admin_client.get(LIST, {"q": "green"} if name == "search" else {}).content.decode()
    assert ">Greenhouse sync</bdi>" in page


def test_the_tag_for_hosts_escapes_the_label(acme, admin, subtype):
    token, _ = make_token(owner=acme, user=admin, name=MARKUP)
    template = Template("{% load apitokens %}{% added_by row %}{% autoescape off %}"
                        "{% added_by row %}{% endautoescape %}")  # fmt: skip
    shown = template.render(Context({"row": add(Actor(admin, token), subtype)}))
    assert "<script>" not in shown
    assert shown.count(escape(f"API({MARKUP})")) == 2


def test_a_message_is_escaped_in_the_shell_that_hosts_without_one_get():
    message = Message(messages.SUCCESS, f"Deleted {MARKUP}.")
    shown = render_to_string("apitokens/_message.html", {"message": message})
    assert "<script>" not in shown
    assert escape(MARKUP) in shown
