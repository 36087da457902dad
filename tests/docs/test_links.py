"""Whatever a page of ours points at is there: files, headings, pictures."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pages():
    """Every Markdown file of the repository, as git knows them or would take them."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(name for name in set(found.stdout.split()) if (ROOT / name).exists())


def prose(page):
    """The page without its code, in which brackets mean something else."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page):
    """As GitHub and mkdocs make them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_are_found():
    assert {"README.md", "CHANGELOG.md", "docs/index.md", "docs/tutorial.md"} <= set(pages())


@pytest.mark.parametrize("name", pages())
def test_links_lead_somewhere(name):
    page = ROOT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", pages())
def test_links_leave_the_docs_for_no_file_that_the_site_lacks(name):
    if not name.startswith("docs/"):
        return
    for link in re.findall(r"\]\(([^)#\s]+)", prose(ROOT / name)):
        if "://" not in link:
            target = (ROOT / name).parent / link
            assert target.resolve().is_relative_to(ROOT / "docs"), link
