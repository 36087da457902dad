"""Every page of the log-in is one of the portal's own, and no other of allauth's is reachable."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.template.loader import get_template
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.signin.methods import method_of
from accounts.signin.second_factor import app_secret
from accounts.signin.urls import urlpatterns
from tests.accounts.test_log_in import log_in
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

NAMES = sorted({pattern.name for pattern in urlpatterns})
ARGUMENTS = {
    "account_confirm_email": ["key"],
    "account_reset_password_from_key": ["1", "key"],
    "openid_connect_login": ["google"],
    "openid_connect_callback": ["google"],
    "sso_start": ["acme"],
    "sso_callback": ["acme"],
    "mfa_edit_webauthn": [1],
    "mfa_remove_webauthn": [1],
}
NOT_OURS = [
    "account_email", "account_inactive", "account_set_password", "account_request_login_code",
    "account_confirm_login_code", "account_signup_by_passkey", "mfa_signup_webauthn", "mfa_trust",
    "socialaccount_connections", "socialaccount_signup", "google_login", "microsoft_login",
    "google_login_by_token",
]  # fmt: skip
HREF = re.compile(r'(?:href|action|src)="([^"]+)"')


def address(name):
    return reverse(name, args=ARGUMENTS.get(name, []))


def is_ours(response):
    page = response.content.decode()
    return "shell.css" in page and "· SV Portal</title>" in page and "<h1" in page


def between_the_steps(user):
    client = Client()
    log_in(client, user.email)
    return client


VISITORS = {
    "stranger": lambda user: Client(),
    "between the steps": between_the_steps,
    "signed in": signed_in,
}


@pytest.mark.parametrize("who", VISITORS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_is_the_portals_own_or_leads_to_one(admin, who, method):
    app_secret(admin)
    for name in NAMES:
        response = getattr(VISITORS[who](admin), method)(address(name))
        if response.status_code == 302:
            assert response["Location"].startswith("/"), name
        elif response.status_code != 405:
            text = response["Content-Type"].startswith("text/plain")
            assert response.status_code < 500, name
            assert text or is_ours(response), name


def test_strangers_are_led_to_the_log_in_from_whatever_is_somebodys(client):
    for name in NAMES:
        path = address(name)
        if path.startswith(("/account/", "/password/")) and "reset" not in path:
            chain = client.get(path, follow=True).redirect_chain
            assert chain[-1][0].partition("?")[0] == "/login/", name


@pytest.mark.parametrize("name", NOT_OURS)
def test_a_page_that_the_portal_does_not_have_has_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_nothing_else_of_allauth_is_mounted():
    def views(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield pattern

    ours = {id(pattern) for pattern in urlpatterns}
    theirs = [
        pattern
        for pattern in views(get_resolver().url_patterns)
        if pattern.lookup_str.startswith("allauth.") and id(pattern) not in ours
    ]
    assert [str(pattern.pattern) for pattern in theirs] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_signing_up_leads_to_the_log_in_and_makes_nobody(client, method, admin):
    data = {"email": "new@acme.test", "password1": "a brand new passphrase"}
    response = getattr(client, method)("/signup/", data)
    assert (response.status_code, response["Location"]) == (302, "/login/")
    assert type(admin).objects.count() == 1


USED = sorted(
    {
        path.relative_to("templates").as_posix()
        for folder in ("account", "mfa", "socialaccount", "usersessions")
        for path in Path("templates", folder).rglob("*.html")
    }
)


@pytest.mark.parametrize("name", USED)
def test_a_template_of_ours_stands_before_allauths(name):
    assert Path(get_template(name).template.origin.name).is_relative_to(Path("templates").resolve())


@pytest.mark.parametrize("name", USED)
def test_no_template_has_a_script_or_a_style_of_its_own(name):
    source = Path("templates", name).read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=", source)
    for script in re.findall(r"<script[^>]*>", source):
        assert 'src="' in script or 'type="application/json"' in script


def test_the_menu_leads_to_password_second_step_sessions_and_out(admin_client):
    page = admin_client.get("/").content.decode()
    for words in ("Change password", "Two-step verification", "Sessions", "Sign out"):
        assert words in page
    for path in ("/password/", "/account/two-step/", "/account/sessions/", "/logout/"):
        assert f'"{path}"' in page


def test_every_address_on_the_pages_of_the_account_answers(admin):
    app_secret(admin)
    client = signed_in(admin)
    pages = ["/password/", "/account/two-step/", "/account/sessions/", "/account/two-step/codes/"]
    for page in pages:
        for link in HREF.findall(client.get(page).content.decode()):
            if link.startswith("/") and not link.startswith("/static/"):
                assert client.get(link).status_code in (200, 302, 405), link


def test_the_staff_pages_show_no_secret_of_a_second_factor(admin, django_user_model):
    app_secret(admin)
    staff = django_user_model.objects.create_superuser("root@svportal.test", "x" * 20)
    client = signed_in(staff)
    key = Authenticator.objects.get(type="totp")
    page = client.get(f"/admin/mfa/authenticator/{key.pk}/change/")
    assert page.status_code == 200
    assert key.data["secret"] not in page.content.decode()
    assert client.get("/admin/mfa/authenticator/add/").status_code == 403
    client.post(f"/admin/mfa/authenticator/{key.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "path", ["account/emailaddress", "usersessions/usersession", "socialaccount/socialapp",
             "socialaccount/socialaccount", "socialaccount/socialtoken"],
)  # fmt: skip
def test_staff_have_no_pages_for_what_the_portal_keeps_by_itself(path, django_user_model):
    staff = django_user_model.objects.create_superuser("root@svportal.test", "x" * 20)
    assert signed_in(staff).get(f"/admin/{path}/").status_code == 404


@pytest.mark.parametrize(
    ("steps", "method"),
    [
        ([{"method": "password"}], "password"),
        ([{"method": "password"}, {"method": "mfa", "type": "totp"}], "password"),
        ([{"method": "mfa", "type": "webauthn", "passwordless": True}], "passkey"),
        ([{"method": "socialaccount", "provider": "google"}], "google"),
        ([{"method": "socialaccount", "provider": "acme-sso"}], "acme-sso"),
        ([{"method": "unknown"}], None),
        ([], None),
    ],
)
def test_a_session_says_by_which_method_it_began(steps, method):
    assert method_of(steps) == method
