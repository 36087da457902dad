"""Every block of the tutorial and of each how-to is run: CONTRIBUTING.md, "Blocks that run"."""

import os
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.project import Project

DOCS = Path(__file__).resolve().parents[3] / "docs"
TUTORIAL = DOCS / "tutorial.md"
HOW_TOS = sorted((DOCS / "howto").glob("*.md"))


def run(page, home, start=None):
    """Play every block of *page*; the folder of the project as it is left."""
    blocks = blocks_of(page)
    if any(block.role == "nginx" for block in blocks) and not nginx():
        assert not os.environ.get("CI"), "CI installs nginx: no page goes unrun there"
        pytest.skip("nginx is not installed")
    with closing(Project(home, start)) as project:
        for block in blocks:
            project.play(block)
        project.finish()
    return project.folder


def nginx():
    """Debian keeps it where people's PATH doesn't lead."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


def begins_anew(page):
    """Whether the first block makes a project: then there is none yet."""
    return any("startproject" in block.text for block in blocks_of(page)[:1])


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory):
    return run(TUTORIAL, tmp_path_factory.mktemp("tutorial"))


def test_the_how_tos_are_found():
    assert {"tenants", "scopes", "rotate-keys", "leak-response", "behind-a-proxy"} <= {
        page.stem for page in HOW_TOS
    }


def test_the_tutorial_begins_with_the_readmes_five_minutes():
    """In the README's words, to the letter, so that one of them can't be right alone."""
    start = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition("\n## Use ")[2]
    readme = re.findall(r"^```\w+\n(.*?)^```", start.partition("\n## ")[0], re.S | re.M)
    tutorial = iter([block.text for block in blocks_of(TUTORIAL)])
    assert len(readme) >= 4
    assert all(block in tutorial for block in readme)  # an iterator: in this order


def test_the_tutorial_runs(tutorial):
    assert (tutorial / "manage.py").exists()


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_a_how_to_runs(page, tutorial, tmp_path):
    run(page, tmp_path / "home", None if begins_anew(page) else tutorial)
