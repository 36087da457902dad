"""Domain whitelist: who stands inside, who is out, and what an Admin can't do to themselves."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.security.domains import DomainInvalid, canonical_domain, domain_of
from accounts.security.models import SecurityEvent, SecurityPolicy
from accounts.security.services import email_allowed
from tests.accounts.security.conftest import listed
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/security-settings/domain-whitelist/"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("acme.test", "acme.test"), (" ACME.Test. ", "acme.test"), ("a-b.co.in", "a-b.co.in"),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"), ("ａｃｍｅ.test", "acme.test"),
        ("acme。test", "acme.test"), ("उदाहरण.भारत", "xn--p1b6ci4b4b3a.xn--h2brj9c"),
    ],
)  # fmt: skip
def test_a_domain_has_one_spelling(text, name):
    assert canonical_domain(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "acme", "acme,co.in", "@acme.test", "a@acme.test", "acme..test",
        ".acme.test",
        "acme .test", "acme.test/x", "acme.test:80", "-a.test", "a-.test", "a_b.test", "*.test",
        "127.0.0.1", "[::1]", "x" * 64 + ".test", "x." * 130 + "test", "a\x00.test", "\ud800.test",
        "xn--\u00fc.test", "xn--zzzzzz.test", "ac\u202eme.test", "a" * 100_000, "👍.x" * 90,
    ],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text):
    with pytest.raises(DomainInvalid):
        canonical_domain(text)


@pytest.mark.parametrize(
    ("email", "inside"),
    [
        ("a@acme.test", True), ("A@ACME.TEST", True), ("a@acme.test.", True),
        ("a@evil-acme.test", False), ("a@acme.test.evil.example", False), ("a@hr.acme.test", False),
        ("a@test", False), ("a@acme", False), ("acme.test", False),
        ("acme.test@evil.example", False),
        ("a@acme.test@evil.example", False), ("a@аcme.test", False), ("", False), ("@", False),
        ("a@bücher.example", True), ("a@xn--bcher-kva.example", True), ("a@bucher.example", False),
    ],
)  # fmt: skip
def test_only_the_listed_domain_itself_counts(acme, rules, email, inside):
    rules(only_domains=True, domains=listed("acme.test", "xn--bcher-kva.example"))
    acme.refresh_from_db()
    assert email_allowed(acme, email) is inside


def test_without_the_switch_anybody_may_be_invited(acme, rules):
    assert email_allowed(acme, "a@evil.example")
    rules(only_domains=False, domains=listed("acme.test"))
    acme.refresh_from_db()
    assert email_allowed(acme, "a@evil.example")


def test_who_is_outside_can_not_log_in_and_is_told_why_only_with_the_right_password(rules, hr):
    User.objects.filter(pk=hr.pk).update(email="hr@vendor.test")
    rules(only_domains=True, domains=listed("acme.test"))
    client = Client()
    assert log_in(client, "hr@vendor.test")["Location"] == "/login/"
    assert "own domains only" in client.get("/login/").content.decode()
    assert "_auth_user_id" not in client.session
    wrong = log_in(client, "hr@vendor.test", "wrong")
    assert "own domains only" not in wrong.content.decode()
    reasons = SecurityEvent.objects.filter(kind="refused", subject_id=str(hr.pk)).order_by("pk")
    assert [event.data["reason"] for event in reasons] == ["domain", "password"]


def test_the_next_request_of_an_open_session_is_out_and_says_why(admin_client, acme, admin):
    vendor = UserFactory(company=acme, email="meghna@vendor.test", access_level="hr")
    client = signed_in(vendor)
    assert client.get("/candidates/").status_code == 200
    admin_client.post(PAGE, {"add": "yes", "domain": "acme.test"})
    assert client.get("/candidates/").status_code == 200
    admin_client.post(PAGE, {"on": "on"})
    response = client.get("/candidates/?q=x", follow=True)
    assert response.redirect_chain == [("/login/?ended=domain&next=/candidates/%3Fq%3Dx", 302)]
    assert "Your company lets people sign in with addresses of its own" in response.content.decode()
    assert admin_client.get("/candidates/").status_code == 200
    ended = SecurityEvent.objects.get(kind="ended")
    assert (ended.subject_label, ended.data) == ("meghna@vendor.test", {"reason": "domain"})


def test_an_admin_can_not_exclude_themselves(admin_client, acme):
    page = admin_client.post(PAGE, {"on": "on"})
    assert page.status_code == 400
    assert "Nothing is changed" in page.content.decode()
    admin_client.post(PAGE, {"add": "yes", "domain": "acme.test"})
    admin_client.post(PAGE, {"add": "yes", "domain": "acme.example"})
    assert admin_client.post(PAGE, {"on": "on"}).status_code == 302
    assert admin_client.post(PAGE, {"remove": "acme.test"}).status_code == 400
    assert admin_client.post(PAGE, {"remove": "acme.example"}).status_code == 302
    policy = SecurityPolicy.objects.get(company=acme)
    assert (policy.only_domains, policy.domain_names) == (True, ["acme.test"])


def test_every_change_is_in_the_history_from_and_to_and_the_same_again_is_not(admin_client, admin):
    for data in (
        {"add": "yes", "domain": "ACME.test"}, {"add": "yes", "domain": "acme.test."},
        {"add": "yes", "domain": "acme.example"}, {"on": "on"}, {"on": "on"},
        {"remove": "acme.example"}, {"remove": "nobody.example"},
    ):  # fmt: skip
        assert admin_client.post(PAGE, data).status_code == 302
    events = SecurityEvent.objects.filter(kind="domains").order_by("pk")
    assert [(event.data["before"], event.data["after"]) for event in events] == [
        ([], ["acme.test"]),
        (["acme.test"], ["acme.test", "acme.example"]),
        ({"on": False}, {"on": True}),
        (["acme.test", "acme.example"], ["acme.test"]),
    ]
    assert {(event.actor_id, event.address) for event in events} == {(str(admin.pk), "127.0.0.1")}


@pytest.mark.parametrize(
    "text", ["", "acme,co.in", "a@acme.test", "x" * 400, "a\x00.test", "\ud800.a"]
)
def test_a_poor_domain_is_told_and_nothing_is_written(admin_client, acme, text):
    response = admin_client.post(PAGE, {"add": "yes", "domain": text.encode("utf-8", "replace")})
    assert response.status_code == 400
    assert response.context["adding"].errors["domain"]
    assert not SecurityPolicy.objects.exists()
    assert not SecurityEvent.objects.filter(kind="domains").exists()


def test_the_list_ends_at_a_hundred(admin_client, rules):
    rules(domains=listed(*[f"d{n}.test" for n in range(100)]))
    response = admin_client.post(PAGE, {"add": "yes", "domain": "one-more.test"})
    assert "100 domains at most" in response.content.decode()


def test_the_page_says_who_would_be_out_and_escapes_what_people_chose(
    admin_client, acme, rules, admin
):
    UserFactory(company=acme, email="meghna@vendor.test", access_level="hr")
    User.objects.filter(pk=admin.pk).update(name="<script>alert(1)</script>")
    admin_client.post(PAGE, {"add": "yes", "domain": "acme.test"})
    page = admin_client.get(PAGE).content.decode()
    assert "1 person is outside these domains." in page
    assert "meghna@vendor.test" in page
    assert "<script>alert" not in page


def test_domain_of_reads_what_stands_after_the_last_at():
    assert domain_of('"a@b"@acme.test') == "acme.test"
