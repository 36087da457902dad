"""`apitokens` in other people's projects: each walks its whole way, from the installed wheel."""

import json
import re

import pytest

from tests.hosts.hosts import HERE, ROOT, python, run


@pytest.mark.parametrize("host", ["plain", "team"])
def test_another_project_walks_the_whole_way(host):
    assert run(host).endswith("walked\n")


def test_a_project_with_the_extra_signs_with_ed25519():
    extra = ("svportal-apitokens[eddsa]",)
    assert run("plain", requirements=extra, ALGORITHM="EdDSA").endswith("walked\n")


def test_without_the_extra_it_is_told_which_one_is_missing():
    with pytest.raises(AssertionError, match="install the extra eddsa"):
        run("plain", ALGORITHM="EdDSA")


def test_the_migration_in_the_docs_is_the_one_that_a_host_ran():
    page = (ROOT / "docs" / "reference" / "attribution.md").read_text(encoding="utf-8")
    (shown,) = re.findall(
        r"^```python\n(from django\.conf .*?)^```", page, re.DOTALL | re.MULTILINE
    )
    ran = HERE / "plain" / "shelf" / "migrations" / "0002_attributed.py"
    assert shown == ran.read_text(encoding="utf-8")


def test_a_host_sees_the_wheel_and_nothing_of_the_repository():
    facts = "import apitokens, json, sys; print(json.dumps([apitokens.__file__, *sys.path]))"
    found, *path = json.loads(run("plain", "-c", facts))
    assert found.startswith(str(python().parents[1]))
    assert str(ROOT) not in path
    for name in ("svportal", "accounts", "candidates", "tests"):
        with pytest.raises(AssertionError, match="ModuleNotFoundError"):
            run("plain", "-c", f"import {name}")
