"""Wherever a host mounts and serves the pages: below a prefix, at another address, hashed files."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines
from django.test import Client
from django.urls import clear_script_prefix, include, path, set_script_prefix

from apitokens.api.views import MeView
from apitokens.attribution import Actor, attributed_to
from apitokens.models import APIToken
from tests.apitokens.ledger.models import Invoice
from tests.factories import make_token
from tests.servers import ROOT

pytestmark = pytest.mark.django_db
PREFIX = "/portal"
FORM = {"name": "Nightly backup", "kind": "never-ending", "request_id": "0" * 32}
STATIC = ROOT / "apitokens" / "static"

urlpatterns = [
    path("somewhere/else/keys/", include("apitokens.urls")),
    path("api/who", MeView.as_view(), name="apitokens-me"),
]


class Addresses(HTMLParser):
    """Every address in a page, whatever attribute it stands in."""

    HOLDERS = {"href", "src", "action", "data-at-list", "data-at-usage"}

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attributes):
        values = [value for name, value in attributes if name in self.HOLDERS and value]
        self.found += [value for value in values if not value.startswith("#")]


@pytest.fixture
def stock(settings):
    """A host without a shell of its own, and with no address but ours."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    settings.ROOT_URLCONF = __name__
    settings.APITOKENS_DOCS_URL = None
    settings.APITOKENS_HEADING_LEVEL = 1


class BelowPrefix(Client):
    """As a server that knows its prefix calls the project."""

    def generic(self, method, path, *args, **extra):
        assert path.startswith(f"{PREFIX}/"), path
        extra |= {"SCRIPT_NAME": PREFIX}
        return super().generic(method, path[len(PREFIX) :], *args, **extra)


@pytest.fixture
def below(stock, settings, admin):
    settings.STATIC_URL = "static/"
    client = BelowPrefix()
    client.force_login(admin)
    set_script_prefix(f"{PREFIX}/")
    yield client
    clear_script_prefix()


PAGES = ["", "generate/", "history/", "{id}/", "{id}/edit/", "{id}/rotate/", "{id}/limits/",
         "{id}/delete/"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_address_of_a_page_stands_below_the_prefix(below, token, page):
    url = f"{PREFIX}/somewhere/else/keys/{page.format(id=token.public_id)}"
    response = below.get(url)
    assert response.status_code == 200, response
    found = Addresses(response).found
    assert len(found) > 5
    assert not [a for a in found if not a.startswith((f"{PREFIX}/", "?"))]
    assert f"{PREFIX}/" in found  # back to the site
    assert f"{PREFIX}/somewhere/else/keys/" in found


def test_the_examples_of_a_new_token_and_the_waiting_for_its_use_are_right(below):
    page = below.post(f"{PREFIX}/somewhere/else/keys/generate/", FORM)
    html = page.content.decode()
    assert html.count(f"http://testserver{PREFIX}/api/who") == 3
    token = APIToken.objects.get()
    usage = f"{PREFIX}/somewhere/else/keys/{token.public_id}/usage/"
    assert f'data-at-usage="{usage}"' in html
    assert below.get(usage).json()["last_used_at"] is None


@pytest.mark.parametrize("act", ["suspend", "edit", "delete", "rotate", "copy", "limits"])
def test_every_redirect_stays_below_the_prefix(below, token, act):
    url = f"{PREFIX}/somewhere/else/keys/{token.public_id}/{act}/"
    form = {"name": "Lever", "confirm_name": token.name, "networks": "192.0.2.0/24",
            "scopes": token.scopes, "overlap": "0", "replaces": token.credential.pk}  # fmt: skip
    response = below.post(url, form)
    assert response.status_code in {200, 302}, response.content
    if response.status_code == 302:
        assert response["Location"].startswith(f"{PREFIX}/somewhere/else/keys/")


def test_nobody_signed_in_is_led_back_below_the_prefix(below, settings):
    settings.LOGIN_URL = "apitokens:list"  # any name
    below.logout()
    response = below.get(f"{PREFIX}/somewhere/else/keys/")
    assert response["Location"].startswith(f"{PREFIX}/somewhere/else/keys/?next={PREFIX}/")


def test_the_address_of_the_pages_is_the_hosts(stock, admin_client, token):
    html = admin_client.get("/somewhere/else/keys/").content.decode()
    assert f'href="/somewhere/else/keys/{token.public_id}/"' in html
    assert "security-settings" not in html


# Hashed files -------------------------------------------------------------------------------------
@pytest.fixture
def hashed(stock, settings, tmp_path):
    """The files collected as Django's own manifest storage does it, and nothing else's."""
    settings.STATICFILES_DIRS = []
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    others = ["drf_spectacular*", "rest_framework*", "admin*"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
    return tmp_path


HASHED = re.compile(r"/static/apitokens/[\w]+\.[0-9a-f]{12}\.\w+")


@pytest.mark.parametrize("act", ["look", "generate"])
def test_pages_name_the_hashed_files_and_these_are_there(hashed, admin_client, token, act):
    url = "/somewhere/else/keys/"
    page = admin_client.get(url) if act == "look" else admin_client.post(f"{url}generate/", FORM)
    files = {
        address.partition("#")[0] for address in Addresses(page).found if "/static/" in address
    }
    assert len(files) == 3  # style, script, icons
    for file in files:
        assert HASHED.fullmatch(file), file
        assert (hashed / file.removeprefix("/static/")).exists()


def test_every_file_of_ours_is_collected_under_its_hash(hashed):
    for file in (f for f in STATIC.rglob("*") if f.is_file()):
        name = file.relative_to(STATIC).as_posix()
        stored = staticfiles_storage.stored_name(name)
        assert stored != name
        assert (hashed / stored).read_bytes()[:50] == file.read_bytes()[:50]


def test_the_script_names_no_file_that_a_hash_would_miss():
    text = (STATIC / "apitokens" / "apitokens.js").read_text()
    assert not re.search(r"\.(svg|css|png)\b", text)
    assert "url(" not in (STATIC / "apitokens" / "apitokens.css").read_text()


def test_the_label_of_a_row_leads_below_the_prefix(below, settings, rf, acme, admin):
    settings.APITOKENS_POLICY = "tests.apitokens.test_attribution_shown.NeverAskedTwice"
    token, _jwt = make_token(owner=acme, user=admin, name="Sync")
    request = rf.get("/")
    request.user = admin
    template = engines["django"].from_string("{% load apitokens %}{% added_by row %}")
    html = template.render({"row": Invoice(**attributed_to(Actor(admin, token)))}, request)
    assert f'href="{PREFIX}/somewhere/else/keys/{token.public_id}/"' in html
