"""Hindi and Arabic are whole, in step with the source, and what people see in them is theirs."""

import gettext
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import translation

from apitokens.services import rotate_token
from apitokens.templatetags.apitokens import minutes_ago
from tests.factories import make_token
from tests.servers import ROOT

APP = ROOT / "apitokens"
LANGUAGES = ["ar", "hi"]
IN_STEP = "run `make messages`, translate what is new, run it again"
NAMES = re.compile(r"%\(\w+\)s|%s|\{\w*\}")
TAGS = re.compile(r"<[^>]+>")
FORM = {"name": "Nightly", "kind": "short-lived", "lifetime": "600", "request_id": "0" * 32}


def catalogue(language, folder=APP):
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def needs(tool):
    if not shutil.which(tool):
        assert not os.environ.get("CI"), "CI installs gettext: no catalogue goes unchecked there"
        pytest.skip("gettext is not installed")


def tool(*command):
    needs(command[0])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def compiled(path):
    """(message, number of the plural form or None) → its translation, as Django reads a .mo."""
    with path.open("rb") as file:
        messages = gettext.GNUTranslations(file)._catalog
    single = {(key, None): text for key, text in messages.items() if key and key == str(key)}
    counted = {key: text for key, text in messages.items() if isinstance(key, tuple)}
    return single | counted


def messages(text):
    """A catalogue without its head, which says when it was made."""
    return text.split("\n\n", 1)[1]


# In step ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def anew(tmp_path_factory):
    """A copy of the app whose catalogues were made anew from its source."""
    needs("xgettext")
    copy = tmp_path_factory.mktemp("anew") / "apitokens"
    shutil.copytree(APP, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = Path.cwd()
    os.chdir(copy)
    try:
        call_command("makemessages", locale=LANGUAGES, no_location=True, no_wrap=True, verbosity=0)
    finally:
        os.chdir(before)
    return copy


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_source_stands_in_the_catalogue_and_none_besides(anew, language):
    made, kept = catalogue(language, anew).read_text(), catalogue(language).read_text()
    assert messages(made) == messages(kept), IN_STEP


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", ["untranslated", "only-fuzzy", "only-obsolete"])
def test_no_text_is_untranslated_guessed_or_left_over(language, fault):
    assert tool("msgattrib", f"--{fault}", str(catalogue(language))) == "", IN_STEP


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language, tmp_path):
    fresh = tmp_path / "django.mo"
    tool("msgfmt", "--check-format", "-o", str(fresh), str(catalogue(language)))
    assert compiled(catalogue(language).with_suffix(".mo")) == compiled(fresh), IN_STEP


# Right --------------------------------------------------------------------------------------------
@pytest.fixture(params=LANGUAGES)
def pairs(request):
    """(source, translation, plural form) of every text."""
    path = catalogue(request.param).with_suffix(".mo")
    return [(key.rpartition("\x04")[2], text, form) for (key, form), text in compiled(path).items()]


def test_names_in_a_text_are_those_of_its_source(pairs):
    for source, text, form in pairs:
        wanted, found = sorted(NAMES.findall(source)), sorted(NAMES.findall(text))
        if form is not None:  # "one token" needs no number, and English may lack it as well
            wanted = [name for name in wanted if name not in COUNTS]
            found = [name for name in found if name not in COUNTS]
        assert found == wanted, source


COUNTS = {"%(count)s", "%(counter)s", "{count}", "%(n)s"}


def test_markup_in_a_text_is_that_of_its_source(pairs):
    for source, text, _form in pairs:
        assert sorted(TAGS.findall(text)) == sorted(TAGS.findall(source)), source
        assert source.count("\n") == text.count("\n")


def theirs(language):
    """Folder of a catalogue → texts, of Django and of every other app that is installed."""
    folders = [
        Path(django.__file__).parent / "conf",
        *(Path(a.path) for a in apps.get_app_configs()),
    ]
    paths = [catalogue(language, folder).with_suffix(".mo") for folder in folders if folder != APP]
    return {path: compiled(path) for path in paths if path.exists()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_others_translate_otherwise_has_a_context(language):
    """Django merges all catalogues, and who stands first in INSTALLED_APPS wins."""
    ours = compiled(catalogue(language).with_suffix(".mo"))
    clashes = {
        key: (ours[key], text)
        for texts in theirs(language).values()
        for key, text in texts.items()
        if key in ours and text != ours[key] and key not in CLOSE_ENOUGH
    }
    assert clashes == {}


CLOSE_ENOUGH = {("name", None)}
"""With or without the article."""


def test_arabic_has_a_form_for_each_kind_of_number():
    with translation.override("ar"):
        told = [minutes_ago(count) for count in (1, 2, 3, 11, 100)]
    assert told == [
        "قبل دقيقة واحدة", "قبل دقيقتين", "قبل 3 دقائق", "قبل 11 دقيقة", "قبل 100 دقيقة",
    ]  # fmt: skip


# Seen ---------------------------------------------------------------------------------------------
@pytest.fixture
def stock(settings, admin):
    """The app's own shell, without a text that a host wrote."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    settings.APITOKENS_POLICY = "tests.apitokens.test_attribution_shown.NeverAskedTwice"
    settings.APITOKENS_SCOPES = {}
    settings.LOCALE_PATHS = []


@pytest.fixture
def token(acme, admin):
    token, _jwt = make_token(owner=acme, user=admin, name="Greenhouse sync")
    rotate_token(token=token, overlap=OVERLAP, actor=admin)
    return token


OVERLAP = timedelta(hours=1)
PAGES = ["", "generate/", "history/", "{id}/", "{id}/edit/", "{id}/rotate/", "{id}/limits/",
         "{id}/delete/", "?q=nothing", "history/?who=nobody"]  # fmt: skip
SENTENCES = [
    source
    for source, _form in compiled(catalogue("hi").with_suffix(".mo"))
    if len(source) > 12 and not NAMES.search(source) and "\x04" not in source
]


def english_in(html):
    """Texts of the source that were left as they are."""
    return [source for source in SENTENCES if f">{source}<" in html or f'"{source}"' in html]


def page(client, path, language, **form):
    url = f"/security-settings/api/{path}"
    with translation.override(language):
        return (client.post(url, form) if form else client.get(url)).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_its_language(stock, admin_client, token, path, language):
    html = page(admin_client, path.format(id=token.public_id), language)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert english_in(html) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_token_is_shown_in_the_language_and_read_from_the_left(stock, admin_client, language):
    html = page(admin_client, "generate/", language, **FORM)
    assert english_in(html) == []
    assert len(re.findall(r'<(?:pre|div class="at-jwt") dir="ltr"', html)) == 4


@pytest.mark.django_db
def test_english_is_seen_where_nothing_is_translated(stock, admin_client, token):
    assert english_in(page(admin_client, "", "en"))


# Replaced -----------------------------------------------------------------------------------------
def test_a_host_replaces_any_text_by_a_catalogue_of_its_own(
    stock, settings, admin_client, tmp_path
):
    own = tmp_path / "en" / "LC_MESSAGES"
    own.mkdir(parents=True)
    (own / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Generate token"\nmsgstr "Make a key"\n'
    )
    tool("msgfmt", "-o", str(own / "django.mo"), str(own / "django.po"))
    settings.LOCALE_PATHS = [str(tmp_path)]
    assert "Make a key" in page(admin_client, "generate/", "en")
