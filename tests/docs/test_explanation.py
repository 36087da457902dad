"""What the explanations lean on is there: tests, and the peers as they were read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "explanation").glob("*.md"))
SHOWN_BY = sorted(
    {found for page in PAGES for found in re.findall(r"`(tests/[\w/.:]+)`", page.read_text())}
)


def test_the_threat_model_names_tests():
    assert len(SHOWN_BY) > 15


@pytest.mark.parametrize("name", SHOWN_BY)
def test_a_test_that_an_explanation_names_exists(name):
    path, _, function = name.partition("::")
    source = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {function or 'test_'}", source, re.MULTILINE), name


def test_every_threat_is_shown_by_a_test():
    page = (ROOT / "docs" / "explanation" / "threat-model.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    assert all("`tests/" in row for row in rows[1:])
    assert len(rows) > 10


def read_of(package):
    return (ROOT / "benchmarks" / "requirements.txt").read_text().partition(f"\n{package}==")[2]


@pytest.mark.parametrize(
    ("package", "told"),
    [("django-rest-knox", "django-rest-knox"),
     ("djangorestframework-api-key", "djangorestframework-api-key"),
     ("djangorestframework-simplejwt", "djangorestframework-simplejwt"),
     ("djangorestframework", "DRF")],
)  # fmt: skip
def test_the_comparison_is_with_the_versions_that_are_measured(package, told):
    """Lock newer ones, and it is time to read them again."""
    page = (ROOT / "docs" / "explanation" / "comparison.md").read_text(encoding="utf-8")
    locked = read_of(package).split(maxsplit=1)[0]
    assert f"{told} {locked}" in " ".join(page.split())
