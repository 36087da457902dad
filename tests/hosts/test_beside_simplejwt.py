"""A project that logs people in with simplejwt, whatever it sets there, beside tokens of ours."""

import pytest

from tests.hosts.hosts import run

HOSTILE = ["default", "algorithm", "headers", "another_header", "claims", "lifetimes"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_log_ins_and_tokens_stay_apart(hostile):
    assert run("signin", HOSTILE=hostile).endswith("walked\n")
