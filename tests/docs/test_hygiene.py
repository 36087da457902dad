"""What maintainers and newcomers find at the top of the repository is there and holds."""

import re
from pathlib import Path

import pytest
import yaml

from tests.docs.test_links import pages

ROOT = Path(__file__).resolve().parents[2]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
LINES = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
RELEASE = re.compile(r"^## \[(?:Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)$", re.MULTILINE)


def targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", pages())
def test_what_a_page_tells_to_make_can_be_made(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    told = re.findall(r"`make ([a-z][a-z-]*)", text)
    told += re.findall(r"^make ([a-z][a-z-]*)", "".join(LINES.findall(text)), re.MULTILINE)
    assert set(told) <= targets()


@pytest.mark.parametrize("form", [f for f in FORMS if f.stem != "config"], ids=lambda f: f.stem)
def test_an_issue_form_is_one_as_github_reads_it(form):
    told = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= told.keys()
    asked = [part for part in told["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in asked}) == len(asked)
    assert all(part["attributes"]["label"] for part in asked)
    assert any(part.get("validations", {}).get("required") for part in asked)


def test_there_are_forms_for_a_bug_an_idea_and_the_docs_and_no_way_around_them():
    assert {form.stem for form in FORMS} == {"bug", "idea", "docs", "config"}
    assert yaml.safe_load(FORMS[1].read_text(encoding="utf-8")) == {"blank_issues_enabled": False}


def test_a_flaw_is_reported_in_private():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in text
    assert "SECURITY.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "@" not in text  # no mailbox that nobody reads


def test_every_release_in_the_changelog_has_a_date_and_security_first():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    assert len(RELEASE.findall(text)) == len(releases) >= 1
    for release in releases:
        kinds = re.findall(r"^### (\w+)$", release, re.MULTILINE)
        order = ["Security", "Added", "Changed", "Deprecated", "Removed", "Fixed"]
        assert kinds == [kind for kind in order if kind in kinds]
