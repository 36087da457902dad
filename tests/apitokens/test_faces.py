"""Every template, block and colour can be replaced, and docs/howto/restyle.md names each."""

import re

import pytest
from django.template import engines
from django.template.loader import render_to_string

from apitokens.attribution import Actor, attributed_to
from apitokens.old_secrets import AUTHTOKEN
from apitokens.services import rotate_token, suspend_token
from tests.apitokens.ledger.models import Invoice
from tests.apitokens.old import imported
from tests.apitokens.test_attribution_shown import NeverAskedTwice
from tests.apitokens.test_translations import OVERLAP
from tests.factories import make_token
from tests.servers import ROOT

TEMPLATES = ROOT / "apitokens" / "templates" / "apitokens"
STYLE = ROOT / "apitokens" / "static" / "apitokens" / "apitokens.css"
PAGE = (ROOT / "docs" / "howto" / "restyle.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"\{% block (\w+) ")
MARK = "a face of the host"

BLOCKS = {
    path.name: sorted(found)
    for path in TEMPLATES.glob("*.html")
    if (found := set(BLOCK.findall(path.read_text())))
}
PARTS = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*.*")
    if path.name not in BLOCKS
)
URL = "/security-settings/api/"
WHERE = {
    "list.html": "", "generate.html": "generate/", "history.html": "history/",
    "detail.html": "{}/", "rename.html": "{}/edit/", "rotate.html": "{}/rotate/",
    "limits.html": "{}/limits/", "delete.html": "{}/delete/", "reveal.html": None,
}  # fmt: skip
"""The page that shows each template; None: the answer to a POST."""
FORM = {"name": "Nightly backup", "kind": "never-ending", "request_id": "0" * 32}


def test_the_page_names_each_block():
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert {name: sorted(re.findall(r"`(\w+)`", cell)) for name, cell in rows} == BLOCKS


def test_the_page_names_each_part():
    told = re.findall(r"`((?:mail/)?[\w]+\.(?:html|txt))`", PAGE.split("parts of a page")[1])
    assert sorted(told) == PARTS


def test_the_page_names_each_property():
    own = STYLE.read_text().split("@media")[0]
    named = PAGE.split("## The colours")[1].split("\n`--at-page`", 1)[1]
    told = {"--at-page", *re.findall(r"`(--at-[\w-]+)`", named)}
    assert told == set(re.findall(r"(--at-[\w-]+):", own.split("/* Ground")[0]))


@pytest.fixture
def host(settings, tmp_path):
    """host(name, text): the host's template of that name."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    def write(name, text):
        path = tmp_path / "apitokens" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


@pytest.fixture
def shown(admin_client, token):
    """shown(template) → the page that it makes."""

    def shown(template):
        where = WHERE[template]
        if where is None:
            response = admin_client.post(f"{URL}generate/", FORM)
        else:
            response = admin_client.get(URL + where.format(token.public_id))
        assert response.status_code == 200
        return response.content.decode()

    return shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("template", "block"), [(name, block) for name in BLOCKS for block in BLOCKS[name]]
)
def test_a_host_replaces_one_block(host, shown, template, block):
    """What is a frame to all pages is replaced in one of them."""
    page = "list.html" if template in {"base.html", "_page.html"} else template
    text = f'{{% extends "apitokens/{page}" %}}{{% block {block} %}}{MARK}{{% endblock %}}'
    host(page, text)
    assert MARK in shown(page)


@pytest.fixture
def zoo(acme, admin, token):
    """What makes every part show: filters, an overlap, one suspended, an old secret."""
    rotate_token(token=token, overlap=OVERLAP, actor=admin)
    for n in range(6):
        make_token(owner=acme, user=admin, name=f"Token {n}", networks=["192.0.2.0/24"])
    suspended = make_token(owner=acme, user=admin, name="Suspended")[0]
    suspend_token(token=suspended, actor=admin)
    imported(AUTHTOKEN, admin, name="Imported")
    return token


def everything(client, token):
    """All that the app renders, one after the other."""
    token.refresh_from_db()
    paths = ["", "?q=none", "generate/", "history/", *WHERE.values()]
    for path in dict.fromkeys(paths):
        if path is not None:
            yield client.get(URL + path.format(token.public_id)).content.decode()
    yield client.post(f"{URL}generate/", FORM).content.decode()
    yield client.post(f"{URL}{token.public_id}/suspend/", follow=True).content.decode()
    actor = Actor(token.user, token)
    template = engines["django"].from_string("{% load apitokens %}{% added_by row %}")
    yield template.render({"row": Invoice(**attributed_to(actor))})
    yield render_to_string("apitokens/_leaving.html", {"tokens": [token]})
    yield render_to_string("apitokens/mail/notice.html", {})
    yield render_to_string("apitokens/mail/notice.txt", {})


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_a_host_replaces_each_part(host, admin_client, zoo, part):
    host(part, MARK)
    assert any(MARK in text for text in everything(admin_client, zoo))


@pytest.mark.django_db
def test_without_a_host_nobody_shows_the_mark(host, admin_client, zoo):
    assert not any(MARK in text for text in everything(admin_client, zoo))


@pytest.mark.django_db
def test_scopes_and_what_the_policy_says_are_the_hosts(settings, host, admin_client, shown):
    settings.APITOKENS_POLICY = f"{__name__}.Robots"
    settings.APITOKENS_SCOPES = {"orders:write": "Put orders in"}
    html = shown("generate.html")
    assert "<code>orders:write</code>" in html
    assert "Put orders in" in html
    assert "A robot does what Acme Corp may do." in shown("list.html")


class Robots(NeverAskedTwice):
    def purpose(self, owner):
        return f"A robot does what {owner} may do."
