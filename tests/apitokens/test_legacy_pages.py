"""Who still uses an old secret, and since when not: pages, REST, command, mail, admin."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apitokens import notices, services
from apitokens.models import LegacyCredential
from tests.apitokens.old import imported
from tests.conftest import signed_in
from tests.factories import StaffFactory, make_token

pytestmark = pytest.mark.django_db

LIST = "/security-settings/api/"
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def old(clock, admin):
    """A token imported from knox, whose old secret ends on 25 Dec 2026."""
    return imported("knox", admin)[0]


def use(token, *, ago=timedelta(0), address="203.0.113.7"):
    token.legacy_credentials.update(last_used_at=timezone.now() - ago, last_used_from=address)


def page(client, *path, **query):
    return client.get(LIST + "".join(path), query).content.decode()


def test_the_row_says_that_an_old_secret_works_and_when_it_was_used(admin_client, old):
    use(old, ago=timedelta(hours=3))
    text = "Old knox secret, last used 3 hours ago, works until 25 Dec 2026"
    assert text in page(admin_client)
    use(old, ago=timedelta(days=40))
    assert "Old knox secret, last used 16 Oct 2026, works until" in page(admin_client)


def test_the_row_says_that_nothing_used_it(admin_client, old):
    assert "Old knox secret, not used since it was imported, works until" in page(admin_client)


@pytest.mark.parametrize(
    ("source", "name"),
    [("authtoken", "Old authtoken secret"), ("rest_framework_api_key", "Old API key")],
)
def test_each_package_has_its_own_words(admin_client, admin, source, name):
    imported(source, admin)
    assert name in page(admin_client)


def test_an_ended_one_is_not_shown(admin_client, old, admin, clock):
    services.cut_old_credentials(token=old, actor=admin)
    assert "Old knox secret" not in page(admin_client)
    assert "Old knox secret" not in page(admin_client, f"{old.public_id}/")


def test_nor_after_its_sunset(admin_client, old, clock):
    clock.shift(timedelta(days=30))
    assert "Old knox secret" not in page(admin_client)


def test_its_use_is_the_tokens_last_use(admin_client, old):
    use(old, ago=timedelta(minutes=5), address="198.51.100.4")
    assert "198.51.100.4" in page(admin_client)


def test_the_tokens_page_shows_it_beside_the_jwt(admin_client, old):
    use(old, ago=timedelta(minutes=5))
    shown = page(admin_client, f"{old.public_id}/")
    for text in (
        "2 work now", "Old knox secret", "Imported 25 Nov 2026", "5 minutes ago",
        "A program at <code>203.0.113.7</code> still uses the old secret", "Cut now",
    ):  # fmt: skip
        assert text in shown, text


def test_the_tokens_page_says_that_nothing_used_it(admin_client, old):
    shown = page(admin_client, f"{old.public_id}/")
    assert "Nothing has used the old secret since it was imported" in shown


def test_one_button_cuts_it_off(admin_client, old):
    answer = admin_client.post(f"{LIST}{old.public_id}/cut/", follow=True)
    assert "has ended" in answer.content.decode()
    assert not LegacyCredential.objects.get().is_living
    assert old.credential.is_living


def test_nobody_elses_is_cut(old, other_admin, hr):
    assert signed_in(other_admin).post(f"{LIST}{old.public_id}/cut/").status_code == 404
    assert signed_in(hr).post(f"{LIST}{old.public_id}/cut/").status_code == 403
    assert LegacyCredential.objects.get().is_living


def test_rotating_says_that_it_stops_as_well(admin_client, old, admin):
    text = "The old secret from before the import stops with the old token."
    assert text in page(admin_client, f"{old.public_id}/rotate/")
    other = make_token(owner=admin.company, user=admin, name="New")[0]
    assert text not in page(admin_client, f"{other.public_id}/rotate/")


def test_the_list_is_narrowed_to_them(admin_client, old, admin):
    for number in range(6):
        make_token(owner=admin.company, user=admin, name=f"New {number}")
    shown = page(admin_client, state="old-secret")
    assert old.public_id in shown
    assert "New 1" not in shown
    assert "Has an old secret" in page(admin_client)
    services.cut_old_credentials(token=old, actor=admin)
    assert "Has an old secret" not in page(admin_client)


def test_lists_take_the_same_queries_for_any_number(admin_client, admin):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page(admin_client)
        return len(queries)

    imported("knox", admin)
    page(admin_client)
    few = count()
    for _ in range(8):
        imported("knox", admin)
    assert count() == few


def test_rest_shows_it(admin_client, old):
    use(old, ago=timedelta(minutes=5))
    (token,) = admin_client.get("/api/v1/tokens/").json()["results"]
    (secret,) = token["old_secrets"]
    assert secret.keys() == {"source", "ends_at", "last_used_at", "last_used_from"}
    assert (secret["source"], secret["last_used_from"]) == ("knox", "203.0.113.7")


def test_the_command_lists_it(old):
    use(old)
    out = io.StringIO()
    call_command("apitokens_list", "--json", stdout=out)
    assert json.loads(out.getvalue())["old_secrets"] == [
        {
            "source": "knox",
            "ends_at": "2026-12-25T10:00:00+00:00",
            "last_used_at": "2026-11-25T10:00:00+00:00",
            "last_used_from": "203.0.113.7",
        }
    ]
    out = io.StringIO()
    call_command("apitokens_list", stdout=out)
    assert "knox until 2026-12-25T10:00:00+00:00, used 2026-11-25T10:00:00+00:00" in out.getvalue()


def test_the_admin_site_lists_imported_tokens(old):
    use(old)
    client = signed_in(StaffFactory())
    assert client.get("/admin/apitokens/apitoken/").status_code == 200


def test_unused_means_unused_by_either(admin, old, clock):
    clock.shift(timedelta(days=20))
    use(old)
    moment = timezone.now() - timedelta(days=10)
    tokens = type(old).objects.for_owner(admin.company)
    assert not tokens.unused_since(moment).exists()
    use(old, ago=timedelta(days=11))
    assert tokens.unused_since(moment).exists()


# Mail -----------------------------------------------------------------------------------------


def test_the_admins_are_told_two_weeks_before_the_sunset_and_once(old, clock, admin):
    clock.shift(timedelta(days=16, seconds=-1))
    use(old)
    assert notices.notify().sent == 0
    clock.shift(timedelta(seconds=1))
    assert notices.notify().sent == 1
    assert notices.notify().sent == 0
    (letter,) = mail.outbox
    assert letter.to == [admin.email]
    assert f"{old.name} ({old.public_id}): the old one ends on 25 Dec 2026" in letter.body


@pytest.mark.parametrize("why", ["unused", "cut", "deleted", "suspended", "stopped"])
def test_nobody_is_told_of_an_end_that_harms_nobody(old, clock, admin, why):
    clock.shift(timedelta(days=20))
    if why != "unused":
        use(old)
    if why == "cut":
        services.cut_old_credentials(token=old, actor=admin)
    elif why == "deleted":
        services.delete_token(token=old, actor=admin)
    elif why == "suspended":
        services.suspend_token(token=old, actor=admin)
    elif why == "stopped":
        type(old).objects.update(stop_noticed_at=timezone.now())
        type(admin).objects.update(is_active=False)
    assert notices.notify().sent == 0
