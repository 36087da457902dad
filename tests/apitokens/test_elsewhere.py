"""`apitokens` where a host keeps its rows in its own way: databases, routers, kinds of keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def walk(folder, **environment):
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.apitokens.elsewhere.settings",
        "FOLDER": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.apitokens.elsewhere.walk"],
        cwd=ROOT, env={**os.environ, **settings, **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("walked\n")


@pytest.mark.parametrize("arrangement", ["beside", "nothing-in-default", "late-replica"])
def test_a_tokens_whole_life_is_in_the_database_of_the_routers(arrangement, tmp_path):
    walk(tmp_path, ARRANGEMENT=arrangement)


@pytest.mark.parametrize("kind", ["SmallAutoField", "AutoField", "BigAutoField"])
def test_the_hosts_kind_of_keys_changes_no_table_of_ours(kind, tmp_path):
    walk(tmp_path, KEYS=f"django.db.models.{kind}")
