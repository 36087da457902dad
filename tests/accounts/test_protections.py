"""What no other test would miss: each test here fails when one protection is taken away."""

import pytest
from django.test import Client
from django.utils.html import escape

from tests.accounts.test_log_in import EVIL, log_in
from tests.conftest import signed_in
from tests.factories import PASSWORD, CompanyFactory, UserFactory
from tests.test_deployment import manage

pytestmark = pytest.mark.django_db

YEAR = 31_536_000

PROBE = """
from django.conf import settings as s
print(s.CSRF_COOKIE_HTTPONLY, s.CSRF_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS, s.X_FRAME_OPTIONS,
      s.SECURE_REFERRER_POLICY, s.SECURE_PROXY_SSL_HEADER, "".join(s.SECURE_REDIRECT_EXEMPT))
"""


def test_in_production_nothing_of_it_is_weaker_than_written():
    shown = manage("shell", "-v", "0", "-c", PROBE).stdout.split()
    assert shown == [
        "True", "Lax", str(YEAR), "DENY", "same-origin", "None", "^healthz$^readyz$",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/login/", "/", "/nowhere", "/healthz", "/external/v1/me"])
def test_every_answer_carries_the_headers_that_browsers_obey(client, path):
    response = client.get(path)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    for directive in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in response["Content-Security-Policy"]


def test_no_script_reads_a_cookie_and_no_other_site_sends_one(client, admin):
    client.get("/login/")
    log_in(client, admin.email)
    assert set(client.cookies) == {"csrftoken", "sessionid"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("length", [255, 100_000])
def test_a_log_in_name_longer_than_any_address_is_not_looked_up(client, length):
    response = log_in(client, "x" * length)
    assert list(response.context["form"].errors) == ["login"]


@pytest.mark.parametrize("target", EVIL)
@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_signed_in_is_led_from_the_log_in_to_the_dashboard_only(
    admin_client, target, method
):
    response = getattr(admin_client, method)(f"/login/?next={target}")
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("target", EVIL)
def test_the_log_out_leads_nowhere_else(admin_client, target):
    response = admin_client.post("/logout/", {"next": target})
    assert (response.status_code, response["Location"]) == (302, "/login/")


@pytest.mark.parametrize("target", ["http://other.test/", "https://trusted.test/", "//other.test/"])
def test_next_leads_to_no_other_host_that_the_portal_answers_to(client, admin, settings, target):
    settings.ALLOWED_HOSTS = ["testserver", "other.test"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.test"]
    assert log_in(client, admin.email, next=target)["Location"] == "/"


def test_below_https_next_leads_to_no_plain_page(admin):
    answer = Client().post(
        "/login/",
        {"username": admin.email, "password": PASSWORD, "next": "http://testserver/candidates/"},
        secure=True,
    )
    assert answer["Location"] == "/"


def test_a_script_that_asks_gets_the_same_page_and_no_json(client, admin):
    script = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest", "HTTP_ACCEPT": "application/json"}
    person = {"username": admin.email, "password": "wrong"}
    assert client.post("/login/", person, **script)["Content-Type"].startswith("text/html")
    assert client.get("/login/passkey/", **script)["Content-Type"] == "application/json"


@pytest.mark.parametrize("new", ["83920174650", "qwertyuiop", "kX7q-2v"])
def test_a_password_fails_by_each_rule_alone(admin, admin_client, new):
    """Digits only, well known, too short."""
    response = admin_client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert len(response.context["form"].errors["new_password2"]) == 1
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


@pytest.mark.parametrize("path", ["/", "/candidates/", "/security-settings/api/", "/password/"])
def test_what_is_asked_without_a_session_is_answered_after_the_log_in_only(client, admin, path):
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={path}")


@pytest.mark.parametrize("change", ["disabled", "company suspended", "password changed"])
@pytest.mark.parametrize("path", ["/", "/security-settings/api/", "/candidates/add/"])
def test_a_session_dies_with_what_it_rests_on(change, path):
    person = UserFactory(company=CompanyFactory())
    client = signed_in(person)
    assert client.get(path).status_code == 200
    if change == "disabled":
        person.is_active = False
    elif change == "company suspended":
        person.company.is_active = False
        person.company.save()
    else:
        person.set_password("a brand new passphrase")
    person.save()
    assert client.get(path).status_code == 302
    assert client.post(path).status_code == 302


@pytest.mark.parametrize("change", ["disabled", "company suspended"])
def test_no_way_in_is_left_open_to_somebody_disabled(change):
    person = UserFactory(is_staff=True, is_superuser=True)
    if change == "disabled":
        person.is_active = False
        person.save()
    else:
        person.company.is_active = False
        person.company.save()
    client = Client()
    response = client.post("/login/", {"username": person.email, "password": PASSWORD})
    assert response.status_code == 200
    assert "sessionid" not in client.cookies


def test_staff_sign_in_where_everybody_does_and_nobody_else_gets_into_the_admin(client, admin):
    person = {"username": admin.email, "password": PASSWORD}
    response = client.post("/admin/login/?next=/admin/", person)
    assert (response.status_code, response["Location"]) == (302, "/login/?next=%2Fadmin%2F")
    assert signed_in(admin).get("/admin/login/?next=/admin/").status_code == 403


MARKUP = "\"'><script>alert(1)</script>"


def test_markup_in_the_log_in_form_is_escaped(client, db):
    pages = [
        client.get("/login/", {"next": f"/{MARKUP}"}),
        log_in(client, MARKUP, next=f"/{MARKUP}"),
    ]
    for page in (response.content.decode() for response in pages):
        assert "<script>alert" not in page
        assert "\"'>" not in page
        assert escape(MARKUP) in page
