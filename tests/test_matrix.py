"""What the matrix runs is what the wheel claims."""

import re
import tomllib
from pathlib import Path

import pytest

import noxfile

ROOT = Path(noxfile.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name):
    """Package → version in tests/matrix/*name*."""
    text = (ROOT / "tests/matrix" / name).read_text()
    return {pin[0].lower(): pin[1] for pin in re.findall(r"^([\w-]+)==([\w.]+)", text, re.M)}


def claimed():
    """Package → lower bound in pyproject.toml."""
    return dict(requirement.lower().split(">=") for requirement in PROJECT["dependencies"])


def test_the_oldest_dependencies_that_are_tried_are_those_that_are_claimed():
    tried = pins("oldest.txt")
    assert {name: whole(version) for name, version in tried.items()} == {
        name: whole(version) for name, version in claimed().items()
    }
    assert set(claimed()) == {name.lower() for name in noxfile.CLAIMED}


def whole(version):
    """3.16 and 3.16.0 are one."""
    return re.sub(r"(\.0)+$", "", version)


def test_every_django_that_is_claimed_is_tried_on_each_python_that_it_runs_on():
    frameworks = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if "Django ::" in c}
    assert set(noxfile.DJANGOS) == frameworks
    assert noxfile.DJANGOS["5.2"][0] == PROJECT["requires-python"].removeprefix(">=")


def test_each_django_is_locked_at_its_own_series():
    for series in noxfile.DJANGOS:
        assert pins(f"{series}.txt")["django"].startswith(series + ".")


LEAST = noxfile.combinations({}, least=True)


def test_the_least_is_the_oldest_and_the_newest_on_every_database():
    ends = [("3.11", "5.2"), (noxfile.newest_python(), "6.1")]
    databases = ["sqlite", "postgresql", "mariadb"]
    wanted = [(*end, name) for end in ends for name in databases]
    assert [tuple(row[:3]) for row in LEAST] == [*wanted, ("3.11", "oldest", "sqlite")]


@pytest.mark.parametrize("missing", LEAST, ids=str)
def test_what_is_missing_of_the_least_fails(missing):
    found = {tuple(row[:3]): [*row[:3], "passed", 1] for row in LEAST}
    assert not noxfile.wrong(noxfile.combinations(found, least=True), least=True)
    del found[tuple(missing[:3])]
    assert noxfile.wrong(noxfile.combinations(found, least=True), least=True) == [missing]


def test_elsewhere_only_what_fails_does():
    failed = ["3.12", "6.0", "mariadb", "failed", 1]
    rows = noxfile.combinations({tuple(failed[:3]): failed}, least=False)
    assert noxfile.wrong(rows, least=False) == [failed]
    assert len(rows) == 27
