"""`apitokens` in other people's projects, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("host", ["plain", "team"])
def test_the_main_job_runs_in_another_project(host):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": f"tests.hosts.{host}.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.hosts.walk"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("walked\n")
