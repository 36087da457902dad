"""A host under `mypy --strict` uses the public API, as installed, without one error."""

import re

import pytest

from tests.hosts.hosts import ROOT, run

LOCKED = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
TOOLS = tuple(
    re.search(rf"^{name}==[\w.]+", LOCKED, re.MULTILINE)[0]
    for name in ("mypy", "django-stubs", "djangorestframework-stubs")
)


def checked(folder, *arguments):
    return run(
        "typed", "-m", "mypy", "--config-file", "typed/mypy.ini", *(arguments or ("typed",)),
        requirements=TOOLS, folder=folder, PYTHONWARNINGS="",
    )  # fmt: skip


def test_a_strict_host_has_no_error(tmp_path):
    said = checked(tmp_path)
    print(f"\n{said.strip()}")
    assert re.fullmatch(r"Success: no issues found in \d+ source files\n", said)


WRONG = """
from apitokens.attribution import actor_of, label_of
from apitokens.models import APIToken
from apitokens.policy import TokenPolicy
from apitokens.services import issue_token
from apitokens.testing import make_token

issue_token(owner=1, user=1, name=1, lifetime=None)  # wrong
make_token(person=1)  # wrong
label_of(1, "a token")  # wrong
actor_of()  # wrong
APIToken.objects.for_owner(1).living()  # wrong

class Policy(TokenPolicy):
    def max_tokens(self, owner: object) -> str:  # wrong
        return "9"
"""


def test_a_strict_host_is_told_of_its_mistakes(tmp_path):
    """The types are there to be checked against, not all Any."""
    with pytest.raises(AssertionError) as told:
        checked(tmp_path, "-c", WRONG)
    found = re.findall(r"^<string>:(\d+): error", str(told.value), re.MULTILINE)
    wrong = [str(n) for n, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")]
    assert found == wrong
    assert len(wrong) == 6
