"""`make docs`: not one warning, and a page that is read fetches nothing from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHING = {"src", "srcset", "poster", "data", "background"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site, and what mkdocs said while it built it."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return site, done


def test_the_docs_are_built_without_a_warning(built):
    _, done = built
    assert done.returncode == 0, done.stderr
    assert not re.findall(r"^(?:WARNING|ERROR).*", done.stderr, re.MULTILINE)


def test_every_page_of_docs_is_a_page_of_the_site(built):
    site, _ = built
    docs = ROOT / "docs"
    wanted = {page.relative_to(docs).with_suffix(".html") for page in docs.rglob("*.md")}
    assert wanted <= {page.relative_to(site) for page in site.rglob("*.html")}
    assert len(wanted) > 10


class Fetched(HTMLParser):
    """Addresses that a browser asks for by itself when it shows a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = FETCHING | ({"href"} if tag in ("link", "image", "use", "base") else set())
        self.found += [value for name, value in attrs if name in names and value]


def fetched(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s]+)""", text)
    if path.suffix == ".js":
        return re.findall(r"""(?:importScripts|fetch|import)\(\s*["']([^"']+)""", text)
    parser = Fetched()
    parser.feed(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    return parser.found


def test_a_page_that_is_read_fetches_nothing_from_elsewhere(built):
    site, _ = built
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".js")]
    asked = {(path.name, address) for path in files for address in fetched(path)}
    foreign = {(page, to) for page, to in asked if re.match(r"(?:[a-z]+:)?//", to, re.I)}
    assert not foreign
    assert len(asked) > 20
