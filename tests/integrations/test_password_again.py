"""An old sign-in confirms the password before anything leads data or secrets elsewhere."""

from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import SecurityEvent
from integrations.models import Connection, Endpoint, EventType
from tests.factories import PASSWORD
from tests.integrations.inbound.conftest import make_connection, talentlyft, waits
from tests.integrations.inbound.stubs import TOKEN
from tests.integrations.test_pages_webhooks import ADD, SECRET, entered, html, page_of

__all__ = ["talentlyft", "waits"]

pytestmark = pytest.mark.django_db
CONFIRM = "/account/confirm/"
CONNECT = "/integrations/connect/greythr/"


@pytest.fixture
def aged(settings, time_machine, admin_client, admin):
    """aged(seconds) → the Admin's browser, signed in so long ago; an hour is allowed."""
    settings.APITOKENS_REAUTH_AGE = 3600
    time_machine.move_to(timezone.now().replace(microsecond=0), tick=False)
    admin_client.force_login(admin)

    def aged(seconds):
        time_machine.shift(seconds)
        return admin_client

    return aged


@pytest.fixture
def connected(admin):
    return make_connection(admin)


@pytest.fixture
def asking(hook, connected):
    """(method, address) of all that asks."""
    credentials = reverse("connections:credentials", args=[connected.public_id])
    return [
        ("post", page_of(hook, "secret")),
        *product(
            ("get", "post"),
            (ADD, page_of(hook, "edit"), page_of(hook, "rotate"), CONNECT, credentials),
        ),
    ]


def leads_to(response):
    location = urlsplit(response["Location"])
    assert location.path == CONFIRM
    return parse_qs(location.query)["next"][0]


def confirmed(client, address):
    return client.post(CONFIRM, {"password": PASSWORD, "next": address}, follow=True)


def test_an_old_sign_in_is_asked_and_a_fresh_one_is_not(aged, asking):
    client = aged(3600)
    for method, address in asking:
        assert CONFIRM not in getattr(client, method)(address).get("Location", ""), address
    client = aged(1)
    for method, address in asking:
        back = leads_to(getattr(client, method)(address))
        assert address.startswith(back), address


def test_nothing_is_made_changed_or_shown_before(aged, asking, hook, connected):
    client, before = aged(3601), Endpoint.objects.values().get()
    history, current = SecurityEvent.objects.count(), hook.secrets.get()
    client.post(ADD, entered("https://hooks.acme.test/new"))
    client.post(page_of(hook, "edit"), entered("https://evil.test/"))
    client.post(page_of(hook, "rotate"), {"days": 0, "replaces": current.pk})
    assert hook.secret not in html(client.post(page_of(hook, "secret"), follow=True))
    client.post(reverse("connections:credentials", args=[connected.public_id]), {"token": "other"})
    client.post("/integrations/connect/greenhouse/", {"name": "Pune", "hook_secret": ""})
    assert Endpoint.objects.values().get() == before
    assert hook.secrets.get() == current
    assert Connection.objects.get().credentials["token"] == TOKEN
    assert SecurityEvent.objects.count() == history


def test_an_endpoint_that_was_typed_is_there_after_the_password(aged, customer):
    typed = entered(f"{customer.url}/bgv?key=1", events=["case.completed"], body="thin")
    client = aged(3601)
    asked = client.post(ADD, typed)
    assert "key" not in asked["Location"]
    page = html(confirmed(client, leads_to(asked)))
    assert f'value="{typed["url"]}"' in page
    assert 'value="HRMS status sync"' in page
    assert page.count("checked") == 2  # one event of four, and the thin body
    assert typed["url"] not in html(client.get(ADD))  # this once
    assert client.post(ADD, typed).status_code == 200
    assert Endpoint.objects.get().url == typed["url"]


def test_what_was_typed_elsewhere_fills_no_other_form(aged, hook):
    client = aged(3601)
    client.post(ADD, entered("https://hooks.acme.test/new"))
    page = html(confirmed(client, page_of(hook, "edit")))
    assert f'value="{hook.url}"' in page
    assert "hooks.acme.test/new" not in page


def test_an_edited_endpoint_and_the_days_of_a_rotation_are_there_after_the_password(aged, hook):
    client = aged(3601)
    edited = entered(hook.url, description="Offer letters", events=EventType.values[:2])
    page = html(confirmed(client, leads_to(client.post(page_of(hook, "edit"), edited))))
    assert 'value="Offer letters"' in page
    client = aged(3601)
    rotation = {"days": 5, "replaces": hook.secrets.get().pk}
    page = html(confirmed(client, leads_to(client.post(page_of(hook, "rotate"), rotation))))
    assert 'value="5"' in page
    assert client.post(page_of(hook, "rotate"), rotation).status_code == 200


def test_of_credentials_what_is_no_secret_is_there_after_the_password(aged):
    typed = {"name": "Berlin", "tenant": "acme", "user": "api-user", "password": "top-secret-1",
             "token_address": "common"}  # fmt: skip
    client = aged(3601)
    asked = client.post(CONNECT, typed)
    assert "top-secret-1" not in str(dict(client.session))
    page = html(confirmed(client, leads_to(asked)))
    for value in ("Berlin", "acme", "api-user"):
        assert f'value="{value}"' in page, value
    assert '<option value="common" selected>' in page
    assert "top-secret-1" not in page


def test_what_is_kept_has_a_bound(aged):
    client = aged(3601)
    client.post(ADD, entered("x" * 10_000, events=["y" * 1000] * 50, other="z"))
    _path, found = client.session["accounts_typed"]
    assert len(found["url"]) == 500
    assert (len(found["events"]), len(found["events"][0])) == (20, 500)
    assert "other" not in found


def test_others_are_refused_before_anybody_is_asked(aged, asking, hr_client):
    aged(10**6)
    for method, address in asking:
        assert getattr(hr_client, method)(address).status_code == 403, address


def test_no_age_asks_nobody(aged, asking, settings):
    settings.APITOKENS_REAUTH_AGE = None
    client = aged(10**6)
    for method, address in asking:
        assert CONFIRM not in getattr(client, method)(address).get("Location", ""), address


def test_the_secret_is_shown_again_and_the_history_says_so(admin_client, hook):
    response = admin_client.post(page_of(hook, "secret"))
    assert set(SECRET.findall(html(response))) == {hook.secret}
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    line = SecurityEvent.objects.filter(kind="integration").last()
    assert line.data["act"] == "webhook-secret-shown"
    assert "signing secret shown" in html(admin_client.get("/security-settings/history/"))
    assert admin_client.get(page_of(hook, "secret")).status_code == 405


def test_a_secret_that_is_none_or_unreadable_is_not_shown(admin_client, hook, settings):
    settings.MFA_SECRET_KEYS = ["another-" + "n" * 40]
    response = admin_client.post(page_of(hook, "secret"), follow=True)
    assert "can’t be read: rotate it" in html(response)
    hook.secrets.all().delete()
    response = admin_client.post(page_of(hook, "secret"), follow=True)
    assert "can’t be read: rotate it" in html(response)
    assert not SecurityEvent.objects.filter(data__act="webhook-secret-shown").exists()
