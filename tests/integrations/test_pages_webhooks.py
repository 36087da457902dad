"""The pages about webhooks: for Admins, about their own company's endpoints."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SecurityEvent
from integrations.models import (
    Attempt,
    Delivery,
    Endpoint,
    EventType,
    ImportedRecord,
    Off,
    WebhookEvent,
)
from integrations.models.outbound import KEPT
from integrations.outbound import addresses, endpoints
from integrations.outbound.status import median_of
from tests.accounts.test_outgoing import INSIDE, looked_up
from tests.integrations.conftest import add, make_endpoint
from tests.integrations.inbound.conftest import make_connection
from tests.integrations.test_delivering import sweep

pytestmark = pytest.mark.django_db
LIST, ADD = "/integrations/webhooks/", "/integrations/webhooks/add/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def page_of(endpoint, name="endpoint", *more):
    return reverse(f"webhooks:{name}", args=[endpoint.pk, *more])


def entered(url, **changes):
    return {"url": url, "description": "HRMS status sync", "events": EventType.values,
            "body": "full", **changes}  # fmt: skip


def html(response):
    return response.content.decode()


def field_error(response, field):
    return response.context["form"].errors[field]


PAGES = ["endpoint", "edit", "delete", "rotate", "resend-since"]
ACTS = ["off", "on", "test", "secret", "end-old-secret"]


def everywhere(endpoint, delivery):
    """(method, address) of all that there is about an endpoint."""
    yield from (("get", page_of(endpoint, name)) for name in PAGES)
    yield from (("post", page_of(endpoint, name)) for name in [*PAGES[1:], *ACTS])
    for act in ("resend", "stop"):
        yield "post", page_of(endpoint, act, delivery.pk)


@pytest.fixture
def delivery(hook, meera):
    return Delivery.objects.get()


@pytest.mark.parametrize("who", ["hr_client", "recruiter_client"])
def test_nobody_but_an_admin_comes_in(request, who, hook, delivery):
    client = request.getfixturevalue(who)
    for method, address in [("get", LIST), ("get", ADD), ("post", ADD), ("get", f"{LIST}verify/"),
                            *everywhere(hook, delivery)]:  # fmt: skip
        assert getattr(client, method)(address).status_code == 403, address
        assert getattr(Client(), method)(address)["Location"].startswith("/login/"), address
    assert 'href="/integrations/"' not in html(client.get("/"))
    assert Endpoint.objects.get().is_on


def test_another_companys_endpoint_is_not_there(other_admin_client, hook, delivery):
    for method, address in everywhere(hook, delivery):
        assert getattr(other_admin_client, method)(address).status_code == 404, address
    assert hook.url not in html(other_admin_client.get(LIST))
    assert Endpoint.objects.get().is_on


def test_a_delivery_of_another_endpoint_is_not_there(admin_client, acme, hook, delivery):
    other = make_endpoint(acme)
    for act in ("resend", "stop"):
        assert admin_client.post(page_of(other, act, delivery.pk)).status_code == 404
    assert Delivery.objects.get(pk=delivery.pk).state == "pending"


def test_the_navigation_leads_an_admin_here(admin_client):
    assert 'href="/integrations/"' in html(admin_client.get("/"))
    assert f'href="{LIST}"' in html(admin_client.get("/integrations/"))
    assert "No endpoint yet" in html(admin_client.get(LIST))


def test_an_endpoint_is_added_and_its_secret_shown_this_once(admin_client, customer, admin):
    response = admin_client.post(ADD, entered(f"{customer.url}/bgv", body="thin"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    [secret] = set(SECRET.findall(html(response)))
    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.is_thin) == (f"{customer.url}/bgv", True)
    assert (endpoint.types, endpoint.created_by) == (EventType.values, admin)
    assert endpoint.secrets.get().text == secret
    for address in (
        LIST,
        page_of(endpoint),
        page_of(endpoint, "edit"),
        page_of(endpoint, "rotate"),
    ):
        assert secret not in html(admin_client.get(address))
    history = html(admin_client.get("/security-settings/history/"))
    assert "webhook added" in history
    assert "HRMS status sync" in history


def test_the_same_sent_twice_makes_one_endpoint(admin_client, customer):
    data = entered(f"{customer.url}/bgv")
    admin_client.post(ADD, data)
    again = admin_client.post(ADD, data)
    assert again.status_code == 400
    assert field_error(again, "url") == ["There is an endpoint with this address already"]
    assert Endpoint.objects.count() == 1


def test_so_many_endpoints_and_no_more(admin_client, acme, customer):
    for _ in range(endpoints.MOST):
        make_endpoint(acme)
    response = admin_client.post(ADD, entered(f"{customer.url}/bgv"))
    assert response.status_code == 400
    assert "20 endpoints at most" in html(response)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "", "Enter the address that we are to call"),
        ("url", "http://localhost/x", "Enter an address that begins with https://"),
        ("url", "ftp://localhost/", "Enter an address that begins with https://"),
        ("url", "https://", "Enter an address that begins with https://"),
        ("url", "https://[::1", "Enter an address that begins with https://"),
        ("url", "https://a b/", "Enter an address that begins with https://"),
        ("url", "https://x\u202e/", "Enter an address that begins with https://"),
        ("url", "https://me:pw@localhost/", "Leave user name and password out of the address"),
        ("url", "https://localhost/#x", "Leave out # and what follows it"),
        ("url", "https://localhost:8443/", "Only port "),
        ("url", "https://localhost:99999/", "Enter an address that begins with https://"),
        ("url", "https://nowhere.invalid:{port}/", "There is no public place of this name"),
        ("url", "https://" + "a" * 70 + ".test:{port}/", "There is no public place of this name"),
        ("url", "https://localhost/" + "x" * 500, "at most 500 characters"),
        ("description", "x" * 81, "at most 80 characters"),
        ("events", [], "Choose at least one event"),
        ("events", ["case.everything"], "Choose from the list"),
        ("body", "fat", "Choose from the list"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("edits", [False, True])
def test_what_is_wrong_is_said_at_its_field(
    admin_client, hook, customer, field, value, message, edits
):
    if isinstance(value, str):
        value = value.format(port=customer.server_port)
    before = Endpoint.objects.values().get()
    address = page_of(hook, "edit") if edits else ADD
    response = admin_client.post(address, entered(f"{customer.url}/n") | {field: value})
    assert response.status_code == 400
    assert message in str(field_error(response, field))
    assert Endpoint.objects.values().get() == before


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_inside_is_taken_nor_called(admin_client, hook, customer, settings, host, meera):
    """In each spelling: at saving, and at each attempt of one that came there otherwise."""
    settings.WEBHOOK_NETWORKS = []
    url = f"https://{host}:{customer.server_port}/"
    response = admin_client.post(ADD, entered(url))
    assert field_error(response, "url") == ["There is no public place of this name"]
    Endpoint.objects.update(url=url)
    sweep()
    assert customer.got == []
    assert Attempt.objects.get().error in {"address", "unreachable"}


def test_a_name_that_leads_inside_at_the_second_look_up_is_not_called(
    admin_client, customer, settings, monkeypatch, acme, meera
):
    """DNS rebinding: public when it is saved, loopback when it is called."""
    settings.WEBHOOK_NETWORKS = []
    asked = looked_up(monkeypatch, "93.184.215.14", "127.0.0.1")
    response = admin_client.post(ADD, entered(f"https://rebind.test:{customer.server_port}/"))
    assert response.status_code == 200
    endpoints.send_test(endpoint=Endpoint.objects.get(), actor=meera.added_by, address=None)
    sweep()
    assert len(asked) == 2
    assert customer.got == []
    assert Attempt.objects.get().error == "address"


def test_a_port_that_is_no_longer_called_is_not_called(hook, customer, settings, delivery):
    settings.WEBHOOK_PORTS = [443]
    sweep()
    assert customer.got == []
    assert Attempt.objects.get().error == "address"


def test_443_alone_is_called_unless_the_operator_says_so(settings):
    from svportal import settings as ours

    assert ours.WEBHOOK_PORTS == [443]
    assert ours.WEBHOOK_NETWORKS == []
    assert addresses.check_form("https://hooks.acme.test/x?y=1") == ("hooks.acme.test", 443)


def test_an_endpoint_is_changed(admin_client, hook, customer):
    new = entered(f"{customer.url}/new", events=["case.completed"], body="thin", description=" A ")
    assert admin_client.post(page_of(hook, "edit"), new)["Location"] == page_of(hook)
    hook.refresh_from_db()
    assert (hook.url, hook.types, hook.is_thin, hook.description) == (
        f"{customer.url}/new", ["case.completed"], True, "A",
    )  # fmt: skip
    shown = html(admin_client.get(page_of(hook, "edit")))
    assert f'value="{customer.url}/new"' in shown
    assert re.search(r'value="thin"[^>]*checked', shown)


def test_a_secret_is_rotated_once_even_if_the_page_is_sent_twice(admin_client, hook):
    current = hook.secrets.get()
    page = html(admin_client.get(page_of(hook, "rotate")))
    assert f'name="replaces" value="{current.pk}"' in page
    data = {"days": 3, "replaces": current.pk}
    response = admin_client.post(page_of(hook, "rotate"), data)
    [secret] = set(SECRET.findall(html(response)))
    assert secret != hook.secret
    again = admin_client.post(page_of(hook, "rotate"), data, follow=True)
    assert "rotated already" in html(again)
    assert {row.text for row in hook.secrets.all()} == {secret, hook.secret}
    current.refresh_from_db()
    left = current.ends_at - timezone.now()
    assert timedelta(days=2, hours=23) < left <= timedelta(days=3)
    shown = html(admin_client.get(page_of(hook)))
    assert "Ends in" in shown
    admin_client.post(page_of(hook, "end-old-secret"))
    assert [row.text for row in hook.secrets.all()] == [secret]


@pytest.mark.parametrize("days", ["", "-1", "8", "x", "1.5"])
def test_an_overlap_outside_0_to_7_days_is_refused(admin_client, hook, days):
    data = {"days": days, "replaces": hook.secrets.get().pk}
    response = admin_client.post(page_of(hook, "rotate"), data)
    assert response.status_code == 400
    assert field_error(response, "days") == ["Enter a whole number of days from 0 to 7"]
    assert hook.secrets.count() == 1


def test_an_endpoint_is_switched_off_and_on(admin_client, hook):
    admin_client.post(page_of(hook, "off"))
    hook.refresh_from_db()
    assert hook.off_reason == Off.BY_ADMIN
    assert "It is switched off" in html(admin_client.get(page_of(hook)))
    admin_client.post(page_of(hook, "on"))
    hook.refresh_from_db()
    assert hook.is_on


@pytest.mark.parametrize(("reason", "words"), [("gone", "410 Gone"), ("failing", "5 days")])
def test_one_that_we_switched_off_is_named_above_the_list(
    admin_client, hook, delivery, reason, words
):
    Endpoint.objects.update(off_reason=reason, off_since=timezone.now())
    shown = html(admin_client.get(LIST))
    assert "was switched off" in shown
    assert words in shown
    day = timezone.localtime(delivery.event.at + KEPT)
    assert f"1 message is kept until {day:%-d %b}." in shown


def test_an_endpoint_is_deleted(admin_client, hook, delivery):
    assert "1 message that is still on its way" in html(admin_client.get(page_of(hook, "delete")))
    response = admin_client.post(page_of(hook, "delete"), follow=True)
    assert "is deleted" in html(response)
    assert not Endpoint.objects.exists()
    line = SecurityEvent.objects.filter(kind="integration").last()
    assert line.data["act"] == "webhook-deleted"


def test_a_test_arrives_and_the_page_shows_what_was_answered(admin_client, hook, customer):
    customer.answers["/"] = (200, {"Content-Type": "text/plain"}, b"<b>thanks</b>")
    admin_client.post(page_of(hook, "test"))
    assert "Waiting" in html(admin_client.get(page_of(hook)))
    sweep()
    [body] = customer.verified(hook.secret)
    assert (body["type"], body["candidate_id"], body["sequence"]) == ("webhook.test", 0, 0)
    shown = html(admin_client.get(page_of(hook)))
    assert "200 OK" in shown
    assert "&lt;b&gt;thanks&lt;/b&gt;" in shown
    assert "Test Candidate" in shown
    assert WebhookEvent.objects.get().message_id in shown
    assert hook.secret not in shown
    assert "v1," not in shown


def test_tests_are_limited(admin_client, hook, settings):
    settings.ACCOUNT_RATE_LIMITS = {"webhook_test": "2/m/user"}
    codes = [admin_client.post(page_of(hook, "test")).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    assert Delivery.objects.count() == 2


def test_the_log_shows_attempts_and_what_comes_next(admin_client, hook, customer, delivery):
    customer.answers["/"] = (503, {"Retry-After": "300"}, b"<h1>503</h1>")
    sweep()
    shown = html(admin_client.get(page_of(hook)))
    for words in (
        "503 Service Unavailable",
        "retry-after: 300",
        "Next attempt, 2 of 10",
        "Failing",
    ):
        assert words in shown, words
    admin_client.post(page_of(hook, "stop", delivery.pk))
    assert "Stopped" in html(admin_client.get(page_of(hook)))
    customer.answers["/"] = (200, {}, b"")
    admin_client.post(page_of(hook, "resend", delivery.pk))
    Endpoint.objects.update(throttled_until=None)
    sweep()
    shown = html(admin_client.get(page_of(hook)))
    assert "2 attempts" in shown
    assert "Working" in shown


def test_all_since_a_moment_go_again(admin_client, hook, customer, delivery):
    sweep()
    page = page_of(hook, "resend-since")
    since = timezone.localtime() - timedelta(hours=1)
    data = {"since": since.strftime("%Y-%m-%dT%H:%M"), "what": "all"}
    response = admin_client.post(page, data, follow=True)
    assert "1 message is on its way again" in html(response)
    sweep()
    assert len(customer.ids()) == 2
    response = admin_client.post(page, data | {"what": "failed"}, follow=True)
    assert "0 messages are on their way again" in html(response)


@pytest.mark.parametrize(
    "data",
    [{}, {"since": "yesterday", "what": "all"}, {"since": "2020-01-01T00:00", "what": "all"},
     {"since": "2999-01-01T00:00", "what": "all"}, {"since": "0000-00-00T00:00", "what": "all"}],
)  # fmt: skip
def test_what_is_no_moment_is_refused(admin_client, hook, delivery, data):
    response = admin_client.post(page_of(hook, "resend-since"), data)
    assert response.status_code == 400
    assert "since" in response.context["form"].errors


def test_the_log_is_narrowed_and_read_page_by_page(
    admin_client, admin, hook, subtype, customer, django_assert_max_num_queries
):
    for _ in range(30):
        add(admin, subtype)
    Delivery.objects.filter(pk=Delivery.objects.last().pk).update(state="failed")
    page = page_of(hook)
    with django_assert_max_num_queries(12):
        shown = html(admin_client.get(page))
    assert shown.count('class="delivery"') == 25
    older = re.search(r'href="([^"]+)" rel="next"', shown)[1].replace("&amp;", "&")
    assert html(admin_client.get(older)).count('class="delivery"') == 5
    assert html(admin_client.get(f"{page}?result=failed")).count('class="delivery"') == 1
    assert "Nothing like that" in html(admin_client.get(f"{page}?event=report.ready"))
    assert html(admin_client.get(f"{page}?result=nonsense")).count('class="delivery"') == 25
    assert admin_client.get(f"{page}?after=x").status_code == 400


def test_the_list_costs_as_much_for_one_endpoint_as_for_ten(
    admin_client, acme, hook, delivery, django_assert_max_num_queries
):
    for _ in range(9):
        make_endpoint(acme)
    with django_assert_max_num_queries(6):
        shown = html(admin_client.get(LIST))
    assert shown.count("Switch off") >= 10


def test_where_we_call_from_is_shown_if_the_operator_says_so(admin_client, hook, settings):
    assert "We call from" not in html(admin_client.get(LIST))
    settings.WEBHOOK_SOURCES = ["203.0.113.64/29"]
    assert "203.0.113.64/29" in html(admin_client.get(LIST))


def test_the_verifiers_are_shown(admin_client):
    shown = html(admin_client.get(f"{LIST}verify/"))
    assert "def verify(secret, headers, body" in shown
    assert "export function verify(secret, headers, body" in shown


def test_markup_in_what_was_entered_is_shown_and_not_run(admin_client, hook, delivery):
    Endpoint.objects.update(url="https://x.test/<script>", description="<script>alert(1)</script>")
    for address in (LIST, *(page_of(hook, name) for name in PAGES)):
        assert "<script>" not in html(admin_client.get(address)), address


def test_the_median_is_of_the_answers_of_24_hours(admin_client, hook, customer):
    assert "Median" not in html(admin_client.get(page_of(hook)))
    for _ in range(4):
        admin_client.post(page_of(hook, "test"))
    sweep()
    now, day = timezone.now(), timedelta(days=1)
    for attempt, took in zip(Attempt.objects.order_by("pk"), (100, 140, 90_000, 7), strict=True):
        Attempt.objects.filter(pk=attempt.pk).update(milliseconds=took)
    assert "120 ms" in html(admin_client.get(page_of(hook)))
    slow = Attempt.objects.get(milliseconds=90_000)
    Attempt.objects.filter(pk=slow.pk).update(status=None, error="timeout")
    assert median_of(hook) == 100
    Attempt.objects.filter(pk=slow.pk).update(status=200, at=now - day)
    assert median_of(hook) == 100
    Delivery.objects.update(finished_at=now - day)
    assert median_of(hook) is None


def test_the_median_of_another_endpoint_is_its_own(hook, acme, delivery):
    sweep()
    assert median_of(hook) is not None
    assert median_of(make_endpoint(acme)) is None


def test_the_tabs_say_how_many_need_attention(admin_client, admin):
    connection = make_connection(admin)
    ImportedRecord.objects.create(
        connection=connection, external_id="1", state="attention", reason="phone"
    )
    assert 'Needs attention <span class="muted">1</span>' in html(admin_client.get(LIST))


def test_a_failing_endpoint_says_since_when_and_what_it_answers(admin_client, hook, customer):
    Endpoint.objects.update(failing_since=timezone.now(), last_failure="503")
    assert "503 since" in html(admin_client.get(LIST))
    Endpoint.objects.update(last_failure="timeout")
    assert "No answer within 15 s since" in html(admin_client.get(LIST))
