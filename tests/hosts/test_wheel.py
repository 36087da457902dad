"""The wheel holds the app, whole and alone, and installs by itself."""

import re
import shutil
import subprocess
import sys
import tarfile
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest

import apitokens
from tests.hosts.hosts import ROOT, call, make_environment, pip, wheel

SIZE = 250_000
"""Bytes: a bound, not the 150,000 that were wished for. docs/decisions.md says what they are."""

INFO = f"svportal_apitokens-{apitokens.__version__}.dist-info/"


@pytest.fixture(scope="module")
def names():
    with ZipFile(wheel()) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata():
    with ZipFile(wheel()) as archive:
        return message_from_bytes(archive.read(f"{INFO}METADATA"))


def tracked():
    """Files of the app as git knows them or would take them."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "apitokens"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in found.stdout.split() if (ROOT / name).exists()}


def test_the_wheel_holds_every_file_of_the_app_and_nothing_else(names):
    ours = {name for name in names if not name.startswith(INFO)}
    compiled = {name for name in ours if name.endswith(".mo")}
    sources = {name for name in tracked() if name.endswith(".po")}
    assert ours - compiled == tracked() - compiled - sources - {"apitokens/README.md"}
    assert {f"{name[:-3]}.mo" for name in sources} == compiled != set()


def test_the_wheel_has_a_sample_of_each_kind(names):
    assert names >= {
        "apitokens/py.typed",
        "apitokens/migrations/0001_initial.py",
        "apitokens/static/apitokens/apitokens.css",
        "apitokens/templates/apitokens/list.html",
        f"{INFO}licenses/LICENSE",
    }


def test_the_wheel_is_small():
    size = wheel().stat().st_size
    print(f"\nwheel: {size:,} bytes")
    assert size <= SIZE


def test_the_wheel_says_what_it_is_and_what_it_needs(metadata):
    assert metadata["Name"] == "svportal-apitokens"
    assert metadata["Version"] == apitokens.__version__
    needs = {re.match(r"[\w-]+", line)[0] for line in metadata.get_all("Requires-Dist")}
    assert needs == {
        "django", "djangorestframework", "djangorestframework-simplejwt", "pyjwt", "cryptography",
    }  # fmt: skip
    (extra,) = [line for line in metadata.get_all("Requires-Dist") if "cryptography" in line]
    assert extra.endswith("extra == 'eddsa'")
    assert metadata.get_payload() == (ROOT / "apitokens" / "README.md").read_text()


@pytest.fixture
def tree(tmp_path):
    """The parts of the repository that a build reads, to be changed at will."""
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "apitokens", tmp_path / "apitokens", ignore=ignored)
    return tmp_path


def build(tree: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tree / "out")]
    call([*command, *options, str(tree)], variables={})
    return tree / "out"


def test_translations_are_packed_compiled_even_where_git_ignores_them(tree):
    (tree / ".gitignore").write_text("*.mo\n*.pyc\n")
    messages = tree / "apitokens" / "locale" / "xx" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    for name in ("django.po", "django.mo", "djangojs.mo"):
        (messages / name).write_text("")
    (found,) = build(tree, "--wheel").glob("*.whl")
    with ZipFile(found) as archive:
        packed = {name for name in archive.namelist() if "/locale/xx/" in name}
    assert {Path(name).name for name in packed} == {"django.mo", "djangojs.mo"}


def test_the_source_archive_builds_the_same_wheel(tree):
    (archive,) = build(tree, "--sdist").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tree / "unpacked", filter="data")
    (found,) = build(next((tree / "unpacked").iterdir()), "--wheel").glob("*.whl")
    assert contents(found) == contents(wheel())


def contents(path):
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    """An empty environment, and then the wheel alone, as anybody installs it."""
    folder = tmp_path_factory.mktemp("empty")
    make_environment(folder)
    pip(folder / "bin" / "python", "install", str(wheel()))
    return folder / "bin" / "python"


def test_it_installs_into_an_empty_environment_with_what_it_needs(interpreter):
    installed = call([str(interpreter), "-m", "pip", "list", "--format=freeze"], variables={})
    names = {line.partition("=")[0].lower().replace("_", "-") for line in installed.split()}
    assert names - {"pip", "setuptools", "wheel"} == {
        "asgiref", "django", "djangorestframework", "djangorestframework-simplejwt", "pyjwt",
        "sqlparse", "svportal-apitokens",
    }  # fmt: skip
    call([str(interpreter), "-m", "pip", "check"], variables={})


def test_the_installed_package_knows_its_version(interpreter):
    code = "import apitokens, importlib.metadata as m; "
    code += "print(apitokens.__version__ == m.version('svportal-apitokens'))"
    assert call([str(interpreter), "-c", code], variables={}, cwd=interpreter.parent) == "True\n"
