"""The documentation as a reader has it: nothing fetched from elsewhere, nothing that axe finds."""

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["tutorial", "reference/settings", "explanation/comparison"]
NOT_OURS = {
    "region",  # the theme's footer stands in no landmark
    "scrollable-region-focusable",  # wide tables at 320 px: browsers focus what scrolls themselves
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(params=[1280, 320])
def page(request, browser):
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_and_can_be_read_by_everybody(site, page, name):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate("document.fonts.ready.then(() => true)")  # scripts have run, fonts are asked for
    assert [url for url in asked if not url.startswith("file:")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["id"] not in NOT_OURS] == []
